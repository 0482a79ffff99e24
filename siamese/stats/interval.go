package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// defaultConfidence is what a confidence of 0 means everywhere in this package.
const defaultConfidence = .95

// Interval is the value of a metric with its confidence interval for other items of the same kind. It need not be
// centred on the value.
type Interval struct {
	Value      float64 `json:"value"` // on the items themselves, not the middle of resamples
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Confidence float64 `json:"confidence"` // share of such intervals that contain the truth, such as .95

	// Method is how the interval was computed: "bca", "percentile" or "delta" (see [Method]), "queries" (from a sample
	// of queries), "subsamples", "wilson" (a share of independent pairs), "t" (of independent trainings) or "undefined"
	// (the whole range, because nothing can be said).
	Method string `json:"method"`
}

// String returns the value and its interval, such as "0.794 [0.781, 0.806]".
func (i Interval) String() string {
	return fmt.Sprintf("%s [%s, %s]", decimal.Fixed(i.Value, 3), decimal.Fixed(i.Low, 3), decimal.Fixed(i.High, 3))
}

// Holds returns whether the interval contains x, both ends included.
func (i Interval) Holds(x float64) bool { return i.Low <= x && x <= i.High }

// checkConfidence returns an error for a confidence outside (0, 1), such as 95. Callers have replaced 0 by the default.
func checkConfidence(confidence float64) error {
	if !(confidence > 0 && confidence < 1) {
		return fmt.Errorf("confidence is %v: want a share between 0 and 1, both excluded, such as .95", confidence)
	}
	return nil
}

// z returns the two-sided quantile of the normal distribution, Phi^-1((1 + confidence) / 2): 1.96 for .95.
func z(confidence float64) float64 { return distuv.UnitNormal.Quantile((1 + confidence) / 2) }

// Wilson returns a share p of n pairs (or of an effective number n, which need not be whole) with its score interval,
// which stays within [0, 1] and is useful at shares of 0 and 1 too (Wilson 1927). With q the normal quantile it is
//
//	(p + q^2/2n +- q sqrt(p(1-p)/n + q^2/4n^2)) / (1 + q^2/n)
//
// p is in [0, 1], n above 0 and confidence in (0, 1); none of them is checked.
func Wilson(share, n, confidence float64) Interval {
	q := z(confidence)
	q2 := q * q
	middle := (share + q2/(2*n)) / (1 + q2/n)
	half := q / (1 + q2/n) * math.Sqrt(share*(1-share)/n+q2/(4*n*n))
	// At shares of 0 and 1 rounding could put the share itself outside.
	low, high := math.Max(0, math.Min(share, middle-half)), math.Min(1, math.Max(share, middle+half))
	return Interval{Value: share, Low: low, High: high, Confidence: confidence, Method: "wilson"}
}

// kindUnits holds how many independent observations of each kind there are at most, positives first: of the items (or
// classes) that have such pairs and of these pairs, the fewer.
type kindUnits [2]int

// of returns how many a metric over pairs, an index of the registry, is about; those of retrieval are about positives.
func (k kindUnits) of(f int) int {
	switch {
	case f == falsePositives:
		return k[1]
	case f == falseNegatives, f >= numPairMetrics:
		return k[0]
	}
	return min(k[0], k[1])
}

// units returns the kindUnits of measured items by a unit.
func (m *measured) units(by Unit) kindUnits {
	sizes := make([]int, m.classes)
	for _, c := range m.class {
		sizes[c]++
	}
	var own, same int // items in classes of two or more, and their pairs
	shared := 0       // such classes
	for _, n := range sizes {
		if n > 1 {
			own, same, shared = own+n, same+n*(n-1)/2, shared+1
		}
	}
	if by == ByClass {
		return kindUnits{shared, min(m.classes, m.classes*(m.classes-1)/2)}
	}
	n := len(m.class)
	different := n * (n - 1) / 2
	for _, k := range sizes {
		different -= k * (k - 1) / 2
	}
	return kindUnits{min(own, same), min(n, different)}
}

// flat reports whether a metric with an interval of that method is at an end of its range and does not vary, as a rate
// of 0 does.
func (s sample) flat(i Interval, standardError float64) bool {
	return i.Method != "undefined" && standardError == 0 && (s.value == 0 || s.value == 1)
}

// atEnd returns the interval of a metric that is flat, from so many units: Wilson's of a share of them. That of
// resamples or influences has width 0, as if other items could not be otherwise.
func (s sample) atEnd(units int, confidence float64) Interval {
	if units < 1 {
		return Interval{Value: s.value, Low: s.low, High: s.high, Confidence: confidence, Method: "undefined"}
	}
	return Wilson(s.value, float64(units), confidence)
}

// differenceAtEnds returns the interval of the difference b - a of two metrics that are flat: where they are equal, no
// unit was seen that differs, and the share of those that do, either way, is at most the upper end of Wilson's interval.
func differenceAtEnds(a, b sample, units int, confidence float64) Interval {
	out := Interval{Value: b.value - a.value, Low: -1, High: 1, Confidence: confidence, Method: "undefined"}
	if units < 1 {
		return out
	}
	most := Wilson(0, float64(units), confidence).High
	out.Low, out.High = max(-1, out.Value-most), min(1, out.Value+most)
	out.Method = "wilson"
	return out
}
