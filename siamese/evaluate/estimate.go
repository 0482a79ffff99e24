package evaluate

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// fewestQueries is the number of queries below which there are no two for each batch that errors come from.
const fewestQueries = 40

// checkEstimate returns what is wrong with the options of an estimate, or nil.
func (o Options) checkEstimate() error {
	switch {
	case o.Estimate == 0:
		return nil
	case o.Estimate < fewestQueries:
		return fmt.Errorf("estimate is %d: want %d queries or more, or 0 for exact figures", o.Estimate, fewestQueries)
	case o.Details:
		return errors.New("details are of all pairs: leave out Details or Estimate")
	}
	return nil
}

// estimates says whether figures of n items are estimates.
func (o Options) estimates(n int) bool { return o.Estimate > 0 && o.Estimate < n }

// allPairs returns the figures of items, over all their pairs or from as many queries as the options say.
func (e *evaluation) allPairs(ctx context.Context, z *embedding.Embeddings, labels []int32, opt metric.Options) (*metric.Estimate, error) {
	queries := z.N
	if e.opt.estimates(z.N) {
		queries = e.opt.Estimate
	}
	return metric.EstimatePairs(ctx, z.Values, labels, metric.EstimateOptions{Options: opt, Queries: queries, Seed: e.opt.EstimateSeed})
}

// sureEstimates adds the intervals of estimates, and of how the trained encoder differs from the best of the others.
func (e *evaluation) sureEstimates() (err error) {
	for _, c := range e.contestants {
		if c.figures.Intervals, err = stats.SampledMetrics(c.figures.Name, c.estimate, e.report.Classes, e.opt.Level); err != nil {
			return err
		}
	}
	best, trained := e.contestants[e.best()], e.contestants[0]
	e.report.Comparison, err = stats.CompareSampled(best.figures.Name, best.estimate, trained.figures.Name, trained.estimate, e.opt.Level)
	return err
}

// estimatedValidation adds the intervals of what the threshold does to validation items, where that is an estimate too; beside
// estimates on test items, exact figures have none.
func (e *evaluation) estimatedValidation(c *contestant, before *metric.Estimate) error {
	if before.Batches() == 0 {
		return nil
	}
	sure, err := stats.SampledMetrics(c.figures.Name, before, 0, e.opt.Level)
	if err != nil {
		return err
	}
	at := sure.AtThreshold()
	at.Threshold = c.figures.Threshold
	c.figures.ValidationIntervals = &at
	return nil
}

// compareEstimates adds how models differ from the first of them, all on the same queries.
func (e *evaluation) compareEstimates(out *report.Compared, names []string, of []*metric.Estimate) error {
	for k, one := range of[1:] {
		d, err := stats.CompareSampled(names[0], of[0], names[k+1], one, e.opt.Level)
		if err != nil {
			return fmt.Errorf("evaluate %s: differences of the models: %w", e.report.Name, err)
		}
		out.Differences = append(out.Differences, d)
	}
	return nil
}
