package evaluate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/version"
)

// Model is a model to evaluate, with the name that tells it from others in reports. One model alone needs no name.
type Model struct {
	Name  string
	Model *siamese.Model
}

// One returns a list of one model without a name.
func One(m *siamese.Model) []Model { return []Model{{Model: m}} }

// Items returns how models do on the items of test, exactly over all their pairs (for estimates, where these are too
// many, see [Options.Estimate]), beside the cosine of standardised features without training and, where a model
// preprocesses them otherwise, of the features as its encoder sees them. The threshold of each was chosen on pairs of
// val; nothing is fitted on test. name says in the report what test is, for instance "new items" or "unseen classes".
//
// Metrics have confidence intervals, and the trained encoder is compared with the best of the others on the same items.
// With several models, whose names must differ, the result also has the differences of the second model and the
// following from the first, as [stats.Compare] has them. No test item may be one that any of the models was trained on;
// train all of them on one split.
//
// Models whose items have several classes each (Config.LabelSeparator, the same for all) are evaluated as [Pairs] does
// on at most 200,000 pairs drawn from those that labels tell of. Retrieval metrics of one class an item are absent;
// instead [report.Report.Labels] has ROC-AUC and MAP@R over all such pairs, without intervals.
//
// Items without a label count as the same as nothing. Unsound frames, test items that are also in val, and test or val
// without labels are errors. What makes a metric doubtful, for instance a class of one item, or a test item with
// exactly the values of a validation item or of one that the model was trained on, stands in the report's Warnings; a
// metric that is not defined takes its worst value, never NaN.
func Items(ctx context.Context, backend compute.Backend, models []Model, name string, val, test *data.Frame,
	opt Options) (*report.Compared, error) {
	separator, err := oneSeparator(models)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	if separator != "" {
		return byLabels(ctx, backend, models, separator, name, val, test, opt)
	}
	return evaluate(ctx, backend, models, name, opt, func() target { return &overItems{val: val, test: test} })
}

// Pairs returns how models do on the pairs of test, beside features without training on the same pairs, as [Items] does
// over all pairs of items. val and test are pairs of the items of frame, split by item; see [pairs.NewSplit]. The
// threshold of a model is its own, that of features is chosen on the pairs of val; nothing is fitted on test. Labels of
// the frame are not used, so that retrieval metrics are absent.
//
// A pair of weight w and label l counts as weight l w of a positive and (1-l) w of a negative pair: a pair that
// three of four people call the same is right to score high three times in four.
//
// With [Options.Bootstrap] intervals come from a bootstrap over items (see [stats.PairIntervals]), but for those of
// probabilities, which are by the delta method (see [stats.LabelledPairs.AddIntervals]). No classifier is trained on
// the items of [Options.Train].
//
// Unsound pairs, no pairs, items that are in pairs of both val and test, items with missing values that a model does
// not impute, and an [Options.Estimate] are errors. What makes a metric doubtful, for instance pairs of one label only,
// stands in Warnings; a metric that is not defined takes its worst value, never NaN.
func Pairs(ctx context.Context, backend compute.Backend, models []Model, name string, frame *data.Frame, val,
	test pairs.Pairs, opt Options) (*report.Compared, error) {
	return evaluate(ctx, backend, models, name, opt, func() target {
		return &overPairs{frames: [2]*data.Frame{frame, frame}, given: [2]pairs.Pairs{val, test}}
	})
}

// target is what methods are evaluated on: all pairs of items, or given pairs. One belongs to one model.
type target interface {
	// check takes the sides and fills in the report's counts, or returns why there can be no report.
	check(e *evaluation) error
	// sides returns the validation and the test items.
	sides() (val, test *data.Frame)
	// choose returns the threshold of untrained features that is best for validation pairs.
	choose(e *evaluation, name string, onVal *embedding.Embeddings) (float64, error)
	// measure fills in the metrics of a method.
	measure(ctx context.Context, e *evaluation, m *method, onVal, onTest *embedding.Embeddings) error
	// trained adds what only the trained encoder has, which is measured already.
	trained(ctx context.Context, e *evaluation, onTest *embedding.Embeddings) error
	// intervals adds those that measure has not, and the comparison with the best untrained features.
	intervals(ctx context.Context, e *evaluation) error
	// details adds the details, which are wanted.
	details(ctx context.Context, e *evaluation) error
	// compare adds how the models of evaluations differ from the first.
	compare(ctx context.Context, all []*evaluation, out *report.Compared) error
}

// evaluation is a report that is being made.
type evaluation struct {
	backend compute.Backend
	model   *siamese.Model
	opt     Options
	report  *report.Report
	on      target
	methods []method // the trained encoder comes first
}

