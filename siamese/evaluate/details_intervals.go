package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// detailSamples is the number of subsamples of items from which the intervals of details come. Details are dozens of
// metrics without a formula for their influence, so that the delta method does not serve, and a bootstrap repeats
// items, which then are their own nearest neighbours.
const detailSamples = 30

// fewestSubsampled is the number of items below which there are no subsamples, and no intervals of details.
const fewestSubsampled = 4

// subsampleOf returns how many of n items are in a subsample: half of up to 1,000, and a fifth of many, so that all
// subsamples together take little more than one pass over the pairs.
func subsampleOf(n int) int {
	if n <= 1000 {
		return n / 2
	}
	return max(500, n/5)
}

// intervalsOf adds to out the intervals of all metrics of the details of two methods, by subsamples of the items, and
// those of the differences of classes. Both methods see the same subsamples, so that what is easy for both cancels out
// in differences.
func (d *detail) intervalsOf(ctx context.Context, of []*method, out *report.Details) error {
	n := d.test.N()
	if n < fewestSubsampled {
		return nil
	}
	// share and the number of items give the factor from the spread of subsamples to that of all items.
	size := subsampleOf(n)
	drawn := subsampled{share: float64(size) / float64(n), confidence: d.opt.confidence(),
		values: make([][]map[string]float64, len(of))}
	all, err := stats.Subsamples(n, size, detailSamples, d.model.Config.Seed)
	if err != nil {
		return err
	}
	for _, items := range all {
		// One pass over a fifth of the items is a 25th of a pass over all pairs.
		part := d.part(items)
		for k, c := range of {
			one, err := part.again(ctx, c.z.Select(items), c.thresholds)
			if err != nil {
				return fmt.Errorf("intervals: %s: %w", quote.Text(c.metrics.Name), err)
			}
			drawn.values[k] = append(drawn.values[k], one.Values())
		}
	}
	for k, one := range out.Of {
		if err := detailEnds(one, n, drawn, k, of[k]); err != nil {
			return fmt.Errorf("intervals: %s: %w", quote.Text(one.Name), err)
		}
	}
	return classDifferences(out, drawn) // of both methods on the same draws
}

// part returns the work on some of the items, with the class numbers and names of d. It has no report and no features:
// it serves [detail.again] only.
func (d *detail) part(items []int) *detail {
	test := &data.Frame{IDs: embedding.Pick(d.test.IDs, items)}
	if d.test.Domains != nil {
		test.Domains = embedding.Pick(d.test.Domains, items)
	}
	out := &detail{evaluation: &evaluation{model: d.model, opt: d.opt},
		overItems: &overItems{labels: embedding.Pick(d.labels, items)}, test: test, names: d.names, fresh: d.fresh}
	for k, i := range items {
		if _, ok := slices.BinarySearch(d.tests, i); ok {
			out.tests = append(out.tests, k)
		}
	}
	return out
}

// subsampled holds metrics on subsamples of items.
type subsampled struct {
	share      float64                // of the items that are in a subsample, in (0, 1)
	confidence float64                // in (0, 1)
	values     [][]map[string]float64 // [method][subsample], by name; nil where only interval is used
}

// interval returns the interval of a metric in [low, 1] that is about so many items. values are the metric on the
// subsamples on which it is defined; fewer than half of all give the whole range, with the method "undefined". A value
// of 0 or 1 that all subsamples have would get an interval of width 0: it gets Wilson's for so many independent items.
func (s subsampled) interval(value, low float64, items int, values []float64) (stats.Interval, error) {
	if len(values) < detailSamples/2 {
		return stats.Interval{Value: value, Low: low, High: 1, Confidence: s.confidence, Method: "undefined"}, nil
	}
	i, err := stats.SubsampleInterval(value, values, s.share, low, s.confidence)
	if err == nil && low == 0 && (value == 0 || value == 1) && i.Low == i.High {
		i = stats.Wilson(value, float64(items), i.Confidence)
	}
	return i, err
}

// detailEnds sets Low and High of the details d of method c, which is number k in s. A metric that the report has with
// an interval already takes that one, since two intervals of one metric on a page would contradict each other.
func detailEnds(d *report.Detail, items int, s subsampled, k int, c *method) error {
	known := c.metrics.Intervals
	d.Low, d.High = d.MetricsOnly(), d.MetricsOnly()
	// The ends lie where the values lie, in copies with the same shape, so that readers of a file find them by place.
	var lows, highs []*float64
	d.Low.Visit(items, func(_ string, _ int, value *float64) { lows = append(lows, value) })
	d.High.Visit(items, func(_ string, _ int, value *float64) { highs = append(highs, value) })
	have := map[string]stats.Estimate{ // by the names of Visit
		"average precision":              known.Estimates[stats.AveragePrecision],
		report.FrozenName + ": accuracy": known.Estimates[stats.Accuracy],
		report.FrozenName + ": FPR":      known.Estimates[stats.FPR],
		report.FrozenName + ": FNR":      known.Estimates[stats.FNR],
	}
	for _, name := range []string{"Recall@1", "NDCG@1", "kNN@1"} { // with one neighbour they are the same metric
		have[name] = known.Estimates[stats.RecallAt1]
	}
	c.validationEnds(have)
	var failed error
	place := 0 // Visit takes the copies in the order of the original, since they have the same metrics
	d.Visit(items, func(name string, items int, value *float64) {
		low, high := lows[place], highs[place]
		place++
		if t, ok := have[name]; ok {
			*low, *high = t.Low, t.High
			return
		}
		var values []float64
		for _, one := range s.values[k] {
			if x, ok := one[name]; ok { // a small class may have no pairs in a subsample
				values = append(values, x)
			}
		}
		i, err := s.interval(*value, 0, items, values)
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", quote.Text(name), err)
		}
		// rounded outwards: more digits make files long and say nothing
		*low, *high = math.Floor(i.Low*1e6)/1e6, math.Ceil(i.High*1e6)/1e6
	})
	return failed
}

// classDifferences sets by how much training changes MAP@R of each class that has two items or more, with an interval
// in [-1, 1] from the differences on the same subsamples.
func classDifferences(d *report.Details, s subsampled) error {
	// Both have the same classes in the same order, see report.Details.CutClasses.
	trained, untrained := d.Of[0], d.Of[1]
	for k := range trained.Classes {
		c := &trained.Classes[k]
		if c.Lone() {
			continue
		}
		name := report.ClassPrefix(c.Class) + " MAP@R"
		var values []float64
		for round, one := range s.values[0] {
			if x, ok := one[name]; ok {
				values = append(values, x-s.values[1][round][name])
			}
		}
		change, err := s.interval(c.MAPAtR-untrained.Classes[k].MAPAtR, -1, c.Items, values)
		if err != nil {
			return fmt.Errorf("%s: %w", quote.Text(name), err)
		}
		c.Change = &change
	}
	return nil
}
