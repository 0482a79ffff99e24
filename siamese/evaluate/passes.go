package evaluate

import (
	"context"
	"fmt"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// similarities returns the cosines of all pairs of items with embeddings z [N, E] and labels [N], or what is made of
// these, computed once for all passes over them where there is memory for that ([metric.Rows.Keep]): of features they
// take most of the time.
func similarities(ctx context.Context, z *embedding.Embeddings, mixed metric.Mixture, labels []int32) (*metric.Rows,
	error) {
	rows, err := metric.NewRows(z.Values, labels, metric.Cosine)
	if err != nil {
		return nil, err
	}
	return rows, rows.Mixed(mixed).Keep(ctx, 0)
}

// exact returns the metrics of all pairs in the form of an estimate.
func exact(ctx context.Context, rows *metric.Rows, opt metric.Options) (*metric.Estimate, error) {
	result, err := rows.AllPairs(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &metric.Estimate{Result: *result, Sampled: rows.N()}, nil
}

// exactly returns the metrics of a method on the test items, and sets the system of it that intervals are computed from.
// What they need is measured here, in the same passes, so that the scores need not be kept. A bootstrap looks at the
// pairs itself.
func (o *overItems) exactly(ctx context.Context, e *evaluation, m *method, z *embedding.Embeddings, opt metric.Options) (
	*metric.Estimate, error) {
	f := m.metrics
	m.system = stats.One(f.Name, z.Values, f.Threshold)
	m.system.Runs[0].Mixture = m.mixed[1]
	rows, err := similarities(ctx, z, m.mixed[1], o.labels)
	if err != nil {
		return nil, err
	}
	if e.opt.NoIntervals || e.opt.Bootstrap {
		return exact(ctx, rows, opt)
	}
	units := []stats.Unit{stats.ByItem}
	if e.report.Classes >= report.IntervalClasses {
		units = append(units, stats.ByClass)
	}
	run := &m.system.Runs[0]
	run.Rows = rows
	system, results, err := m.system.Measured(ctx, o.labels, stats.Options{}, units...)
	if err != nil {
		return nil, fmt.Errorf("intervals: %w", err)
	}
	run.Rows, m.system = nil, system // both have the same runs
	return &metric.Estimate{Result: *results[0], Sampled: z.N}, nil
}

// rowsOf returns the cosines of a method on all pairs of test items, and keeps them for the next call.
func (o *overItems) rowsOf(ctx context.Context, m *method) (*metric.Rows, error) {
	if m.rows == nil {
		rows, err := similarities(ctx, m.z, m.mixed[1], o.labels)
		if err != nil {
			return nil, err
		}
		m.rows = rows
	}
	return m.rows, nil
}