// evaluate returns the reports of models, each on a target of its own, and their differences.
func evaluate(ctx context.Context, backend compute.Backend, models []Model, name string, opt Options,
	on func() target) (*report.Compared, error) {
	if err := checkModels(models); err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	out := &report.Compared{}
	var all []*evaluation
	for _, m := range models {
		e := newEvaluation(backend, m, name, opt, on())
		if err := e.run(ctx); err != nil {
			if m.Name != "" {
				err = fmt.Errorf("%s: %w", m.Name, err)
			}
			return nil, fmt.Errorf("evaluate %s: %w", name, err)
		}
		e.methods = e.methods[:1:1] // the features of the others are large
		out.Reports, all = append(out.Reports, e.report), append(all, e)
	}
	if len(all) > 1 {
		if err := all[0].on.compare(ctx, all, out); err != nil {
			return nil, fmt.Errorf("evaluate %s: differences of the models: %w", name, err)
		}
	}
	return out, nil
}

// checkModels returns why models cannot be evaluated together, or nil.
func checkModels(models []Model) error {
	if len(models) == 0 {
		return errors.New("no model is given")
	}
	for k, m := range models {
		if len(models) > 1 && (m.Name == "" ||
			slices.ContainsFunc(models[:k], func(o Model) bool { return o.Name == m.Name })) {
			return fmt.Errorf("model %d is named %q: give every model a name of its own", k+1, m.Name)
		}
	}
	return nil
}

// run makes the report.
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

// check returns why there can be no report, or nil.
func (e *evaluation) check() error {
	if err := e.model.Validate(); err != nil {
		return err
	}
	return e.on.check(e)
}

// finish adds intervals and details.
func (e *evaluation) finish(ctx context.Context) error {
	if err := e.on.intervals(ctx, e); err != nil || !e.opt.Details {
		return err
	}
	return e.on.details(ctx, e)
}

// embed measures the trained encoder.
func (e *evaluation) embed(ctx context.Context) error {
	onVal, onTest, err := e.source(ctx, e.trainedSource())
	if err != nil {
		return err
	}
	if err := e.measure(ctx, &e.report.Trained, onVal, onTest, report.TrainedName, e.model.Threshold); err != nil {
		return err
	}
	return e.on.trained(ctx, e, onTest)
}

func (e *evaluation) trainedSource() embedding.Source {
	return func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return e.model.Embed(ctx, e.backend, f)
	}
}

// source returns the embeddings of both sides.
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

// others measures what the trained encoder is compared with.
func (e *evaluation) others(ctx context.Context) error {
	m := e.model
	if err := e.untrained(ctx, &e.report.Baseline, embedding.Transformed(m.Standard),
		report.StandardisedName); err != nil {
		return err
	}
	val, test := e.on.sides()
	if !e.report.GivenPairs {
		copies, err := itemset.Copies("validation", val, "test", test)
		if err != nil {
			return err
		}
		e.report.Warnings = append(e.report.Warnings, copies...)
	}
	known, err := trainedOn(m, test)
	if err != nil {
		return err
	}
	e.report.Warnings = append(e.report.Warnings, known...)
	if m.Transform != m.Standard {
		e.report.Preprocessed = &report.Metrics{}
		if err := e.untrained(ctx, e.report.Preprocessed, embedding.Transformed(m.Transform),
			featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train == nil {
		return nil
	}
	return e.baselines(ctx)
}

// featuresName returns what reports call the features as the encoder of m sees them.
func featuresName(m *siamese.Model) string {
	if m.Config.Preprocess.UsesLabels() {
		return report.FittedName
	}
	return report.PreprocessedName
}

// untrained measures features as if they were embeddings, with the threshold on their cosine that is best for
// validation pairs.
func (e *evaluation) untrained(ctx context.Context, f *report.Metrics, of embedding.Source, name string) error {
	onVal, onTest, err := e.source(ctx, of)
	if err != nil {
		return err
	}
	threshold, err := e.on.choose(e, name, onVal)
	if err != nil {
		return err
	}
	return e.measure(ctx, f, onVal, onTest, name, threshold)
}

// measure fills f with the metrics of embeddings.
func (e *evaluation) measure(ctx context.Context, f *report.Metrics, onVal, onTest *embedding.Embeddings, name string,
	threshold float64) error {
	*f = report.Metrics{Name: name, Threshold: threshold}
	m := method{metrics: f, z: onTest}
	if err := e.on.measure(ctx, e, &m, onVal, onTest); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	e.methods = append(e.methods, m)
	return nil
}

// best returns the place of the best untrained method, by the first measure of the report.
func (e *evaluation) best() int {
	best, key := 1, e.report.Measures()[0]
	for k, m := range e.methods {
		if k > 0 && m.metrics != e.report.Classifier && m.metrics.Values[key] > e.methods[best].metrics.Values[key] {
			best = k
		}
	}
	return best
}

func (e *evaluation) warn(format string, args ...any) {
	e.report.Warnings = append(e.report.Warnings, fmt.Sprintf(format, args...))
}

// newEvaluation returns the evaluation of a model on a target, with an empty report of this version of the lab.
func newEvaluation(backend compute.Backend, m Model, name string, opt Options, on target) *evaluation {
	return &evaluation{backend: backend, model: m.Model, opt: opt, on: on,
		report: &report.Report{Name: name, Model: m.Name, Lab: version.Version}}
}
