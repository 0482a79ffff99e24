package evaluate

import (
	"context"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/report"
)

// FieldOf is what models of one configuration with several seeds are held against on the same items, measured once.
type FieldOf struct {
	*evaluation
	val, test *data.Frame
}

// NewField measures it, with what is random drawn by the seed of cfg. m is a model of any seed that was trained on
// opt.Train.
func NewField(ctx context.Context, backend compute.Backend, m *siamese.Model, cfg siamese.Config, name string, val, test *data.Frame, opt Options) (*FieldOf, error) {
	any := &siamese.Model{Config: cfg, Transform: m.Transform, Standard: m.Standard, Layers: m.Layers}
	f := &FieldOf{&evaluation{model: any, opt: opt}, val, test}
	if err := f.check(name, val, test); err != nil {
		return nil, err
	}
	return f, f.others(ctx, backend, val, test)
}

// Evaluate returns the report of a model, as [ItemsWith] does but for the seed of the others.
func (f *FieldOf) Evaluate(ctx context.Context, backend compute.Backend, m *siamese.Model, name string) (*report.Report, error) {
	e := &evaluation{model: m, opt: f.opt}
	if err := e.check(name, f.val, f.test); err != nil {
		return nil, err
	}
	if err := e.embed(ctx, backend, f.val, f.test); err != nil {
		return nil, err
	}
	e.take(f.evaluation)
	if err := e.sureness(ctx); err != nil {
		return nil, err
	}
	if err := e.details(ctx, f.val, f.test); err != nil {
		return nil, err
	}
	if f.opt.Rounds == 0 { // no seed is in the intervals: the others' are the same for every model
		for k, c := range f.contestants {
			*c.figures = *e.contestants[1+k].figures
		}
	}
	return &e.report, nil
}

// take adds to e what another evaluation has measured.
func (e *evaluation) take(other *evaluation) {
	add := func(to *report.Metrics) *report.Metrics {
		c := other.contestants[len(e.contestants)-1] // the trained encoder has none there
		*to = *c.figures
		e.contestants = append(e.contestants, contestant{to, c.z, c.thresholds, c.validation, c.estimate})
		return to
	}
	r := &e.report
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
