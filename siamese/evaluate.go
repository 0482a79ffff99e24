package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Evaluate returns how the model does on the items of test, exactly over all their pairs (for estimates, where these are
// too many, see [EvaluateOptions.Estimate]), beside the cosine of standardised features without training and, where the
// model preprocesses them otherwise, of the features as its encoder sees them. The threshold of each was chosen on pairs of
// val; nothing is fitted on test. name says in the report what test is, for instance "new items" or "unseen classes".
//
// Figures have intervals, and the trained encoder is compared with the best of the others on the same items; see
// [EvaluateWith] to choose how, or to leave that out.
//
// Items without a label count as the same as nothing. Unsound frames, test items that are also in val, and
// a test frame or val without labels are errors, and so is a model whose items have several classes each
// (Config.LabelSeparator): these are judged by [EvaluateLabels], and by [EvaluatePairs] on [LabelPairs]. What makes a figure
// doubtful, for instance a class of one item, or a test item with exactly the values of a validation item or of one that the
// model was trained on, stands in the report's Warnings; a figure that is not defined takes its worst value, never NaN.
func Evaluate(ctx context.Context, backend compute.Backend, m *Model, name string, val, test *data.Frame) (*Report, error) {
	return EvaluateWith(ctx, backend, m, name, val, test, EvaluateOptions{})
}

// EvaluateWith is [Evaluate] with options.
func EvaluateWith(ctx context.Context, backend compute.Backend, m *Model, name string, val, test *data.Frame, opt EvaluateOptions) (*Report, error) {
	e, err := evaluate(ctx, backend, m, name, val, test, opt)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return &e.report, nil
}

func evaluate(ctx context.Context, backend compute.Backend, m *Model, name string, val, test *data.Frame, opt EvaluateOptions) (*evaluation, error) {
	e := &evaluation{model: m, opt: opt}
	if err := e.check(name, val, test); err != nil {
		return nil, err
	}
	if err := e.embed(ctx, backend, val, test); err != nil {
		return nil, err
	}
	if err := e.others(ctx, backend, val, test); err != nil {
		return nil, err
	}
	if err := e.sureness(ctx); err != nil {
		return nil, err
	}
	if err := e.details(ctx, val, test); err != nil {
		return nil, err
	}
	return e, nil
}

// others measures what the trained encoder is held against.
func (e *evaluation) others(ctx context.Context, backend compute.Backend, val, test *data.Frame) error {
	m := e.model
	if err := e.untrained(ctx, &e.report.Baseline, transformed(m.Standard), val, test, standardisedName); err != nil {
		return err
	}
	warnings, err := copies("validation", val, "test", test)
	if err != nil {
		return err
	}
	known, err := trainedOn(m, test)
	if err != nil {
		return err
	}
	e.report.Warnings = append(append(e.report.Warnings, warnings...), known...)
	if m.Transform != m.Standard {
		e.report.Preprocessed = &Figures{}
		if err := e.untrained(ctx, e.report.Preprocessed, transformed(m.Transform), val, test, featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train == nil {
		return nil
	}
	return e.baselines(ctx, backend, e.opt.Train, val, test)
}

// Names of what a report compares.
const (
	trainedName      = "trained encoder"
	standardisedName = "standardised features, no training"
	preprocessedName = "preprocessed features, no training"
	fittedName       = "features fitted to classes, no encoder"
	rawName          = "raw features, no training"
	blocksName       = "block-scaled features, no training"
	pcaName          = "principal components, no training"
	whitenedName     = "whitened principal components, no training"
	ldaName          = "linear discriminants of training items"
	randomName       = "untrained encoder"
	classifierName   = "classifier's last hidden layer"
)

// featuresName returns what reports call the features as the encoder of m sees them.
func featuresName(m *Model) string {
	if m.Config.Preprocess.UsesLabels() {
		return fittedName
	}
	return preprocessedName
}

// evaluation is a report that is being made.
type evaluation struct {
	model       *Model
	opt         EvaluateOptions
	report      Report
	labels      []int32 // of the test items
	validation  []int32 // labels of the validation items
	pairs       Pairs   // of the validation items, drawn as the model's own were: they choose the others' thresholds
	contestants []contestant
}

// contestant is one kind of similarity on the test items.
type contestant struct {
	figures    *Figures // of the report
	z          *Embeddings
	thresholds []ThresholdDetail        // without what they do on test items; nil where no details are wanted
	validation []stats.ThresholdMetrics // of the thresholds, on validation items; nil where no intervals are wanted
	estimate   *metric.Estimate         // of the figures; exact where every query was taken
}

// check makes the report, or returns why there can be none.
func (e *evaluation) check(name string, val, test *data.Frame) error {
	if err := e.model.Validate(); err != nil {
		return err
	}
	if err := oneClass(e.model.Config.LabelSeparator, "an evaluation over all pairs of items"); err != nil {
		return err
	}
	costs := metric.VerificationOptions{CostFP: e.opt.CostFP, CostFN: e.opt.CostFN}
	if err := errors.Join(e.opt.intervals(stats.ByItem, 0).Validate(), costs.Validate(), e.opt.checkEstimate()); err != nil {
		return err
	}
	if err := e.model.Config.Preprocess.Check(val); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	if err := e.model.Config.Preprocess.Check(test); err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	if err := disjoint("validation", val, "test", test); err != nil {
		return err
	}
	names, labels := classNumbers(test)
	if len(names) == 0 {
		return errors.New("no test item has a label: give labels, or evaluate on labelled pairs")
	}
	e.labels = labels
	pairs, err := e.model.Config.ValidationPairs(val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	e.pairs = pairs
	_, e.validation = classNumbers(val)
	e.report = Report{Name: name, ItemsHash: itemsHash(test), Items: test.N(), Classes: len(names), Pairs: int64(test.N()) * int64(test.N()-1) / 2}
	known := val
	if e.opt.Train != nil {
		known = e.opt.Train
	}
	e.report.NewClasses = newTo(test, known)
	if e.opt.estimates(test.N()) {
		e.report.Queries = e.opt.Estimate
	}
	return nil
}

// embed measures the trained encoder.
func (e *evaluation) embed(ctx context.Context, backend compute.Backend, val, test *data.Frame) error {
	z, err := e.model.Embed(ctx, backend, test)
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	onVal, err := e.model.Embed(ctx, backend, val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	if err := e.measure(ctx, &e.report.Trained, onVal, z, trainedName, e.model.Threshold); err != nil {
		return err
	}
	if z.Unseen != nil {
		e.report.Warnings = append(e.report.Warnings, z.Warnings()[len(z.Warnings())-1])
	}
	e.report.Probabilities, err = reliability(e.model, z, e.labels)
	return err
}

// source returns unit vectors of the items of a frame.
type source func(context.Context, *data.Frame) (*Embeddings, error)

// transformed returns the features of a transform.
func transformed(t *preprocess.Transform) source {
	return func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return unitRows(ctx, t, f) }
}

// untrained measures features as if they were embeddings, with the threshold on their cosine that is best for pairs of
// val, drawn as the model's own were.
func (e *evaluation) untrained(ctx context.Context, f *Figures, of source, val, test *data.Frame, name string) error {
	onVal, err := of(ctx, val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	onTest, err := of(ctx, test)
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	scores, same := pairScores(onVal, e.pairs)
	chosen, err := metric.Verify(scores, same, nil, metric.VerificationOptions{})
	if err != nil {
		return fmt.Errorf("untrained threshold: %w", err)
	}
	return e.measure(ctx, f, onVal, onTest, name, chosen.Natural.BestAccuracy.Threshold)
}

// measure fills f with the figures of z, and what the threshold does to onVal.
func (e *evaluation) measure(ctx context.Context, f *Figures, onVal, z *Embeddings, name string, threshold float64) error {
	opt := metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{threshold}}}
	result, err := e.allPairs(ctx, z, e.labels, opt)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	opt.Verification.CostFP, opt.Verification.CostFN = e.opt.CostFP, e.opt.CostFN
	if e.opt.Details {
		opt.Verification.FPRs = metric.DefaultFPRs()
	}
	before, err := e.allPairs(ctx, onVal, e.validation, opt)
	if err != nil {
		return fmt.Errorf("%s: validation items: %w", name, err)
	}
	v, at := result.Verification, atThreshold(result.Verification.At[0])
	recall, _ := result.Retrieval.Recall(1)
	*f = Figures{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, MAPAtR: result.Retrieval.MAPAtR, RecallAt1: recall,
		Threshold: threshold, Accuracy: at.Accuracy, FPR: at.FPR, FNR: at.FNR, Validation: atThreshold(before.Verification.At[0]),
	}
	c := contestant{figures: f, z: z, estimate: result}
	if e.opt.Details {
		c.thresholds = thresholds(before.Verification, e.opt.CostFP, e.opt.CostFN)
	}
	if err := e.sureValidation(ctx, &c, onVal, before); err != nil {
		return fmt.Errorf("%s: validation items: %w", name, err)
	}
	e.contestants = append(e.contestants, c)
	e.report.Positive = v.Natural.Prevalence
	for _, w := range result.AllWarnings() {
		e.report.Warnings = append(e.report.Warnings, name+": "+w.String())
	}
	return nil
}

// unitRows returns the transformed features of frame, every row of unit length: what the cosine sees without
// training.
func unitRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	out, err := transformedRows(ctx, transform, frame)
	if err != nil {
		return nil, err
	}
	out.toUnit()
	return out, nil
}

// transformedRows returns the transformed features of frame, of whatever length.
func transformedRows(ctx context.Context, transform *preprocess.Transform, frame *data.Frame) (*Embeddings, error) {
	rows, err := transform.Rows(frame)
	if err != nil {
		return nil, err
	}
	width := transform.Width()
	out := &Embeddings{Values: make([]float32, frame.N()*width), N: frame.N(), E: width}
	return out, rows.ReadAll(ctx, out.Values)
}
