package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Folds returns the mean of a metric over folds of one table, one value each, and the confidence interval of that
// mean for other folds. Folds share training items, so their values are not independent and Student's interval is too
// short. ratio, the number of test items over that of training items, widens it (Nadeau and Bengio 2003, Inference
// for the Generalization Error, equation 9; 0 leaves it as it is):
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
		return Spread{}, fmt.Errorf("stats: the ratio of test to training items is %v: want a finite number of 0 or more",
			ratio)
	}
	n := float64(len(values))
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1 + s.Mean.Confidence) / 2)
	half := t * s.SD * math.Sqrt(1/n+ratio)
	s.Mean.Low, s.Mean.High = s.Mean.Value-half, s.Mean.Value+half
	return s, nil
}
