package stats

import "context"

// LabelledPairs are listed pairs of items with their labels. A pair of weight w and label l counts as a positive pair
// of weight l w and a negative pair of weight (1-l) w. Methods read the lists and never change them.
type LabelledPairs struct {
	Left, Right []int32   // item numbers, from 0 on; those of a pair differ
	Label       []float32 // 1 = same, 0 = different, between = partly
	Weight      []float32 // nil = every weight is 1
}

// PairSystem is one way of comparing items: a score for every pair, higher = closer, and a threshold frozen on other
// pairs.
type PairSystem struct {
	Name      string
	Scores    []float64 // in the order of the pairs, finite
	Threshold float64   // finite; a pair is accepted if its score is at or above it
}

// PairOptions says how intervals on listed pairs are computed. The zero value is usable: 95 %, by the delta method.
type PairOptions struct {
	Method     Method  // "" means Delta; Percentile is a bootstrap over items, see [PairIntervals]. BCa is not offered.
	Resamples  int     // of the bootstrap; 0 means 1,000, otherwise at least 20
	Confidence float64 // 0 means .95
	Seed       uint64  // same seed, same pairs: same resamples
}

// PairIntervals returns the metrics of a system on listed pairs, as [metric.Verify] has them, with confidence
// intervals. Pairs that share an item are not independent: with u_p the influence of pair p on a metric, its slope by
// the pair's weight times that weight, the variance is
//
//	sum of u_p u_q over p and q with a common item = sum over items (sum of u_p of its pairs)^2 - sum over p of u_p^2
//
// times n/(n-1) for n items: the dyadic cluster-robust variance (Aronow, Samii and Assenova 2015, Cluster-Robust
// Variance Estimation for Dyadic Data). It may be too low if pairs that share an item are negatively correlated; it
// is never taken to be less than that of independent pairs. Several listings of the same two items are one pair. It
// is correct to first order, for many items.
//
// With [Percentile], items are drawn with replacement instead, a pair counts as often as both its items together, and
// an interval lies between quantiles of the resamples (Owen 2007, The Pigeonhole Bootstrap). That assumes neither
// normality nor first order, but is wider than necessary: simulated standard errors are 1.5 to 1.8 times those of the
// formula if every item is in one pair (the variance is three times as large then), 1.1 to 1.6 times if it is in 40.
// Time grows as Resamples times pairs.
//
// A metric of 0 or 1 that does not vary has the interval of a share of independent pairs or items, as in [Intervals].
//
// Lists of different lengths, pairs of an item with itself, labels outside [0, 1], weights below 0 and numbers that
// are not finite are errors, and so is a cancelled context. Pairs of one kind only have the intervals [0, 1].
func PairIntervals(ctx context.Context, s PairSystem, pairs LabelledPairs, opt PairOptions) (*Metrics, error) {
	e, err := newPairEvaluation(ctx, []PairSystem{s}, pairs, opt)
	if err != nil {
		return nil, err
	}
	m := e.systems[0]
	out := &Metrics{
		Name: s.Name, Items: e.spread.n, Runs: 1, By: byPairItem, Resamples: len(e.drawn),
		Estimates: map[string]Estimate{},
	}
	var lost, flat int
	units := e.spread.units()
	for f := range numPairMetrics {
		var to Estimate
		x := e.sample(m.metrics[f], 0, m.influence[f], func(r [][numMetrics]float64) float64 { return r[0][f] })
		to.Interval, to.StandardError = e.interval(x)
		switch {
		case x.flat(to.Interval, to.StandardError):
			to.Interval = x.atEnd(units.of(f), e.opt.Confidence)
		case x.defined && to.StandardError == 0:
			flat++
		}
		lost = max(lost, x.lost)
		out.Estimates[registry[f].Key] = to
	}
	out.Warnings = e.warnings(lost, flat)
	return out, nil
}

// ComparePairs returns the differences of other systems from a base on the same pairs, in their order, with intervals
// as [PairIntervals] has them and p-values: of a normal difference, or twice the share of resamples on the other side
// of 0. The influence of a pair on a difference is the difference of its influences, so variation shared by both
// systems cancels. P-values are adjusted by Holm's method for the number of other systems, metric by metric, not for
// the number of metrics. No other system is an error; the rest are those of [PairIntervals].
func ComparePairs(ctx context.Context, base PairSystem, others []PairSystem, pairs LabelledPairs, opt PairOptions) (
	[]*Comparison, error,
) {
	if len(others) == 0 {
		return nil, errNoOthers
	}
	e, err := newPairEvaluation(ctx, append([]PairSystem{base}, others...), pairs, opt)
	if err != nil {
		return nil, err
	}
	var out []*Comparison
	for k, s := range others {
		c := e.compare(k + 1)
		c.A, c.B = base.Name, s.Name
		out = append(out, c)
	}
	return out, adjust(out)
}

// compare returns the differences of system s, 1 or higher, from the first.
func (e *pairEvaluation) compare(s int) *Comparison {
	left, right := e.systems[0], e.systems[s]
	out := &Comparison{By: byPairItem, Items: e.spread.n, Resamples: len(e.drawn), Differences: map[string]Difference{}}
	var lost, flat int
	units := e.spread.units()
	for f := range numPairMetrics {
		var to Difference
		to.A, to.B = left.metrics[f], right.metrics[f]
		var u []float64
		for k, x := range right.influence[f] {
			u = append(u, x-left.influence[f][k])
		}
		x := e.sample(to.B-to.A, -1, u, func(r [][numMetrics]float64) float64 { return r[s][f] - r[0][f] })
		to.Interval, to.StandardError = e.interval(x)
		to.P, to.Test = e.opt.test(x, to.Interval, to.StandardError)
		// A difference varies where either side does, unless both have the same influences.
		a := e.sample(to.A, 0, left.influence[f], func(r [][numMetrics]float64) float64 { return r[0][f] })
		b := e.sample(to.B, 0, right.influence[f], func(r [][numMetrics]float64) float64 { return r[s][f] })
		switch {
		case to.StandardError == 0 && a.flat(e.interval(a)) && b.flat(e.interval(b)):
			to.Interval = differenceAtEnds(a, b, units.of(f), e.opt.Confidence)
		case x.defined && to.StandardError == 0:
			flat++
		}
		lost = max(lost, x.lost)
		out.Differences[registry[f].Key] = to
	}
	out.Warnings = e.warnings(lost, flat)
	return out
}
