package evaluate

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/report"
)

// Baselines holds what models of one configuration with several seeds are compared with on the same items. Measuring it
// once saves most of an evaluation's time: features are wider than embeddings, there are several kinds of them, and the
// classifier is trained. Features of all methods stay in memory as long as it does. It is not safe for concurrent use.
type Baselines struct {
	*evaluation
	val, test *data.Frame
}

// NewBaselines measures the baselines on val and test: features without training and, where opt.Train is given, what is
// fitted on it. What is random in them (the untrained encoder, the classifier, the pairs that choose thresholds)
// follows from the seed of cfg. m is any model of that configuration that was trained on opt.Train: its preprocessing
// is used, and nothing of its encoder. Errors are those of [Items].
func NewBaselines(ctx context.Context, backend compute.Backend, m *siamese.Model, cfg siamese.Config, name string, val,
	test *data.Frame, opt Options) (*Baselines, error) {
	// A model with the seed of cfg, from which the baselines take what is random.
	// Of an encoder that does not allow them there is none.
	cfg.PLDA, cfg.UnknownShare = m.Config.PLDA, m.Config.UnknownShare
	any := &siamese.Model{Config: cfg, Transform: m.Transform, Standard: m.Standard, Layers: m.Layers,
		Ensemble: m.Ensemble, EncoderPLDA: m.EncoderPLDA, FeaturesPLDA: m.FeaturesPLDA, Gate: m.Gate}
	b := &Baselines{newEvaluation(backend, Model{Model: any}, name, opt, &overItems{val: val, test: test}), val, test}
	if err := b.check(); err != nil {
		return nil, err
	}
	return b, b.others(ctx)
}

// Evaluate returns the report of a model on the items of the baselines, with the options they were made with. It is
// that of [Items], except that the baselines have the seed of NewBaselines instead of the model's.
func (b *Baselines) Evaluate(ctx context.Context, backend compute.Backend, m *siamese.Model,
	name string) (*report.Report, error) {
	e := newEvaluation(backend, Model{Model: m}, name, b.opt, &overItems{val: b.val, test: b.test})
	if err := e.check(); err != nil {
		return nil, err
	}
	if err := e.embed(ctx); err != nil {
		return nil, err
	}
	// From here on as Items does it, with the baselines in the place of e.others.
	e.take(b.evaluation)
	if err := e.finish(ctx); err != nil {
		return nil, err
	}
	if !b.opt.Bootstrap { // no seed is in the intervals, so that the next model can take those of the others from here
		for k, c := range b.methods {
			*c.metrics = *e.methods[1+k].metrics
		}
	}
	return e.report, nil
}

// take adds to e, which has measured its encoder alone, the methods that another evaluation on the same items has
// measured without an encoder. Metrics are copied, because intervals are added to them; embeddings are shared.
func (e *evaluation) take(other *evaluation) {
	add := func(to *report.Metrics) *report.Metrics {
		m := other.methods[len(e.methods)-1] // other has no trained encoder in front
		*to = *m.metrics
		m.metrics = to
		e.methods = append(e.methods, m)
		return to
	}
	// In the order in which e.others would have measured them, on which add relies.
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

// String returns what the baselines were measured on.
func (b *Baselines) String() string {
	return fmt.Sprintf("%d baselines on %d validation and %d test items", len(b.methods), b.val.N(), b.test.N())
}
