package evaluate

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/origin"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/version"
)

// target is what methods are evaluated on: all pairs of items ([overItems]) or given pairs ([overPairs]). It is the
// only place where the two differ. A target belongs to the evaluation of one model, whose check fills it in; its
// methods are called in the order below, from one goroutine.
type target interface {
	// check takes the sides and fills in the report's counts, or returns why there can be no report.
	check(e *evaluation) error
	// sides returns the validation and the test items that are embedded. check comes before.
	sides() (val, test *data.Frame)
	// choose returns the threshold of untrained features, by name, that has the best accuracy on validation pairs.
	choose(e *evaluation, name string, onVal *embedding.Embeddings) (float64, error)
	// measure fills in the metrics of a method, whose name and threshold are set, and keeps in m what intervals need.
	measure(ctx context.Context, e *evaluation, m *method, onVal, onTest *embedding.Embeddings) error
	// trained adds what only the trained encoder has: its probabilities and the evidence. It is measured already, as the
	// first of e.methods.
	trained(ctx context.Context, e *evaluation, onVal, onTest *embedding.Embeddings) error
	// intervals adds those that measure has not, and the comparison with the best untrained features. With
	// Options.NoIntervals it adds nothing but those of estimates.
	intervals(ctx context.Context, e *evaluation) error
	// details adds the details; it is called only where they are wanted.
	details(ctx context.Context, e *evaluation) error
	// compare adds to out how the models of evaluations (two or more, the receiver's first) differ from the first one.
	compare(ctx context.Context, all []*evaluation, out *report.Compared) error
}

// evaluation is the report of one model while it is being made.
type evaluation struct {
	backend compute.Backend // of the encoder; features without training need none
	model   *siamese.Model
	opt     Options
	report  *report.Report // filled in step by step
	on      target
	fits    *fits // of all models that are compared

	stageName string // the last one

	// methods are what has been measured so far: the trained encoder, then the others in the order of the report's
	// names. Their metrics are those of the report.
	methods []method
}

// evaluate returns the reports of models, each on a target of its own from on, and their differences. Models are taken
// one after another, so that the features of all methods are in memory for one model at a time.
func evaluate(ctx context.Context, backend compute.Backend, models []Model, name string, opt Options,
	on func() target) (*report.Compared, error) {
	if err := checkModels(models); err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", quote.Text(name), err)
	}
	out := &report.Compared{}
	var all []*evaluation
	shared := &fits{} // by models, which are compared on one split
	for _, m := range models {
		e := newEvaluation(backend, m, name, opt, on())
		e.fits = shared
		if err := e.run(ctx); err != nil {
			if m.Name != "" {
				err = fmt.Errorf("%s: %w", quote.Text(m.Name), err)
			}
			return nil, fmt.Errorf("evaluate %s: %w", quote.Text(name), err)
		}
		// Differences need the encoder's only: the features of the others are large, and so are the cosines of all pairs.
		e.methods = slices.Clone(e.methods[:1])
		e.methods[0].rows = nil
		if e.report.Queries > 0 { // estimates are compared without the embeddings
			e.methods[0].z = nil
		}
		out.Reports, all = append(out.Reports, e.report), append(all, e)
	}
	// The first evaluation is asked: all have the same kind of target and the same options.
	if len(all) > 1 {
		if err := all[0].on.compare(ctx, all, out); err != nil {
			return nil, fmt.Errorf("evaluate %s: differences of the models: %w", quote.Text(name), err)
		}
	}
	return out, nil
}

// run makes the report: checks, trained encoder, the others, intervals and details.
func (e *evaluation) run(ctx context.Context) error {
	if err := e.check(); err != nil {
		return err
	}
	if err := e.embed(ctx); err != nil {
		return err
	}
	if err := e.others(ctx); err != nil {
		return err
	}
	return e.finish(ctx)
}

// check returns why there can be no report, or nil. All that can be found wrong without computing is found here, before
// anything that takes time.
func (e *evaluation) check() error {
	if err := e.model.Validate(); err != nil {
		return err
	}
	if e.opt.Transductive && e.model.FeaturesPLDA == nil {
		return option.Errorf("Transductive", "it adapts PLDA of the features, and the model has none: leave it out")
	}
	provenance.Seed(e.model.Config.Seed) // draws pairs for probabilities, resamples and details
	if err := e.on.check(e); err != nil || e.opt.Train == nil {
		return err
	}
	val, test := e.on.sides()
	return checkTraining(e.model, e.opt.Train, val, test)
}

// finish adds the variant, the rows that use the gallery, intervals and, where they are wanted, details. All other
// methods have been measured.
func (e *evaluation) finish(ctx context.Context) error {
	if err := e.variant(ctx); err != nil {
		return err
	}
	if err := e.gallery(ctx); err != nil {
		return err
	}
	if err := e.transductive(ctx); err != nil {
		return err
	}
	if !e.opt.NoIntervals {
		e.stage("intervals")
	}
	// Details come last: they take over intervals that the report has.
	if err := e.on.intervals(ctx, e); err != nil || !e.opt.Details {
		return err
	}
	e.stage("details")
	return e.on.details(ctx, e)
}

// embed measures the trained encoder at the model's own threshold.
func (e *evaluation) embed(ctx context.Context) error {
	e.stage(report.TrainedName)
	onVal, onTest, err := e.source(ctx, e.trainedSource())
	if err != nil {
		return err
	}
	if err := e.measure(ctx, &e.report.Trained, onVal, onTest, report.TrainedName, e.model.Threshold); err != nil {
		return err
	}
	e.methods[0].of = e.trainedSource()
	return e.on.trained(ctx, e, onVal, onTest)
}

// trainedSource returns the embeddings by the model.
func (e *evaluation) trainedSource() embedding.Source {
	return func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return e.model.Embed(ctx, e.backend, f)
	}
}

// source returns what a source makes of the items of both sides.
func (e *evaluation) source(ctx context.Context, of embedding.Source) (onVal, onTest *embedding.Embeddings, err error) {
	val, test := e.on.sides()
	if onVal, err = of(ctx, val); err != nil {
		return nil, nil, fmt.Errorf("validation items: %w", err)
	}
	if onTest, err = of(ctx, test); err != nil {
		return nil, nil, fmt.Errorf("test items: %w", err)
	}
	return onVal, onTest, nil
}

// stage tells what comes next.
func (e *evaluation) stage(what string) {
	e.stageName = what
	e.tell(what)
}

// tell passes on how far the evaluation is.
func (e *evaluation) tell(what string) {
	if e.opt.Stage == nil {
		return
	}
	if e.report.Model != "" {
		what = e.report.Model + ": " + what
	}
	e.opt.Stage(what)
}

// warn adds a warning to the report.
func (e *evaluation) warn(format string, args ...any) {
	e.report.Warnings = append(e.report.Warnings, fmt.Sprintf(format, args...))
}

// newEvaluation returns the evaluation of a model on a target, with an empty report of this version of the lab.
func newEvaluation(backend compute.Backend, m Model, name string, opt Options, on target) *evaluation {
	return &evaluation{backend: backend, model: m.Model, opt: opt, on: on, fits: &fits{},
		report: &report.Report{Name: name, Model: m.Name, Lab: version.Version, Origin: originOf(backend, m.Model, opt)}}
}

// originOf says how the report of a model is made.
func originOf(backend compute.Backend, m *siamese.Model, opt Options) *origin.Origin {
	var seed uint64
	if m != nil { // an error later
		seed = m.Config.Seed
	}
	return siamese.OriginOf(backend).With(seed, opt.Data)
}
