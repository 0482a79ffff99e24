package stats

import (
	"context"

	"github.com/go-siamese/lab/siamese/metric"
)

// Judged are listed pairs of items with what is known of them. A pair of weight w and label l counts as weight l w of a
// positive and (1-l) w of a negative pair.
type Judged struct {
	Left, Right []int32   // items, by numbers from 0 on; those of a pair differ
	Label       []float32 // 1 = same, 0 = different, between = partly
	Weight      []float32 // nil = every weight is 1
}

// PairSystem is one way of comparing items: a score for every pair, higher = closer, and the threshold it has frozen on other
// pairs.
type PairSystem struct {
	Name      string
	Scores    []float64
	Threshold float64
}

// PairFigures are the figures of a system on listed pairs, with intervals for pairs of other items.
type PairFigures struct {
	Name  string `json:"name"`
	Items int    `json:"items"` // in pairs that weigh something
	// Rounds are replicates; 0 where none were drawn.
	Rounds int `json:"rounds"`

	ROCAUC           Figure `json:"roc_auc"`
	EER              Figure `json:"eer"`
	AveragePrecision Figure `json:"average_precision"`
	Accuracy         Figure `json:"accuracy"` // balanced, at the frozen threshold
	FPR              Figure `json:"fpr"`      // there
	FNR              Figure `json:"fnr"`      // there

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

func (f *PairFigures) list() [pairFigures]*Figure {
	return [pairFigures]*Figure{&f.ROCAUC, &f.EER, &f.AveragePrecision, &f.Accuracy, &f.FPR, &f.FNR}
}

// AtThreshold returns those of the figures that depend on the frozen threshold, which the figures do not name.
func (f *PairFigures) AtThreshold() ThresholdFigures {
	return ThresholdFigures{Accuracy: f.Accuracy, FPR: f.FPR, FNR: f.FNR, Warnings: f.Warnings}
}

// PairComparison are the differences between two systems on the same pairs, B - A: a negative one of an error rate (EER, FPR, FNR) is in favour
// of B, a positive one of the other figures.
type PairComparison struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Items int    `json:"items"`
	// Rounds are replicates; 0 where none were drawn.
	Rounds int `json:"rounds"`

	ROCAUC           Difference `json:"roc_auc"`
	EER              Difference `json:"eer"`
	AveragePrecision Difference `json:"average_precision"`
	Accuracy         Difference `json:"accuracy"`
	FPR              Difference `json:"fpr"`
	FNR              Difference `json:"fnr"`

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

func (c *PairComparison) list() [pairFigures]*Difference {
	return [pairFigures]*Difference{&c.ROCAUC, &c.EER, &c.AveragePrecision, &c.Accuracy, &c.FPR, &c.FNR}
}

// String returns the differences and warnings as lines of text.
func (c *PairComparison) String() string {
	list := c.list()
	return differencesText(c.A, c.B, ByItem, list[:], c.Warnings)
}

// PairOptions says how intervals on listed pairs are found. The zero value is usable: 95 %, to the first order.
type PairOptions struct {
	Level  float64 // 0 means .95
	Rounds int     // replicates of a bootstrap over items; 0 means none; see [PairIntervals]
	Seed   uint64  // same seed, same pairs: same replicates
}

// PairIntervals returns the figures of a system on listed pairs, as metric.Verify has them, with intervals.
// Pairs that share an item are not independent: with u_p the influence of pair p on a figure, its slope by the
// pair's weight times that weight, the variance is
//
//	sum of u_p u_q over p and q with an item in common = sum over items (sum of u_p of its pairs)^2 - sum over p of u_p^2
//
// times n/(n-1) for n items: the dyadic cluster-robust variance (Aronow, Samii and Assenova 2015, Cluster-Robust Variance
// Estimation for Dyadic Data). It may come out too low where pairs that share an item lean against each other; it is never
// taken to be less than that of independent pairs. Listings of the same two items are one pair. It is right to the first
// order, for many items.
//
// With Rounds items are drawn with replacement instead, a pair counts as often as both its items together, and an interval
// lies between quantiles of the replicates (Owen 2007, The Pigeonhole Bootstrap). That leans on no normal
// spread and on no first order, and is wider than need be: simulated standard errors are 1.5 to 1.8 times those of the formula
// where every item is in one pair (the variance is three times as large then), 1.1 to 1.6 times where it is in 40. Time grows
// as Rounds times pairs.
//
// Lists of different lengths, pairs of an item with itself, labels outside [0, 1], weights below 0 and numbers that are not
// finite are errors, and so is a cancelled context. Pairs of one kind only give intervals from 0 to 1.
func PairIntervals(ctx context.Context, s PairSystem, pairs Judged, opt PairOptions) (*PairFigures, error) {
	e, err := newPairEvaluation(ctx, []PairSystem{s}, pairs, opt)
	if err != nil {
		return nil, err
	}
	m := e.systems[0]
	out := &PairFigures{Name: s.Name, Items: e.spread.n, Rounds: len(e.drawn)}
	var lost, flat int
	for f, to := range out.list() {
		x := e.sample(m.figures[f], 0, m.influence[f], func(r [][figures]float64) float64 { return r[0][f] })
		to.Interval, to.StandardError = e.interval(x)
		if x.defined && to.StandardError == 0 {
			flat++
		}
		lost = max(lost, x.lost)
	}
	out.Warnings = e.warnings(lost, flat)
	return out, nil
}

// ComparePairs returns how figures of system b differ from those of a on the same pairs: CompareAllPairs with one system.
func ComparePairs(ctx context.Context, a, b PairSystem, pairs Judged, opt PairOptions) (*PairComparison, error) {
	all, err := CompareAllPairs(ctx, a, []PairSystem{b}, pairs, opt)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// CompareAllPairs returns how figures of other systems differ from those of a base on the same pairs, in their order, with
// intervals as PairIntervals has them and p-values: of a normal difference, or twice the share of replicates on the other side
// of 0. The influence of a pair on a difference is the difference of its influences, so that what pairs have in common for both
// systems cancels. P-values are adjusted by Holm's rule for the number of other systems, figure by figure, not for the number of
// figures. No other system is an error; further ones are those of PairIntervals.
func CompareAllPairs(ctx context.Context, base PairSystem, others []PairSystem, pairs Judged, opt PairOptions) ([]*PairComparison, error) {
	if len(others) == 0 {
		return nil, errNoOthers
	}
	e, err := newPairEvaluation(ctx, append([]PairSystem{base}, others...), pairs, opt)
	if err != nil {
		return nil, err
	}
	var out []*PairComparison
	var lists [][]*Difference
	for k, s := range others {
		c := e.compare(k + 1)
		c.A, c.B = base.Name, s.Name
		list := c.list()
		out, lists = append(out, c), append(lists, list[:])
	}
	return out, adjust(lists)
}

// compare returns the differences of system s from the first.
func (e *pairEvaluation) compare(s int) *PairComparison {
	left, right := e.systems[0], e.systems[s]
	out := &PairComparison{Items: e.spread.n, Rounds: len(e.drawn)}
	var lost, flat int
	for f, to := range out.list() {
		to.A, to.B = left.figures[f], right.figures[f]
		var u []float64
		for k, x := range right.influence[f] {
			u = append(u, x-left.influence[f][k])
		}
		x := e.sample(to.B-to.A, -1, u, func(r [][figures]float64) float64 { return r[s][f] - r[0][f] })
		to.Interval, to.StandardError = e.interval(x)
		to.P, to.Test = e.opt.test(x, to.Interval, to.StandardError)
		if x.defined && to.StandardError == 0 {
			flat++
		}
		lost = max(lost, x.lost)
	}
	out.Warnings = e.warnings(lost, flat)
	return out
}
