package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

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

	ROCAUC           Figure `json:"roc_auc"`
	EER              Figure `json:"eer"`
	AveragePrecision Figure `json:"average_precision"`
	Accuracy         Figure `json:"accuracy"` // balanced, at the frozen threshold

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

func (f *PairFigures) list() [pairFigures]*Figure {
	return [pairFigures]*Figure{&f.ROCAUC, &f.EER, &f.AveragePrecision, &f.Accuracy}
}

// PairComparison are the differences between two systems on the same pairs, B - A: a negative one of the EER is in favour
// of B, a positive one of the other figures.
type PairComparison struct {
	A     string `json:"a"`
	B     string `json:"b"`
	Items int    `json:"items"`

	ROCAUC           Difference `json:"roc_auc"`
	EER              Difference `json:"eer"`
	AveragePrecision Difference `json:"average_precision"`
	Accuracy         Difference `json:"accuracy"`

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

func (c *PairComparison) list() [pairFigures]*Difference {
	return [pairFigures]*Difference{&c.ROCAUC, &c.EER, &c.AveragePrecision, &c.Accuracy}
}

// PairIntervals returns the figures of a system on listed pairs, as metric.Verify has them, with intervals at a level (0 means
// .95). Pairs that share an item are not independent: with u_p the influence of pair p on a figure, its slope by the
// pair's weight times that weight, the variance is
//
//	sum of u_p u_q over p and q with an item in common = sum over items (sum of u_p of its pairs)^2 - sum over p of u_p^2
//
// times n/(n-1) for n items: the dyadic cluster-robust variance (Aronow, Samii and Assenova 2015, Cluster-Robust Variance
// Estimation for Dyadic Data). It may come out too low where pairs that share an item lean against each other; it is never
// taken to be less than that of independent pairs. Listings of the same two items are one pair. It is right to the first
// order, for many items. A bootstrap over items, where a pair counts as often as both its items together (Owen 2007, The
// Pigeonhole Bootstrap), is as good where every item is in many pairs, and has up to three times the variance where most are
// in one.
//
// Lists of different lengths, pairs of an item with itself, labels outside [0, 1], weights below 0 and numbers that are not
// finite are errors. Pairs of one kind only give intervals from 0 to 1.
func PairIntervals(s PairSystem, pairs Judged, level float64) (*PairFigures, error) {
	level, err := pairs.check(level)
	if err != nil {
		return nil, err
	}
	m, err := pairs.measure(s)
	if err != nil {
		return nil, err
	}
	spread := pairs.spread()
	out := &PairFigures{Name: s.Name, Items: spread.n}
	flat := 0
	for f, to := range out.list() {
		to.Interval = Interval{Value: m.figures[f], Low: 0, High: 1, Level: level, Method: "undefined"}
		if !m.defined {
			continue
		}
		to.Method, to.StandardError = string(Linear), spread.standardError(m.influence[f])
		to.Low, to.High = sample{value: to.Value, high: 1}.normal(to.StandardError, level)
		if to.StandardError == 0 {
			flat++
		}
	}
	out.Warnings = pairWarnings(out.Items, flat)
	return out, nil
}

// ComparePairs returns how figures of system b differ from those of a on the same pairs, with intervals and p-values of a
// normal difference whose variance is that of PairIntervals. Errors are those of PairIntervals.
func ComparePairs(a, b PairSystem, pairs Judged, level float64) (*PairComparison, error) {
	level, err := pairs.check(level)
	if err != nil {
		return nil, err
	}
	left, err := pairs.measure(a)
	if err != nil {
		return nil, err
	}
	right, err := pairs.measure(b)
	if err != nil {
		return nil, err
	}
	spread := pairs.spread()
	out := &PairComparison{A: a.Name, B: b.Name, Items: spread.n}
	flat := 0
	for f, to := range out.list() {
		to.A, to.B = left.figures[f], right.figures[f]
		to.Interval = Interval{Value: to.B - to.A, Low: -1, High: 1, Level: level, Method: "undefined"}
		to.P, to.Adjusted, to.Test = 1, 1, "undefined"
		if !left.defined {
			continue
		}
		u := make([]float64, len(pairs.Label))
		for k := range u {
			u[k] = right.influence[f][k] - left.influence[f][k]
		}
		to.Method, to.Test, to.StandardError = string(Linear), "normal", spread.standardError(u)
		to.Low, to.High = sample{value: to.Value, low: -1, high: 1}.normal(to.StandardError, level)
		if to.StandardError == 0 {
			flat++
			continue
		}
		to.P = 2 * distuv.UnitNormal.CDF(-math.Abs(to.Value)/to.StandardError)
		to.Adjusted = to.P
	}
	out.Warnings = pairWarnings(out.Items, flat)
	return out, nil
}

// pairWarnings returns what makes intervals doubtful.
func pairWarnings(items, flat int) metric.Warnings {
	var out metric.Warnings
	if items < enough {
		out = append(out, fewUnits(items, "items"))
	}
	if flat > 0 {
		out = append(out, noSpread(flat))
	}
	return out
}
