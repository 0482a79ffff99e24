package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Signs are the signs of some differences, such as one of every class.
type Signs struct {
	Above int     `json:"above"` // differences above 0
	Below int     `json:"below"`
	Ties  int     `json:"ties"` // those that are 0, which tell nothing
	Low   float64 `json:"low"`  // the least difference
	High  float64 `json:"high"` // the greatest
	P     float64 `json:"p"`    // two-sided p-value of as many above as below
}

// Clear returns whether the signs lean one way by more than chance would at a level such as .95, and which: 1, -1, or 0 for
// neither. Fewer than six differences never do at .95.
func (s Signs) Clear(level float64) int {
	switch {
	case s.P > 1-level:
		return 0
	case s.Above > s.Below:
		return 1
	}
	return -1
}

// SignTest returns the signs of differences that are independent of each other, with the exact p-value of the sign test
// (Dixon and Mood 1946): with n differences other than 0, twice the chance that n fair coins fall one way as often as the
// more frequent sign, at most 1. It asks nothing of how differences are spread, so that it holds for a handful of classes,
// where intervals do not. One that is not finite is an error.
func SignTest(differences []float64) (Signs, error) {
	s := Signs{P: 1}
	for i, d := range differences {
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return Signs{}, fmt.Errorf("stats: difference %d is %v: want finite numbers", i, d)
		}
		if i == 0 {
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
