package stats

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Spread is the variation of a metric over several trainings: seeds, folds or splits. [Seeds] and [Folds] make it.
type Spread struct {
	Values []float64 `json:"values"`
	SD     float64   `json:"sd"`   // standard deviation of the values, with n-1
	Mean   Interval  `json:"mean"` // with Student's interval
}

// String returns the mean, its interval and the standard deviation, such as "0.794 [0.781, 0.806] (sd 0.010, n 5)".
func (s Spread) String() string {
	return fmt.Sprintf("%s (sd %.3f, n %d)", s.Mean, s.SD, len(s.Values))
}

// Seeds returns the mean of a metric over independent trainings, one value each, with Student's confidence interval
// of that mean: mean +- t x SD / sqrt(n), with n-1 degrees of freedom. It assumes a normal distribution over
// trainings, and does not cover the variation of items that all trainings share. confidence is in (0, 1); 0 means
// .95. Fewer than two values and a value that is not finite are errors. values is copied.
func Seeds(values []float64, confidence float64) (Spread, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if err := checkConfidence(confidence); err != nil {
		return Spread{}, fmt.Errorf("stats: %w", err)
	}
	if len(values) < 2 {
		return Spread{}, fmt.Errorf("stats: %d values: want those of two trainings or more", len(values))
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Spread{}, fmt.Errorf("stats: value %d is %v: want finite numbers", i, v)
		}
	}
	mean, sd := stat.MeanStdDev(values, nil)
	n := float64(len(values))
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1+confidence)/2) * sd / math.Sqrt(n)
	return Spread{
		Values: slices.Clone(values), SD: sd,
		Mean: Interval{Value: mean, Low: mean - half, High: mean + half, Confidence: confidence, Method: "t"},
	}, nil
}

// Folds returns the mean of a metric over folds of one table, one value each, and the confidence interval of that
// mean for other folds. Folds share training items, so their values are not independent and Student's interval is too
// short. ratio, the number of test items over that of training items, widens it (Nadeau and Bengio 2003, Inference
// for the Generalization Error, equation 9; a ratio of 0 is the interval of [Seeds]):
//
//	mean +- t x SD x sqrt(1/n + ratio)      t with n-1 degrees of freedom
//
// This rule holds well in their simulations but is no theorem: there is no unbiased estimate of the variance over
// folds (Bengio and Grandvalet 2004). confidence is in (0, 1); 0 means .95. Errors are those of [Seeds], and a ratio
// below 0 or not finite.
func Folds(values []float64, ratio, confidence float64) (Spread, error) {
	s, err := Seeds(values, confidence)
	if err != nil {
		return Spread{}, err
	}
	if !(ratio >= 0) || math.IsInf(ratio, 0) {
		return Spread{},
			fmt.Errorf("stats: the ratio of test to training items is %v: want a finite number of 0 or more",
				ratio)
	}
	n := float64(len(values))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + s.Mean.Confidence) / 2)
	half := t * s.SD * math.Sqrt(1/n+ratio)
	s.Mean.Low, s.Mean.High = s.Mean.Value-half, s.Mean.Value+half
	return s, nil
}
