package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

const defaultConfidence = .95

// Interval is the value of a metric with its confidence interval for other items of the same kind.
type Interval struct {
	Value      float64 `json:"value"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"` // share of such intervals that contain the truth, such as .95

	// Method is "bca", "percentile", "delta", "queries", "subsamples", "wilson", "t" or "undefined".
	Method string `json:"method"`
}

// String returns the value and its interval, such as "0.794 [0.781, 0.806]".
func (i Interval) String() string { return fmt.Sprintf("%.3f [%.3f, %.3f]", i.Value, i.Low, i.High) }

// Holds returns whether the interval contains x.
func (i Interval) Holds(x float64) bool { return i.Low <= x && x <= i.High }

func checkConfidence(confidence float64) error {
	if !(confidence > 0 && confidence < 1) {
		return fmt.Errorf("confidence is %v: want a share between 0 and 1, both excluded, such as .95", confidence)
	}
	return nil
}

// z returns the two-sided quantile of the normal distribution: 1.96 for .95.
func z(confidence float64) float64 { return distuv.UnitNormal.Quantile((1 + confidence) / 2) }

// Wilson returns a share of n pairs (or the effective number n) with its score interval, which stays within [0, 1]
// and is useful at shares of 0 and 1 too (Wilson 1927). n is above 0 and confidence in (0, 1).
func Wilson(share, n, confidence float64) Interval {
	q := z(confidence)
	q2 := q * q
	middle := (share + q2/(2*n)) / (1 + q2/n)
	half := q / (1 + q2/n) * math.Sqrt(share*(1-share)/n+q2/(4*n*n))
	low, high := math.Max(0, math.Min(share, middle-half)), math.Min(1, math.Max(share, middle+half))
	return Interval{Value: share, Low: low, High: high, Confidence: confidence, Method: "wilson"}
}
