package siamese

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// detailRounds is the number of subsamples of items from which the intervals of details come.
const detailRounds = 30

// fewestSubsampled is the number of items below which there are no subsamples.
const fewestSubsampled = 4

// subsampleOf returns how many of n items are in a subsample: half of up to 1,000, and a fifth of many, so that all subsamples
// together take little more than one pass over the pairs.
func subsampleOf(n int) int {
	if n <= 1000 {
		return n / 2
	}
	return max(500, n/5)
}

// visit calls f with every figure that is defined, in a fixed order: a name that no other has, and the number of items that
// it is about.
func (d *Detail) visit(items int, f func(name string, items int, value *float64)) {
	f("average precision", items, &d.AveragePrecision)
	f("balanced average precision", items, &d.BalancedPrecision)
	for k := range d.FNRAtFPR {
		p := &d.FNRAtFPR[k]
		f(fmt.Sprintf("FNR at FPR %g", p.Want), items, &p.FNR)
	}
	for k := range d.Thresholds {
		t := &d.Thresholds[k]
		f(t.Name+": validation accuracy", items, &t.Validation.Accuracy)
		f(t.Name+": validation FPR", items, &t.Validation.FPR)
		f(t.Name+": validation FNR", items, &t.Validation.FNR)
		f(t.Name+": accuracy", items, &t.Test.Accuracy)
		f(t.Name+": FPR", items, &t.Test.FPR)
		f(t.Name+": FNR", items, &t.Test.FNR)
	}
	f("R-Precision", items, &d.RPrecision)
	f("MRR", items, &d.MRR)
	for k := range d.RecallAt {
		f(fmt.Sprintf("Recall@%d", d.RecallAt[k].K), items, &d.RecallAt[k].Value)
	}
	for k := range d.NDCGAt {
		f(fmt.Sprintf("NDCG@%d", d.NDCGAt[k].K), items, &d.NDCGAt[k].Value)
	}
	for k := range d.KNNAt {
		f(fmt.Sprintf("kNN@%d", d.KNNAt[k].K), items, &d.KNNAt[k].Value)
	}
	if c := d.Clusters; c != nil {
		f("AMI", items, &c.AMI)
		f("NMI", items, &c.NMI)
	}
	f("macro MAP@R", items, &d.Macro.MAPAtR)
	f("macro ROC-AUC", items, &d.Macro.ROCAUC)
	four := func(what string, items int, auc, eer, mapAtR, recall *float64) {
		f(what+" ROC-AUC", items, auc)
		f(what+" EER", items, eer)
		f(what+" MAP@R", items, mapAtR)
		f(what+" Recall@1", items, recall)
	}
	for k := range d.Classes {
		if c := &d.Classes[k]; !c.Lone() {
			four(classPrefix(c.Class), c.Items, &c.ROCAUC, &c.EER, &c.MAPAtR, &c.RecallAt1)
		}
	}
	if m := d.MacroPairs; m != nil && m.RetrievalGroups > 0 && m.VerificationGroups > 0 {
		four("domains", items, &m.ROCAUC, &m.EER, &m.MAPAtR, recallAt1(m))
	}
	for k := range d.Domains {
		if p := &d.Domains[k]; !p.Empty() {
			four(fmt.Sprintf("domains %q %q", p.Query, p.Reference), p.Queries, &p.ROCAUC, &p.EER, &p.MAPAtR, &p.RecallAt1)
		}
	}
}

// recallAt1 returns the place of a macro's Recall@1, which details ask for.
func recallAt1(m *metric.Macro) *float64 {
	for k := range m.RecallAt {
		if m.RecallAt[k].K == 1 {
			return &m.RecallAt[k].Value
		}
	}
	return new(float64)
}

// values returns all figures by name.
func (d *Detail) values() map[string]float64 {
	out := make(map[string]float64)
	d.visit(0, func(name string, _ int, value *float64) { out[name] = *value })
	return out
}

