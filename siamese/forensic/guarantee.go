package forensic

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// The error rates that a threshold can be guaranteed for.
const (
	FNR = "FNR" // share of same pairs below the threshold
	FPR = "FPR" // share of different pairs at or above it
	EER = "EER" // both, where they are equal
)

// Guarantee is a threshold whose error rate on other pairs is bounded. It is distribution-free: a split-conformal
// threshold with a binomial bound (Vovk 2012, Conditional validity of inductive conformal predictors).
//
// What is guaranteed: with probability Confidence, over the draw of the independent pairs that chose the threshold, the
// rate among other pairs of the unit is at most Most. It assumes that these pairs are drawn like those:
//
//   - by items: two items drawn like the validation items, of their classes, those of same pairs in proportion to their
//     items; of classes that were not among them, as new classes of a test are, nothing is said,
//   - by classes: two random items of another class, or of two other classes, every class counting the same;
//
// and that the similarity was not fitted to these items. A model whose epoch or settings were chosen on its validation
// items is fitted to them a little: take other items for a guarantee that is exact.
type Guarantee struct {
	Rate       string  `json:"rate"`       // FNR or FPR
	Unit       Unit    `json:"unit"`       // whom it holds for
	Most       float64 `json:"most"`       // the highest rate, in (0, 1)
	Confidence float64 `json:"confidence"` // in (0, 1)
	Pairs      int     `json:"pairs"`      // independent ones that chose
	Needed     int     `json:"needed"`     // fewest with which there is such a threshold
	// Threshold is that of the scores; nil where there are fewer pairs than needed.
	Threshold *float64 `json:"threshold,omitempty"`
	// Test is the rate of the threshold on test pairs; it is no part of the guarantee. nil where it was not measured.
	Test *float64 `json:"test,omitempty"`
}

// Guaranteed returns the threshold whose rate, [FNR] or [FPR], is at most most with this confidence, both in (0, 1),
// from the finite scores of independent pairs of the rate's kind: the highest for FNR, the lowest for FPR.
//
// Of n pairs the k-th lowest score is taken for FNR, with the largest k for which a binomial number of n and most is
// below k with probability 1 - confidence or less, and for FPR the number above the k-th highest. That holds too where
// each class has its own distribution and a fixed number of pairs (Hoeffding 1956).
func Guaranteed(rate string, scores []float64, unit Unit, most, confidence float64) Guarantee {
	out := Guarantee{Rate: rate, Unit: unit, Most: most, Confidence: confidence, Pairs: len(scores),
		Needed: int(math.Ceil(math.Log(1-confidence) / math.Log1p(-most)))}
	k := allowed(len(scores), most, 1-confidence)
	if k == 0 {
		return out
	}
	sorted := slices.Sorted(slices.Values(scores))
	at := sorted[k-1]
	if rate == FPR {
		at = math.Nextafter(sorted[len(sorted)-k], math.Inf(1))
	}
	out.Threshold = &at
	return out
}

// allowed returns the largest k, from 1 to n, for which a binomial number of n trials with chance p is below k with
// probability risk or less; 0 = there is none.
func allowed(n int, p, risk float64) int {
	low, high := 0, n+1 // allowed, not allowed
	for high-low > 1 {
		k := (low + high) / 2
		if below(k, n, p) <= risk {
			low = k
		} else {
			high = k
		}
	}
	return low
}

// below returns the probability that a binomial number of n trials with chance p is below k, from 1 to n.
func below(k, n int, p float64) float64 { return mathext.RegIncBeta(float64(n-k+1), float64(k), 1-p) }

// String returns the guarantee in a sentence.
func (g Guarantee) String() string {
	whom := "items are drawn like the validation items"
	if g.Unit == Classes {
		whom = "classes are drawn like the validation classes"
	}
	what := fmt.Sprintf("%s at most %g with %g %% confidence, where %s", g.Rate, g.Most, 100*g.Confidence, whom)
	if g.Threshold == nil {
		return fmt.Sprintf("%s: needs %d independent pairs, there are %d", what, g.Needed, g.Pairs)
	}
	return fmt.Sprintf("%s: threshold %.3f", what, *g.Threshold)
}
