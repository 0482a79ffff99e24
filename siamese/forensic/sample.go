package forensic

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/go-siamese/lab/siamese/internal/rising"
	"github.com/go-siamese/lab/siamese/stats"
)

// Sample is the LLRs of same and of different pairs, in order. It is not changed after it is made, so that several
// goroutines may use it.
type Sample struct {
	llr    []float64    // distinct, rising
	weight [2][]float64 // of different and of same pairs at each
	below  [2][]float64 // weight of different and of same pairs below each, and, last, of all

	// best is the sample with the LLRs that would have been best for it; nil for one that is the best already. Those from
	// edge[b] on, up to the next edge, become LLR b of it.
	best *Sample
	edge []float64
}

// New returns the sample of pairs with these LLRs, which may be infinite; same says which are the same, weights count
// (nil = 1 each; 0 leaves a pair out). Any scores will do for [Sample.Best], for which only their order counts. The error
// names the pair, counted from 0, whose LLR is NaN or whose weight is negative or not finite; lists of different lengths
// and pairs of one kind are errors too. It takes O(pairs) time.
func New(llr []float64, same []bool, weights []float64) (*Sample, error) {
	if len(same) != len(llr) || weights != nil && len(weights) != len(llr) {
		return nil, fmt.Errorf("forensic: %d LLRs, %d same, %d weights: want lists of equal length (or no weights)",
			len(llr), len(same), len(weights))
	}
	s := &Sample{}
	for _, k := range rising.Order(llr) {
		w := 1.0
		if weights != nil {
			w = weights[k]
		}
		if math.IsNaN(llr[k]) {
			return nil, fmt.Errorf("forensic: the LLR of pair %d is NaN", k)
		}
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("forensic: the weight of pair %d is %v: want a finite number of 0 or more", k, w)
		}
		if w == 0 {
			continue
		}
		if n := len(s.llr); n == 0 || s.llr[n-1] != llr[k] {
			s.add(llr[k], 0, 0)
		}
		s.weight[kind(same[k])][len(s.llr)-1] += w
	}
	s.sum()
	for _, all := range [2]float64{s.all(0), s.all(1)} {
		if all == 0 {
			return nil, errors.New("forensic: pairs of one kind only: both same and different ones are needed")
		}
		if math.IsInf(all, 0) {
			return nil, errors.New("forensic: the weights sum to more than a number can hold: scale them down")
		}
	}
	s.pool()
	return s, nil
}

// kind is the place of same and of different pairs in lists of both.
func kind(same bool) int {
	if same {
		return 1
	}
	return 0
}

// add appends an LLR with weights of different and of same pairs.
func (s *Sample) add(llr, different, same float64) {
	s.llr = append(s.llr, llr)
	s.weight[0], s.weight[1] = append(s.weight[0], different), append(s.weight[1], same)
}

// sum fills in the weights below each LLR.
func (s *Sample) sum() {
	for k, weights := range s.weight {
		s.below[k] = make([]float64, 1, len(weights)+1)
		for i, w := range weights {
			s.below[k] = append(s.below[k], s.below[k][i]+w)
		}
	}
}

// all returns the weight of all pairs of a kind.
func (s *Sample) all(kind int) float64 { return s.below[kind][len(s.llr)] }

// Rates returns the share of different pairs with an LLR of t or more, and of same pairs with less: the error rates of
// calling pairs same from t on.
func (s *Sample) Rates(t float64) (fpr, fnr float64) {
	at := sort.SearchFloat64s(s.llr, t)
	return 1 - s.below[0][at]/s.all(0), s.below[1][at] / s.all(1)
}

// pool finds the LLRs that would have been best: neighbours are pooled until the share of same pairs rises with the LLR
// (pool adjacent violators, Ayer et al. 1955), and each pool has the LLR of its own shares of both kinds, which is
// infinite where it has pairs of one kind only.
func (s *Sample) pool() {
	type pool struct{ from, different, same float64 }
	var pools []pool
	for i, from := range s.llr {
		p := pool{from, s.weight[0][i], s.weight[1][i]}
		for n := len(pools); n > 0; n-- {
			// The share of same pairs is not above that of the pool before, written without a division.
			last := pools[n-1]
			if p.same*(last.same+last.different) > last.same*(p.same+p.different) {
				break
			}
			p = pool{last.from, last.different + p.different, last.same + p.same}
			pools = pools[:n-1]
		}
		pools = append(pools, p)
	}
	s.best = &Sample{}
	for _, p := range pools {
		s.edge = append(s.edge, p.from)
		s.best.add(math.Log10(p.same/s.all(1))-math.Log10(p.different/s.all(0)), p.different, p.same)
	}
	s.best.sum()
}

// Best returns the sample with the LLRs that would have been best for these very pairs, in the order that they have:
// what calibration cannot mend is left. It flatters a little, since they were fitted to the pairs that they are judged
// on.
func (s *Sample) Best() *Sample {
	if s.best == nil {
		return s
	}
	return s.best
}

// bestOf returns the best LLR of a pair with this one, which is in the sample.
func (s *Sample) bestOf(llr float64) float64 {
	if s.best == nil {
		return llr
	}
	return s.best.llr[sort.Search(len(s.edge), func(b int) bool { return s.edge[b] > llr })-1]
}

// LLR returns the log10 likelihood ratio of a score by a valid calibration: the log odds of its probability less those
// of the prevalence that it was fitted at. It does not depend on c.Prevalence. It is infinite where an isotonic curve is
// at 0 or 1, and 0 for NaN.
func LLR(c *stats.Calibration, score float64) float64 {
	prior := math.Log(c.Fitted) - math.Log1p(-c.Fitted)
	if math.IsNaN(score) {
		return 0
	}
	if c.Method == stats.Platt {
		x := c.Offset
		if c.Slope > 0 { // 0 times an infinite score is NaN
			x += c.Slope * score
		}
		return (x - prior) / math.Ln10 // not from the probability, which is 1 from 37 on
	}
	fitted := *c
	fitted.Prevalence = c.Fitted
	p := fitted.Probability(score)
	return (math.Log(p) - math.Log1p(-p) - prior) / math.Ln10
}
