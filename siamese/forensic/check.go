package forensic

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Check returns the first thing that is wrong with an evidence that was read from a file, or nil: measures that this
// version does not know, numbers that are not finite, rates outside [0, 1], and curves that cannot be drawn. e may be
// nil.
func (e *Evidence) Check() error {
	if e == nil {
		return nil
	}
	if err := e.Costs.Validate(); err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	if e.Pairs < 0 || e.Same < 0 || e.Different < 0 || !isShare(e.Beyond) {
		return fmt.Errorf("evidence: %d pairs, %d and %d of them independent, %v beyond the bounds: want counts and a share",
			e.Pairs, e.Same, e.Different, e.Beyond)
	}
	for key, v := range e.Values {
		i, ok := e.Intervals[key]
		if ByKey(key) == nil || !finite(v) || ok && !finite(i.Low, i.High) {
			return fmt.Errorf("evidence: %q is %v: want a measure of this version, and finite numbers", key, v)
		}
	}
	for _, list := range [][]string{e.Infinite, slices.Sorted(maps.Keys(e.Intervals))} {
		for _, key := range list {
			if ByKey(key) == nil {
				return fmt.Errorf("evidence: there is no measure %q", key)
			}
		}
	}
	if b := e.Bounds; b != nil && !(finite(b.Low, b.High) && b.Low <= 0 && b.High >= 0) {
		return fmt.Errorf("evidence: bounds are %v and %v: want finite ones on either side of 0", b.Low, b.High)
	}
	for _, r := range e.Rates {
		for _, one := range []*Rate{&r, r.At} {
			if one != nil && (!isShare(one.Value) || one.Bound != nil && !isShare(*one.Bound) || one.Pairs < 0) {
				return fmt.Errorf("evidence: %q is %v: want shares from 0 to 1", one.Name, one.Value)
			}
		}
	}
	for _, g := range e.Guarantees {
		// A threshold is that of cosines, or a little above all.
		if !isShare(g.Most) || !isShare(g.Confidence) || g.Threshold != nil && !(math.Abs(*g.Threshold) <= 2) ||
			g.Test != nil && !isShare(*g.Test) {
			return fmt.Errorf("evidence: the guarantee %q: want shares from 0 to 1 and a cosine", g)
		}
	}
	return e.Curves.check()
}

// check returns what is wrong with curves, or nil.
func (c *Curves) check() error {
	if c == nil {
		return nil
	}
	h := c.Histogram
	if h == nil || len(h.Positives) == 0 || len(h.Positives) != len(h.Negatives) || !finite(h.Low, h.High) ||
		!(h.Low < h.High) || !finite(h.Positives...) || !finite(h.Negatives...) {
		return errors.New("evidence: the histogram: want bins of both kinds, as many of each, from one LLR to a higher one")
	}
	if len(c.Priors) == 0 || len(c.Tippett) == 0 {
		return fmt.Errorf("evidence: curves of %d priors and %d LLRs: want some", len(c.Priors), len(c.Tippett))
	}
	for k, p := range c.Priors {
		if !finite(p.LogOdds, p.Best, p.Neutral, p.Error, p.BestError) || p.Entropy != nil && !finite(*p.Entropy) {
			return fmt.Errorf("evidence: prior %d: want finite numbers", k+1)
		}
	}
	for k, t := range c.Tippett {
		if !finite(t.LLR) || !isShare(t.Same) || !isShare(t.Different) {
			return fmt.Errorf("evidence: point %d of the Tippett plot is %+v: want shares from 0 to 1", k+1, t)
		}
	}
	return nil
}

// isShare returns whether v is in [0, 1]; NaN is not.
func isShare(v float64) bool { return v >= 0 && v <= 1 }

// finite returns whether all numbers are.
func finite(list ...float64) bool {
	return !slices.ContainsFunc(list, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
