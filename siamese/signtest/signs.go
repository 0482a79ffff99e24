// Package signtest counts the signs of differences, such as one of every class between two methods, and tests whether
// one sign is more frequent than chance explains. It is for a few independent differences, where no confidence interval
// holds; for many items use package stats. [Of] does all of it.
package signtest

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Signs counts the signs of differences, such as one of every class, with a test.
type Signs struct {
	Above int     `json:"above"` // differences above 0
	Below int     `json:"below"` // differences below 0
	Ties  int     `json:"ties"`  // differences of 0, which are ignored
	Low   float64 `json:"low"`   // the least difference; 0 without any
	High  float64 `json:"high"`  // the greatest; 0 without any
	P     float64 `json:"p"`     // two-sided p-value of equal chances of both signs
}

// Clear returns the sign (1 or -1) that is more frequent than chance explains at a confidence such as .95, or 0 if
// neither is. Fewer than six differences other than 0 are never clear at .95: five of one sign have P = 2/2^5 = .0625.
func (s Signs) Clear(confidence float64) int {
	switch {
	case s.P > 1-confidence:
		return 0
	case s.Above > s.Below:
		return 1
	}
	return -1
}

// Of counts the signs of independent differences, with the exact two-sided p-value of the sign test (Dixon and
// Mood 1946): for n differences other than 0, twice the probability that a fair coin thrown n times shows one side at
// least as often as the more frequent sign, at most 1. It assumes no distribution, so it holds for a few classes,
// where intervals do not. Without differences other than 0 it is 1. A difference that is not finite is an error, which
// names it, counted from 0.
func Of(differences []float64) (Signs, error) {
	s := Signs{P: 1}
	for i, d := range differences {
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return Signs{}, fmt.Errorf("signtest: difference %d is %v: want finite numbers", i, d)
		}
		if i == 0 { // else 0 would count as a difference
			s.Low, s.High = d, d
		}
		s.Low, s.High = min(s.Low, d), max(s.High, d)
		switch {
		case d > 0:
			s.Above++
		case d < 0:
			s.Below++
		default:
			s.Ties++
		}
	}
	if n := s.Above + s.Below; n > 0 {
		s.P = min(1, 2*distuv.Binomial{N: float64(n), P: .5}.CDF(float64(min(s.Above, s.Below))))
	}
	return s, nil
}

// String returns the counts with the p-value.
func (s Signs) String() string {
	return fmt.Sprintf("above in %d, below in %d, equal in %d; from %+.3g to %+.3g, sign test p %.2g", s.Above, s.Below,
		s.Ties, s.Low, s.High, s.P)
}
