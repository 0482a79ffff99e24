package protocol

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// registered returns the metrics that protocols are summarised by: those that are shown in tables with few columns
// and have a direction, without which there is no gain. Retrieval comes first, because verdicts do.
func registered() []*stats.Metric {
	var retrieval, pairs []*stats.Metric
	for _, m := range stats.Registry() {
		switch {
		case !m.Narrow || m.Better == 0:
		case m.OfPairs():
			pairs = append(pairs, m)
		default:
			retrieval = append(retrieval, m)
		}
	}
	return append(retrieval, pairs...)
}

// Metrics returns the names of the metrics of a protocol, in the order of [Method.Metrics].
func Metrics() []string {
	var names []string
	for _, m := range registered() {
		names = append(names, m.Name)
	}
	return names
}

// sums sums up the complete folds of a protocol.
type sums struct {
	folds      []*Fold // one or more, with reports of the same seeds
	ratio      float64 // test items over training items, of all folds together
	confidence float64 // of the intervals; 0 = .95
}

// SumUp sets the summary of the complete folds, which have reports of all seeds. A method that one of them does not
// have is left out with a warning: a mean over other folds could not be compared with the others.
func (p *Protocol) SumUp(seeds []uint64, confidence float64) {
	s := &sums{confidence: confidence}
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
	// Folds share training items, so that their results are not independent: stats.Folds widens intervals by this
	// ratio.
	s.ratio = float64(test) / float64(train)
	var untrained []string // methods that gains may be against: the classifier is trained too
	first, metrics := s.folds[0].Reports[0], registered()
	// The methods of the first fold are all that every fold can have.
	for _, row := range first.Rows() {
		if missing := s.missing(row.Name); missing > 0 {
			p.Warnings = append(p.Warnings, fmt.Sprintf("%s is left out: %d of %d folds do not have it", row.Name,
				missing, p.Complete))
			continue
		}
		c := Method{Name: row.Name}
		for _, m := range metrics {
			f := s.metric(m.Name, row.Name == report.TrainedName, func(r *report.Report) float64 {
				f, _ := r.Row(row.Name)
				return f.Values[m.Key]
			})
			// Student's interval of few values may exceed the range of a metric, which is [0, 1]
			for _, spread := range []*stats.Spread{f.Folds, f.Seeds} {
				if spread != nil {
					spread.Mean.Low, spread.Mean.High = max(0, spread.Mean.Low), min(1, spread.Mean.High)
				}
			}
			c.Metrics = append(c.Metrics, f) // in the order of Metrics
		}
		p.Methods = append(p.Methods, c)
		if first.Alone(row.Name) {
			untrained = append(untrained, row.Name)
		}
	}
	for k, m := range metrics {
		p.Gains = append(p.Gains, s.gain(m, p.best(k, float64(m.Better), untrained)))
	}
	// A threshold that does as well on test items as on those that it was chosen on has the gap 0.
	gap := s.metric("accuracy", true, func(r *report.Report) float64 {
		return r.Trained.Values[stats.Accuracy] - r.Trained.Validation.Accuracy
	})
	p.GeneralisationGap = &gap
	p.warn(s)
}

// missing returns the number of folds without a method. All reports of a fold have the same methods.
func (s *sums) missing(name string) int {
	missing := 0
	for _, f := range s.folds {
		if _, ok := f.Reports[0].Row(name); !ok {
			missing++
		}
	}
	return missing
}

// best returns the name of the best of some methods by metric k of theirs, times sign (-1 where lower is better); the
// first of those that are as good, "" where p has none of them.
func (p *Protocol) best(k int, sign float64, names []string) string {
	best, top := "", 0.0
	for _, c := range p.Methods {
		value := sign * c.Metrics[k].Value
		if slices.Contains(names, c.Name) && (best == "" || value > top) {
			best, top = c.Name, value
		}
	}
	return best
}

// metric sums up one value of every report, called name: the mean over folds of the means over seeds, and the spreads
// of means over folds and over seeds. seeded says that the value depends on the seed; the spread of others over seeds
// would be 0 and say nothing.
func (s *sums) metric(name string, seeded bool, of func(*report.Report) float64) Metric {
	out := Metric{Name: name}
	bySeed := make([]float64, len(s.folds[0].Reports)) // means over folds
	for _, f := range s.folds {
		var values []float64
		for k, r := range f.Reports {
			values = append(values, of(r))
			bySeed[k] += values[k] / float64(len(s.folds))
		}
		out.ByFold = append(out.ByFold, stat.Mean(values, nil))
	}
	out.Value = stat.Mean(out.ByFold, nil)
	// Too few values are no error here: the spread is absent, and the text says that there is no interval.
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

// gain returns the gain of the trained encoder over another method by a metric, and its outcome: better or worse if the
// deciding interval excludes 0. Differences, unlike metrics, are not clipped to a range.
func (s *sums) gain(m *stats.Metric, against string) Gain {
	g := Gain{Against: against, Of: len(s.folds), Outcome: GainUnclear}
	g.Metric = s.metric(m.Name, true, func(r *report.Report) float64 {
		other, _ := r.Row(against)
		return float64(m.Better) * (r.Trained.Values[m.Key] - other.Values[m.Key])
	})
	// For readers who trust counts more than intervals of a few folds.
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

// fewFolds is the number of folds below which intervals over folds get a warning: Student's t of four folds is 3.2, of
// two 12.7 (.975 quantiles).
const fewFolds = 5

// warn adds warnings about the summary: few folds, and folds whose metrics are not defined but count in the means with
// their worst value.
func (p *Protocol) warn(s *sums) {
	if n := len(s.folds); n > 1 && n < fewFolds {
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("the intervals over folds come from %d folds: they are wide, and assume normally distributed "+
				"metrics", n))
	}
	undefined := 0
	for _, f := range s.folds {
		if r := f.Reports[0]; r.Positive == 0 || r.Positive == 1 {
			undefined++
		}
	}
	if undefined > 0 {
		p.Warnings = append(p.Warnings,
			fmt.Sprintf("%d of %d folds have pairs of one kind only: their metrics are not defined and take the worst "+
				"value", undefined, len(s.folds)))
	}
}
