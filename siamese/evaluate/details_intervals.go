package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// detailSamples is the number of subsamples of items from which the intervals of details come.
const detailSamples = 30

// fewestSubsampled is the number of items below which there are no subsamples.
const fewestSubsampled = 4

// subsampleOf returns how many of n items are in a subsample: half of up to 1,000, and a fifth of many, so that all
// subsamples together take little more than one pass over the pairs.
func subsampleOf(n int) int {
	if n <= 1000 {
		return n / 2
	}
	return max(500, n/5)
}

// intervalsOf adds the intervals of all figures of the details, by subsamples of the items, and those of the
// differences of classes.
func (d *detail) intervalsOf(ctx context.Context, of []method, out *report.Details) error {
	n := d.test.N()
	if n < fewestSubsampled {
		return nil
	}
	size := subsampleOf(n)
	drawn := subsampled{share: float64(size) / float64(n), confidence: d.opt.Confidence,
		values: make([][]map[string]float64, len(of))}
	for _, items := range stats.Subsamples(n, size, detailSamples, d.model.Config.Seed) {
		part := d.part(items)
		for k, c := range of {
			one, err := part.again(ctx, c.z.Select(items), c.thresholds)
			if err != nil {
				return fmt.Errorf("intervals: %s: %w", c.metrics.Name, err)
			}
			drawn.values[k] = append(drawn.values[k], one.Values())
		}
	}
	for k, one := range out.Of {
		if err := detailEnds(one, n, drawn, k, of[k]); err != nil {
			return fmt.Errorf("intervals: %s: %w", one.Name, err)
		}
	}
	return classDifferences(out, drawn)
}

// part returns the work on some of the items.
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

// subsampled are figures by name, of methods on subsamples.
type subsampled struct {
	share, confidence float64
	values            [][]map[string]float64
}

// interval returns that of a figure from low to 1, of which values has what it is on each subsample where it is
// defined. Where that is less than half of them it is all of that. A share of 0 or 1 that all subsamples have is as
// sure as that of so many independent items.
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

// detailEnds sets Low and High of the details d of method k, which is c: the report has intervals of some figures
// already.
func detailEnds(d *report.Detail, items int, s subsampled, k int, c method) error {
	known := c.metrics.Intervals
	d.Low, d.High = d.MetricsOnly(), d.MetricsOnly()
	var lows, highs []*float64
	d.Low.Visit(items, func(_ string, _ int, value *float64) { lows = append(lows, value) })
	d.High.Visit(items, func(_ string, _ int, value *float64) { highs = append(highs, value) })
	told := map[string]stats.Estimate{
		"average precision":              known.Estimates[stats.AveragePrecision],
		report.FrozenName + ": accuracy": known.Estimates[stats.Accuracy],
		report.FrozenName + ": FPR":      known.Estimates[stats.FPR],
		report.FrozenName + ": FNR":      known.Estimates[stats.FNR],
	}
	for _, name := range []string{"Recall@1", "NDCG@1", "kNN@1"} { // which are all the same
		told[name] = known.Estimates[stats.RecallAt1]
	}
	c.validationEnds(told)
	var failed error
	place := 0
	d.Visit(items, func(name string, items int, value *float64) {
		low, high := lows[place], highs[place]
		place++
		if t, ok := told[name]; ok {
			*low, *high = t.Low, t.High
			return
		}
		var values []float64
		for _, one := range s.values[k] {
			if x, ok := one[name]; ok {
				values = append(values, x)
			}
		}
		i, err := s.interval(*value, 0, items, values)
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", name, err)
		}
		// more digits make files long and say nothing
		*low, *high = math.Floor(i.Low*1e6)/1e6, math.Ceil(i.High*1e6)/1e6
	})
	return failed
}

// classDifferences sets by how much training changes MAP@R of each class, with its interval on the same items.
func classDifferences(d *report.Details, s subsampled) error {
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
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Change = &change
	}
	return nil
}
