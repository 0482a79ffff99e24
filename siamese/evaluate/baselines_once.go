package evaluate

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/report"
)

// Baselines holds what models of one configuration with several seeds are compared with on the same items, measured
// once.
type Baselines struct {
	*evaluation
	val, test *data.Frame
}

// NewBaselines measures them with opt.Train, which must be given, and draws what is random by the seed of cfg. m is any
// model of that configuration that was trained on opt.Train; only its preprocessing is used. Errors are those of
// [Items].
func NewBaselines(ctx context.Context, backend compute.Backend, m *siamese.Model, cfg siamese.Config, name string, val,
	test *data.Frame, opt Options) (*Baselines, error) {
	any := &siamese.Model{Config: cfg, Transform: m.Transform, Standard: m.Standard, Layers: m.Layers}
	b := &Baselines{newEvaluation(backend, Model{Model: any}, name, opt, &overItems{val: val, test: test}), val, test}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, b.others(ctx)
}

// Evaluate returns the report of a model on the items of the baselines, as [Items] does but for the seed of the others.
// It is not safe for concurrent use.
func (b *Baselines) Evaluate(ctx context.Context, backend compute.Backend, m *siamese.Model,
	name string) (*report.Report, error) {
	e := newEvaluation(backend, Model{Model: m}, name, b.opt, &overItems{val: b.val, test: b.test})
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := e.embed(ctx); err != nil {
		return nil, err
	}
	e.take(b.evaluation)
	if err := e.finish(ctx); err != nil {
		return nil, err
	}
	if !b.opt.Bootstrap { // no seed is in the intervals: the others' are the same for every model
		for k, c := range b.methods {
			*c.metrics = *e.methods[1+k].metrics
		}
	}
	return e.report, nil
}

// take adds to e what another evaluation has measured.
func (e *evaluation) take(other *evaluation) {
	add := func(to *report.Metrics) *report.Metrics {
		m := other.methods[len(e.methods)-1] // the trained encoder has none there
		*to = *m.metrics
		m.metrics = to
		e.methods = append(e.methods, m)
		return to
	}
	r := e.report
	add(&r.Baseline)
	if other.report.Preprocessed != nil {
		r.Preprocessed = add(&report.Metrics{})
	}
	for range other.report.Others {
		r.Others = append(r.Others, add(&report.Metrics{}))
	}
	if other.report.Classifier != nil {
		r.Classifier = add(&report.Metrics{})
	}
	r.Warnings = append(r.Warnings, other.report.Warnings...)
}
