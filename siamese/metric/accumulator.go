package metric

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// accumulator collects scored pairs and returns exact metrics over them. The zero value is ready to use. It takes 24
// bytes a pair; for all pairs of an embedding matrix, AllPairs needs far less. It is for one goroutine.
type accumulator struct {
	pairs []scored
	next  int // number of pairs seen, for errors
}

// scored is a pair with its score and a weight above 0.
type scored struct {
	score, weight float64
	same          bool
}

// add takes one pair: its score (a similarity: higher is closer), whether it is positive, and its weight (1 for a
// plain count; 0 leaves it out). The error names the pair, counted from 0, whose score is not finite or whose weight
// is negative or not finite; the pair is then not taken.
func (a *accumulator) add(score float64, same bool, weight float64) error {
	i := a.next
	a.next++
	if math.IsNaN(score) || math.IsInf(score, 0) {
		return fmt.Errorf("metric: the score of pair %d is %v: want a finite similarity", i, score)
	}
	if !(weight >= 0) || math.IsInf(weight, 0) {
		return fmt.Errorf("metric: the weight of pair %d is %v: want a finite number of 0 or more", i, weight)
	}
	if weight > 0 {
		a.pairs = append(a.pairs, scored{score, weight, same})
	}
	return nil
}

// verification returns the metrics over all pairs added so far; more may be added afterwards. It sorts the pairs, in
// O(pairs log pairs) time. The error is that of opt.Validate.
func (a *accumulator) verification(opt VerificationOptions) (Verification, error) {
	if err := opt.Validate(); err != nil {
		return Verification{}, err
	}
	opt = opt.withDefaults()
	slices.SortFunc(a.pairs, func(x, y scored) int { return cmp.Compare(y.score, x.score) })
	var pos, neg float64
	for _, p := range a.pairs {
		if p.same {
			pos += p.weight
		} else {
			neg += p.weight
		}
	}
	// Counts at thresholds are still right for one kind of pairs; everything else is undefined.
	if pos == 0 || neg == 0 {
		v := undefined(pos, neg, opt)
		a.walk(func(t, wp, wn float64) { countAt(v.At, t, wp, wn) })
		return v, nil
	}
	// The next number above the highest score is the threshold that accepts nothing.
	low, high := a.pairs[len(a.pairs)-1].score, a.pairs[0].score
	c := newCurve(pos, neg, low, high, math.Nextafter(high, math.Inf(1)), opt)
	a.walk(c.step)
	return c.result(), nil
}

// walk calls f for every distinct score in falling order with its weight of positives and negatives: equal scores are
// accepted together, so the order among them cannot matter. Pairs are sorted.
func (a *accumulator) walk(f func(t, wp, wn float64)) {
	for i := 0; i < len(a.pairs); {
		t := a.pairs[i].score
		var wp, wn float64
		for ; i < len(a.pairs) && a.pairs[i].score == t; i++ {
			if a.pairs[i].same {
				wp += a.pairs[i].weight
			} else {
				wn += a.pairs[i].weight
			}
		}
		f(t, wp, wn)
	}
}

// Verify returns the exact verification metrics of a list of scored pairs: scores (similarities), whether each pair
// is positive, and weights (nil means 1 each, 0 leaves a pair out). The error says which list has the wrong length,
// which pair is not finite or has a negative weight, or what is wrong with the options. Pairs of one kind, and no
// pairs, give the worst value of every metric and a warning. The lists are not changed. It takes 24 bytes a pair.
func Verify[T float32 | float64](scores []T, same []bool, weights []T, opt VerificationOptions) (Verification, error) {
	if len(same) != len(scores) || weights != nil && len(weights) != len(scores) {
		return Verification{}, fmt.Errorf("metric: %d scores, %d same, %d weights: "+
			"want lists of equal length (or no weights)", len(scores), len(same), len(weights))
	}
	// Room for all pairs at once: growing the list would copy it again and again.
	a := accumulator{pairs: make([]scored, 0, len(scores))}
	for i, s := range scores {
		w := 1.0
		if weights != nil {
			w = float64(weights[i])
		}
		if err := a.add(float64(s), same[i], w); err != nil {
			return Verification{}, err
		}
	}
	return a.verification(opt)
}