// figuresOnly returns a copy without what is no figure.
func (d *Detail) figuresOnly() *Detail {
	out := &Detail{
		Name: d.Name, AveragePrecision: d.AveragePrecision, BalancedPrecision: d.BalancedPrecision, FNRAtFPR: slices.Clone(d.FNRAtFPR), Thresholds: slices.Clone(d.Thresholds), RPrecision: d.RPrecision, MRR: d.MRR,
		RecallAt: slices.Clone(d.RecallAt), NDCGAt: slices.Clone(d.NDCGAt), KNNAt: slices.Clone(d.KNNAt),
		Classes: slices.Clone(d.Classes), Macro: d.Macro, Domains: slices.Clone(d.Domains),
	}
	if d.Clusters != nil {
		clusters := *d.Clusters
		out.Clusters = &clusters
	}
	if d.MacroPairs != nil {
		pairs := *d.MacroPairs
		pairs.RecallAt, pairs.KNNAt = slices.Clone(pairs.RecallAt), nil
		out.MacroPairs = &pairs
	}
	out.Macro.RecallAt, out.Macro.KNNAt = nil, nil
	return out
}

// sure adds the intervals of all figures of the details, by subsamples of the items, and those of the differences of classes.
func (d *detail) sure(ctx context.Context, of []contestant, out *Details) error {
	n := d.test.N()
	if n < fewestSubsampled {
		return nil
	}
	size := subsampleOf(n)
	drawn := subsampled{share: float64(size) / float64(n), level: d.opt.Level, values: make([][]map[string]float64, len(of))}
	for _, items := range stats.Subsamples(n, size, detailRounds, d.model.Config.Seed) {
		part := d.part(items)
		for k, c := range of {
			one, err := part.measure(ctx, c.z.Select(items), c.thresholds)
			if err != nil {
				return fmt.Errorf("intervals: %s: %w", c.figures.Name, err)
			}
			drawn.values[k] = append(drawn.values[k], one.values())
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
	test := &data.Frame{IDs: pick(d.test.IDs, items)}
	if d.test.Domains != nil {
		test.Domains = pick(d.test.Domains, items)
	}
	out := &detail{evaluation: &evaluation{model: d.model, opt: d.opt, labels: pick(d.labels, items)}, test: test, names: d.names, fresh: d.fresh}
	for k, i := range items {
		if _, ok := slices.BinarySearch(d.tests, i); ok {
			out.tests = append(out.tests, k)
		}
	}
	return out
}

// subsampled are figures by name, of contestants on subsamples.
type subsampled struct {
	share, level float64
	values       [][]map[string]float64
}

// interval returns that of a figure from low to 1, of which values has what it is on each subsample where it is defined. Where
// that is less than half of them it is all of that. A share of 0 or 1 that all subsamples have is as sure as that of so many
// independent items.
func (s subsampled) interval(value, low float64, items int, values []float64) (stats.Interval, error) {
	if len(values) < detailRounds/2 {
		return stats.Interval{Value: value, Low: low, High: 1, Confidence: s.level, Method: "undefined"}, nil
	}
	i, err := stats.SubsampleInterval(value, values, s.share, low, s.level)
	if err == nil && low == 0 && (value == 0 || value == 1) && i.Low == i.High {
		i = stats.Wilson(value, float64(items), i.Confidence)
	}
	return i, err
}

// detailEnds sets Low and High of the details d of contestant k, which is c: the report has intervals of some figures already.
func detailEnds(d *Detail, items int, s subsampled, k int, c contestant) error {
	known := c.figures.Intervals
	d.Low, d.High = d.figuresOnly(), d.figuresOnly()
	var lows, highs []*float64
	d.Low.visit(items, func(_ string, _ int, value *float64) { lows = append(lows, value) })
	d.High.visit(items, func(_ string, _ int, value *float64) { highs = append(highs, value) })
	told := map[string]stats.Estimate{
		"average precision":       known.AveragePrecision,
		frozenName + ": accuracy": known.Accuracy, frozenName + ": FPR": known.FPR, frozenName + ": FNR": known.FNR,
	}
	for _, name := range []string{"Recall@1", "NDCG@1", "kNN@1"} { // which are all the same
		told[name] = known.RecallAt1
	}
	c.validationEnds(told)
	var failed error
	place := 0
	d.visit(items, func(name string, items int, value *float64) {
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
		*low, *high = math.Floor(i.Low*1e6)/1e6, math.Ceil(i.High*1e6)/1e6 // more digits make files long and say nothing
	})
	return failed
}

// classDifferences sets by how much training changes MAP@R of each class, with its interval on the same items.
func classDifferences(d *Details, s subsampled) error {
	trained, untrained := d.Of[0], d.Of[1]
	for k := range trained.Classes {
		c := &trained.Classes[k]
		if c.Lone() {
			continue
		}
		name := classPrefix(c.Class) + " MAP@R"
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

// classPrefix begins the names of figures of a class.
func classPrefix(class string) string { return fmt.Sprintf("class %q", class) }
