package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// intervals adds those of all metrics and the comparison of the trained encoder with the best of the others: by items
// and, from [report.IntervalClasses] classes on, by classes. Below that number intervals by classes cannot be trusted,
// and new classes get a sign test instead.
func (o *overItems) intervals(ctx context.Context, e *evaluation) error {
	if e.report.Queries > 0 { // an estimate is never without its error
		if err := e.estimateIntervals(); err != nil {
			return fmt.Errorf("intervals of estimates: %w", err)
		}
	}
	if e.opt.NoIntervals {
		return nil
	}
	// Probabilities are assessed on drawn pairs, for estimates too.
	if err := o.probabilityIntervals(ctx, e); err != nil {
		return fmt.Errorf("intervals: probabilities: %w", err)
	}
	if e.report.Queries > 0 {
		return nil
	}
	best := e.best() // the same by items and by classes
	r := e.report
	if err := o.by(ctx, e, stats.ByItem, best, func(m method) **stats.Metrics { return &m.metrics.Intervals },
		&r.Comparison); err != nil {
		return err
	}
	// For other classes: intervals if there are enough of them, signs if not.
	if r.Classes < report.IntervalClasses {
		return o.changesByClass(ctx, e, best)
	}
	return o.by(ctx, e, stats.ByClass, best, func(m method) **stats.Metrics { return &m.metrics.ByClass },
		&r.ComparisonByClass)
}

// by adds the intervals by one unit: to returns where those of a method belong, comparison is where that of the trained
// encoder with method best belongs. These two are resampled together, on the same draws, so that their difference has
// an interval of its own.
func (o *overItems) by(ctx context.Context, e *evaluation, unit stats.Unit, best int, to func(method) **stats.Metrics,
	comparison **stats.Comparison) error {
	opt := e.opt.intervals(unit, e.model.Config.Seed)
	system := func(k int) stats.System {
		m := e.methods[k]
		s := stats.One(m.metrics.Name, m.z.Values, m.metrics.Threshold)
		s.Runs[0].Mixture = m.mixed[1]
		return s
	}
	both, err := stats.Compare(ctx, system(best), []stats.System{system(0)}, o.labels, opt)
	if err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	*to(e.methods[best]), *to(e.methods[0]) = both.Metrics[0], both.Metrics[1]
	*comparison = both.Comparisons[0]
	e.warnOfIntervals(both.Metrics[1])
	// The others have intervals only, and need no draws in common.
	for k, m := range e.methods {
		if k == 0 || k == best || *to(m) != nil { // the evaluation of another model has found them, see Baselines
			continue
		}
		if *to(m), err = stats.Intervals(ctx, system(k), o.labels, opt); err != nil {
			return fmt.Errorf("intervals: %s: %w", quote.Text(m.metrics.Name), err)
		}
	}
	return nil
}

// warnOfIntervals adds the warnings of f that are about its intervals. Those about the embeddings are in the report
// already.
func (e *evaluation) warnOfIntervals(f *stats.Metrics) {
	for _, w := range f.Warnings {
		if stats.AboutIntervals(w.Kind) {
			e.report.Warnings = append(e.report.Warnings, f.Name+": "+w.String())
		}
	}
}
