package study

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// protocolMetrics are what protocols are summed up by.
var protocolMetrics = []struct {
	name string
	of   func(report.Metrics) float64
	sign float64 // -1 where lower is better
}{
	{"MAP@R", func(f report.Metrics) float64 { return f.Values[stats.MAPAtR] }, 1},
	{"Recall@1", func(f report.Metrics) float64 { return f.Values[stats.RecallAt1] }, 1},
	{"ROC-AUC", func(f report.Metrics) float64 { return f.Values[stats.ROCAUC] }, 1},
	{"EER", func(f report.Metrics) float64 { return f.Values[stats.EER] }, -1},
	// balanced, at the frozen threshold
	{"accuracy", func(f report.Metrics) float64 { return f.Values[stats.Accuracy] }, 1},
}

// ProtocolMetrics returns the names of the measures in their order.
func ProtocolMetrics() []string {
	var names []string
	for _, m := range protocolMetrics {
		names = append(names, m.name)
	}
	return names
}

// sums summarises the complete folds of a protocol.
type sums struct {
	folds      []*ProtocolFold
	ratio      float64 // test items over training items
	confidence float64
}

// sumUp sets the summary of the complete folds.
func (p *Protocol) sumUp(seeds []uint64, level float64) {
	s := &sums{confidence: level}
	var test, train int
	for _, f := range p.Folds {
		if len(f.Seeds) == len(seeds) {
			s.folds = append(s.folds, f)
			test, train = test+f.Test, train+f.Train
		}
	}
	p.Complete = len(s.folds)
	if p.Complete == 0 {
		return
	}
	s.ratio = float64(test) / float64(train)
	var untrained []string
	first := s.folds[0].Reports[0]
	for _, row := range first.Rows() {
		if missing := s.missing(row.Name); missing > 0 {
			p.Warnings = append(p.Warnings, fmt.Sprintf("%s is left out: %d of %d folds do not have it", row.Name,
				missing, p.Complete))
			continue
		}
		c := ProtocolMethod{Name: row.Name}
		for _, m := range protocolMetrics {
			f := s.metric(m.name, row.Name == report.TrainedName, func(r *report.Report) float64 {
				f, _ := r.Row(row.Name)
				return m.of(f)
			})
			// Student's interval of few values may exceed the range of a metric
			for _, spread := range []*stats.Spread{f.Folds, f.Seeds} {
				if spread != nil {
					spread.Mean.Low, spread.Mean.High = max(0, spread.Mean.Low), min(1, spread.Mean.High)
				}
			}
			c.Metrics = append(c.Metrics, f)
		}
		p.Methods = append(p.Methods, c)
		if row.Name != report.TrainedName && row.Name != report.ClassifierName {
			untrained = append(untrained, row.Name)
		}
	}
	for k := range protocolMetrics {
		p.Gains = append(p.Gains, s.gain(k, p.best(k, untrained)))
	}
	gap := s.metric("accuracy", true, func(r *report.Report) float64 {
		return r.Trained.Values[stats.Accuracy] - r.Trained.Validation.Accuracy
	})
	p.GeneralisationGap = &gap
	p.warn(s)
}

// missing returns the number of folds without a method.
func (s *sums) missing(name string) int {
	missing := 0
	for _, f := range s.folds {
		if _, ok := f.Reports[0].Row(name); !ok {
			missing++
		}
	}
	return missing
}

// best returns the best of some methods by metric k.
func (p *Protocol) best(k int, names []string) string {
	best, top := "", 0.0
	for _, c := range p.Methods {
		value := protocolMetrics[k].sign * c.Metrics[k].Value
		if slices.Contains(names, c.Name) && (best == "" || value > top) {
			best, top = c.Name, value
		}
	}
	return best
}

// metric sums up one value of every report; seeded says that it depends on the seed.
func (s *sums) metric(name string, seeded bool, of func(*report.Report) float64) ProtocolMetric {
	out := ProtocolMetric{Name: name}
	bySeed := make([]float64, len(s.folds[0].Reports))
	for _, f := range s.folds {
		var values []float64
		for k, r := range f.Reports {
			values = append(values, of(r))
			bySeed[k] += values[k] / float64(len(s.folds))
		}
		out.ByFold = append(out.ByFold, stat.Mean(values, nil))
	}
	out.Value = stat.Mean(out.ByFold, nil)
	if spread, err := stats.Folds(out.ByFold, s.ratio, s.confidence); err == nil { // else there is one fold
		out.Folds = &spread
	}
	if !seeded {
		return out
	}
	if spread, err := stats.Seeds(bySeed, s.confidence); err == nil { // else there is one seed
		out.Seeds = &spread
	}
	return out
}

// gain returns the gain of the trained encoder over another method by metric k.
func (s *sums) gain(k int, against string) ProtocolGain {
	m := protocolMetrics[k]
	g := ProtocolGain{Against: against, Of: len(s.folds), Outcome: GainUnclear}
	g.ProtocolMetric = s.metric(m.name, true, func(r *report.Report) float64 {
		other, _ := r.Row(against)
		return m.sign * (m.of(r.Trained) - m.of(other))
	})
	for _, d := range g.ByFold {
		if d > 0 {
			g.Better++
		}
	}
	if interval, _ := g.interval(); interval != nil {
		switch mean := interval.Mean; {
		case mean.Low > 0:
			g.Outcome = GainBetter
		case mean.High < 0:
			g.Outcome = GainWorse
		}
	}
	return g
}

// fewFolds is the number of folds below which intervals over folds are of little use.
const fewFolds = 5

// warn adds warnings about the summary.
func (p *Protocol) warn(s *sums) {
	if n := len(s.folds); n > 1 && n < fewFolds {
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("the intervals over folds come from %d folds: they are wide, and assume normally distributed metrics", n))
	}
	lone := 0
	for _, f := range s.folds {
		if r := f.Reports[0]; r.Positive == 0 || r.Positive == 1 {
			lone++
		}
	}
	if lone > 0 {
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("%d of %d folds have pairs of one kind only: their metrics are not defined and take the worst value", lone, len(s.folds)))
	}
}
