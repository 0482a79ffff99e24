package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Folds returns the mean of a figure over folds of one table, one value each, and the interval of that mean at a level (0
// means .95) for other folds. Folds share training items, so that their values are not independent and Student's interval
// is too short. ratio, the items of a test over those that are trained on, widens it (Nadeau and Bengio 2003, Inference for
// the Generalization Error, equation 9; 0 leaves it as it is):
//
//	mean +- t x SD x sqrt(1/n + ratio)      t with n-1 degrees of freedom
//
// It is a rule that holds well in their simulations and no theorem: there is no unbiased estimate of the variance over folds
// (Bengio and Grandvalet 2004). Errors are those of [Seeds], and a ratio below 0 or not finite.
func Folds(values []float64, ratio, level float64) (Spread, error) {
	s, err := Seeds(values, level)
	if err != nil {
		return Spread{}, err
	}
	if !(ratio >= 0) || math.IsInf(ratio, 0) {
		return Spread{}, fmt.Errorf("stats: the ratio of test to training items is %v: want a finite number of 0 or more", ratio)
	}
	n := float64(len(values))
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1+s.Mean.Level)/2) * s.SD * math.Sqrt(1/n+ratio)
	s.Mean.Low, s.Mean.High = s.Mean.Value-half, s.Mean.Value+half
	return s, nil
}
