package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// fewestQueries is the number of queries below which batches, from whose spread errors are computed, would have fewer
// than two queries each.
const fewestQueries = 40

// longEstimate is the number of items from which an estimate tells how far it is: a method takes some ten seconds. It is
// a variable because tests lower it.
var longEstimate = 100_000

// checkEstimate returns what is wrong with the options of an estimate over items, or nil.
func (o Options) checkEstimate() error {
	switch {
	case o.Estimate == 0:
		return nil
	case o.Estimate < fewestQueries:
		return option.Errorf("Estimate", "%d: want %d queries or more, or 0 for exact metrics", o.Estimate,
			fewestQueries)
	case o.Details:
		return option.Errorf("Estimate", "%d, and details are of all pairs: leave out Details or the estimate",
			o.Estimate)
	}
	return nil
}

// estimates returns whether metrics of n items are estimates: as many queries as items are all pairs.
func (o Options) estimates(n int) bool { return o.Estimate > 0 && o.Estimate < n }

// allPairs estimates the metrics of rows z [N, E] by their cosines, or what is made of these, from as many queries as
// the options say; of no more items than these it is exact, and has no batches. Items are the same if their labels [N]
// are equal. Rows are read as they are needed, but for what is made of cosines.
func (e *evaluation) allPairs(ctx context.Context, z metric.Reader, mixed metric.Mixture, labels []int32,
	opt metric.Options) (*metric.Estimate, error) {
	if len(labels) >= longEstimate {
		what := e.stageName
		opt.Progress = func(done float64) { e.tell(fmt.Sprintf("%s, %.0f %%", what, 100*done)) }
	}
	with := metric.EstimateOptions{Options: opt, Queries: min(len(labels), e.opt.Estimate), Seed: e.opt.EstimateSeed}
	if mixed == nil {
		return metric.EstimateRead(ctx, z, labels, with)
	}
	with.Mixture = mixed
	return metric.EstimatePairs(ctx, z.(*embedding.Embeddings).Values, labels, with)
}

// features fills f with the metrics of features as t makes them, as untrained does. Estimates read those that are wider
// than the model's embeddings whenever they are needed, so that however many there are, they are never in memory.
func (e *evaluation) features(ctx context.Context, f *report.Metrics, t *preprocess.Transform, name string) error {
	if e.report.Queries == 0 || t.Width() <= e.model.E() {
		return e.untrained(ctx, f, embedding.Transformed(t), name)
	}
	e.stage(name)
	val, test := e.on.sides()
	onVal, err := embedding.NewStreamed(t, val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	onTest, err := embedding.NewStreamed(t, test)
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	o := e.on.(*overItems) // given pairs have no estimates
	cosines, err := onVal.Cosines(o.pairs.Left, o.pairs.Right)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	threshold, err := o.best(cosines)
	if err != nil {
		return err
	}
	*f = report.Metrics{Name: name, Threshold: threshold}
	m := method{metrics: f, of: embedding.Transformed(t)}
	if err := o.estimate(ctx, e, &m, onVal, onTest); err != nil {
		return fmt.Errorf("%s: %w", quote.Text(name), err)
	}
	e.methods = append(e.methods, m)
	return nil
}

// estimate is measure where metrics are estimates.
func (o *overItems) estimate(ctx context.Context, e *evaluation, m *method, onVal, onTest metric.Reader) error {
	result, err := e.allPairs(ctx, onTest, m.mixed[1], o.labels, e.onTest(m))
	if err != nil {
		return err
	}
	before, err := e.allPairs(ctx, onVal, m.mixed[0], o.validation, e.onVal(m))
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	return o.fill(ctx, e, m, result, before, nil)
}

// estimateIntervals adds the intervals of estimates, and of how the trained encoder differs from the best of the others
// on the same queries. They are there even with Options.NoIntervals, since they cost nothing and an estimate without
// its error cannot be read.
func (e *evaluation) estimateIntervals() (err error) {
	// Errors come from the spread over batches of queries, see metric.EstimatePairs.
	for _, c := range e.methods {
		if c.metrics.Intervals, err = stats.SampledMetrics(c.metrics.Name, c.estimate, e.report.Classes,
			e.opt.Confidence); err != nil {
			return err
		}
	}
	best, trained := e.methods[e.best()], e.methods[0]
	e.report.Comparison, err = stats.CompareSampled(best.metrics.Name, best.estimate, trained.metrics.Name,
		trained.estimate, e.opt.Confidence)
	return err
}

// estimatedValidation adds the intervals of what the threshold does to validation items, where that is an estimate too.
// If there are fewer validation items than queries it is exact, and has no interval beside estimates on test items: the
// two would mean different things.
func (e *evaluation) estimatedValidation(c *method, before *metric.Estimate) error {
	if before.Batches() == 0 {
		return nil
	}
	sampled, err := stats.SampledMetrics(c.metrics.Name, before, 0, e.opt.Confidence)
	if err != nil {
		return err
	}
	// Of all metrics only those at the threshold are shown for validation items.
	at := sampled.AtThreshold()
	at.Threshold = c.metrics.Threshold
	c.metrics.ValidationIntervals = &at
	return nil
}

// compareEstimates adds to out how the trained encoders of all differ from that of e, which is the first of them. All
// have the same queries, so that differences are more precise than the metrics.
func (e *evaluation) compareEstimates(out *report.Compared, all []*evaluation) error {
	// Query by query: what is hard for one model is often hard for the other.
	for _, one := range all[1:] {
		d, err := stats.CompareSampled(e.report.Model, e.methods[0].estimate, one.report.Model, one.methods[0].estimate,
			e.opt.Confidence)
		if err != nil {
			return err
		}
		out.Differences = append(out.Differences, d)
	}
	return nil
}
