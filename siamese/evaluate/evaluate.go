package evaluate

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// Items returns how the model does on the items of test, exactly over all their pairs (for estimates, where these are
// too many, see [Options.Estimate]), beside the cosine of standardised features without training and, where the
// model preprocesses them otherwise, of the features as its encoder sees them. The threshold of each was chosen on pairs of
// val; nothing is fitted on test. name says in the report what test is, for instance "new items" or "unseen classes".
//
// Figures have intervals, and the trained encoder is compared with the best of the others on the same items; see
// [ItemsWith] to choose how, or to leave that out.
//
// Items without a label count as the same as nothing. Unsound frames, test items that are also in val, and
// a test frame or val without labels are errors, and so is a model whose items have several classes each
// (Config.LabelSeparator): these are judged by [Labels], and by [Pairs] on [pairs.FromLabels]. What makes a figure
// doubtful, for instance a class of one item, or a test item with exactly the values of a validation item or of one that the
// model was trained on, stands in the report's Warnings; a figure that is not defined takes its worst value, never NaN.
func Items(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, val, test *data.Frame) (*report.Report, error) {
	return ItemsWith(ctx, backend, m, name, val, test, Options{})
}

// ItemsWith is [Items] with options.
func ItemsWith(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, val, test *data.Frame, opt Options) (*report.Report, error) {
	e, err := evaluateOne(ctx, backend, m, name, val, test, opt)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return &e.report, nil
}

func evaluateOne(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, val, test *data.Frame, opt Options) (*evaluation, error) {
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
	if err := e.untrained(ctx, &e.report.Baseline, embedding.Transformed(m.Standard), val, test, report.StandardisedName); err != nil {
		return err
	}
	warnings, err := itemset.Copies("validation", val, "test", test)
	if err != nil {
		return err
	}
	known, err := trainedOn(m, test)
	if err != nil {
		return err
	}
	e.report.Warnings = append(append(e.report.Warnings, warnings...), known...)
	if m.Transform != m.Standard {
		e.report.Preprocessed = &report.Metrics{}
		if err := e.untrained(ctx, e.report.Preprocessed, embedding.Transformed(m.Transform), val, test, featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train == nil {
		return nil
	}
	return e.baselines(ctx, backend, e.opt.Train, val, test)
}

// featuresName returns what reports call the features as the encoder of m sees them.
func featuresName(m *siamese.Model) string {
	if m.Config.Preprocess.UsesLabels() {
		return report.FittedName
	}
	return report.PreprocessedName
}

// evaluation is a report that is being made.
type evaluation struct {
	model       *siamese.Model
	opt         Options
	report      report.Report
	labels      []int32     // of the test items
	validation  []int32     // labels of the validation items
	pairs       pairs.Pairs // of the validation items, drawn as the model's own were: they choose the others' thresholds
	contestants []contestant
}

// contestant is one kind of similarity on the test items.
type contestant struct {
	figures    *report.Metrics // of the report
	z          *embedding.Embeddings
	thresholds []report.ThresholdDetail // without what they do on test items; nil where no details are wanted
	validation []stats.ThresholdMetrics // of the thresholds, on validation items; nil where no intervals are wanted
	estimate   *metric.Estimate         // of the figures; exact where every query was taken
}

// check makes the report, or returns why there can be none.
func (e *evaluation) check(name string, val, test *data.Frame) error {
	if err := e.model.Validate(); err != nil {
		return err
	}
	if err := itemset.OneClass(e.model.Config.LabelSeparator, "an evaluation over all pairs of items"); err != nil {
		return err
	}
	costs := metric.VerificationOptions{CostFP: e.opt.CostFP, CostFN: e.opt.CostFN}
	if err := errors.Join(e.opt.Intervals(stats.ByItem, 0).Validate(), costs.Validate(), e.opt.checkEstimate()); err != nil {
		return err
	}
	if err := e.model.Config.Preprocess.Check(val); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	if err := e.model.Config.Preprocess.Check(test); err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	if err := itemset.Disjoint("validation", val, "test", test); err != nil {
		return err
	}
	names, labels := itemset.ClassNumbers(test)
	if len(names) == 0 {
		return errors.New("no test item has a label: give labels, or evaluate on labelled pairs")
	}
	e.labels = labels
	pairs, err := e.model.Config.ValidationPairs(val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	e.pairs = pairs
	_, e.validation = itemset.ClassNumbers(val)
	e.report = report.Report{Name: name, ItemsHash: report.ItemsHash(test), Items: test.N(), Classes: len(names), Pairs: int64(test.N()) * int64(test.N()-1) / 2}
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
	if err := e.measure(ctx, &e.report.Trained, onVal, z, report.TrainedName, e.model.Threshold); err != nil {
		return err
	}
	if z.Unseen != nil {
		e.report.Warnings = append(e.report.Warnings, z.Warnings()[len(z.Warnings())-1])
	}
	e.report.Probabilities, err = reliability(e.model, z, e.labels)
	return err
}

// untrained measures features as if they were embeddings, with the threshold on their cosine that is best for pairs of
// val, drawn as the model's own were.
func (e *evaluation) untrained(ctx context.Context, f *report.Metrics, of embedding.Source, val, test *data.Frame, name string) error {
	onVal, err := of(ctx, val)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	onTest, err := of(ctx, test)
	if err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	scores, same := pairs.Scores(onVal, e.pairs)
	chosen, err := metric.Verify(scores, same, nil, metric.VerificationOptions{})
	if err != nil {
		return fmt.Errorf("untrained threshold: %w", err)
	}
	return e.measure(ctx, f, onVal, onTest, name, chosen.Natural.BestAccuracy.Threshold)
}

// measure fills f with the figures of z, and what the threshold does to onVal.
func (e *evaluation) measure(ctx context.Context, f *report.Metrics, onVal, z *embedding.Embeddings, name string, threshold float64) error {
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
	v, at := result.Verification, report.NewAtThreshold(result.Verification.At[0])
	recall, _ := result.Retrieval.Recall(1)
	*f = report.Metrics{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, MAPAtR: result.Retrieval.MAPAtR, RecallAt1: recall,
		Threshold: threshold, Accuracy: at.Accuracy, FPR: at.FPR, FNR: at.FNR, Validation: report.NewAtThreshold(before.Verification.At[0]),
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
