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

// Pairs returns how the model does on the pairs of test, beside the cosine of standardised features without
// training on the same pairs and, where the model preprocesses them otherwise, of the features as its encoder sees
// them. val and test are pairs of the items of frame, split by item; see [pairs.NewSplit]. The
// threshold of the model is its own, that of the features is chosen on the pairs of val; nothing is fitted on test.
// name says in the report what test is. Labels of the frame are not used.
//
// A pair of weight w and label l counts as weight l w of a positive and (1-l) w of a negative pair: a pair that
// three of four people call the same is right to score high three times in four.
//
// Unsound pairs, no pairs, items that are in pairs of both val and test, and items with missing values that the
// model does not impute are errors. What makes a figure doubtful, for instance pairs of one label only, stands in
// Warnings; a figure that is not defined takes its worst value, never NaN.
func Pairs(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, frame *data.Frame, val, test pairs.Pairs) (*report.PairReport, error) {
	return PairsWith(ctx, backend, m, name, frame, val, test, Options{})
}

// PairsWith is [Pairs] with options: Train are items of training pairs, whose labels are not used and on
// which no classifier is trained; with Rounds intervals come from a bootstrap over items (see [stats.PairIntervals]),
// but for those of probabilities, which are to the first order (see [stats.LabelledPairs.AddIntervals]);
// Details are [report.PairDetails], without what classes or costs are for.
func PairsWith(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, frame *data.Frame, val, test pairs.Pairs, opt Options) (*report.PairReport, error) {
	e, err := evaluatePairs(ctx, backend, m, name, frame, val, test, opt)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return e.report, nil
}

func evaluatePairs(ctx context.Context, backend compute.Backend, m *siamese.Model, name string, frame *data.Frame, val, test pairs.Pairs, opt Options) (*pairEvaluation, error) {
	e := &pairEvaluation{backend: backend, model: m, opt: opt, report: &report.PairReport{Name: name, Pairs: test.Len()}}
	if err := e.check(frame, val, test); err != nil {
		return nil, err
	}
	return e, e.measureAll(ctx)
}

// pairEvaluation is a report on pairs that is being made.
type pairEvaluation struct {
	backend   compute.Backend
	model     *siamese.Model
	opt       Options
	report    *report.PairReport
	val, test report.ItemPairs
	trained   stats.PairSystem
	best      stats.PairSystem // the untrained features that have the highest ROC-AUC
}

// check takes the sides, or returns why there can be no report.
func (e *pairEvaluation) check(frame *data.Frame, val, test pairs.Pairs) (err error) {
	if err := e.model.Validate(); err != nil {
		return err
	}
	if e.opt.Estimate != 0 {
		return errors.New("an estimate is asked for (Estimate): given pairs are few enough to look at all, leave it out")
	}
	if err := errors.Join(e.opt.Intervals(stats.ByItem, 0).Validate(), frame.ValidateStructure()); err != nil {
		return err
	}
	if e.val, err = e.side("validation", frame, val); err != nil {
		return err
	}
	if e.test, err = e.side("test", frame, test); err != nil {
		return err
	}
	if err := itemset.Disjoint("validation pairs", e.val.Items, "test pairs", e.test.Items); err != nil {
		return err
	}
	e.report.Items, e.report.PairsHash = e.test.Items.N(), report.PairsHash(e.test)
	for _, label := range test.Label {
		if label > 0 && label < 1 {
			e.report.Graded++
		}
	}
	if e.opt.Train == nil {
		return nil
	}
	return checkTraining(e.model, e.opt.Train, e.val.Items, e.test.Items)
}

// side checks the pairs of one side.
func (e *pairEvaluation) side(name string, frame *data.Frame, pairs pairs.Pairs) (report.ItemPairs, error) {
	warnings, err := pairs.Validate(frame.N())
	if err == nil && pairs.Len() == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return report.ItemPairs{}, fmt.Errorf("%s pairs: %w", name, err)
	}
	for _, w := range warnings {
		e.warn("%s pairs: %s", name, w)
	}
	items, own := pairs.Only(frame)
	return report.ItemPairs{Items: items, Pairs: own}, nil
}

// measureAll fills the report.
func (e *pairEvaluation) measureAll(ctx context.Context) error {
	m, r := e.model, e.report
	onVal, onTest, err := e.embed(ctx, func(ctx context.Context, f *data.Frame) (*embedding.Embeddings, error) {
		return m.Embed(ctx, e.backend, f)
	})
	if err != nil {
		return err
	}
	known, err := trainedOn(m, e.test.Items)
	if err != nil {
		return err
	}
	r.Warnings = append(r.Warnings, known...)
	if e.trained, err = e.measure(ctx, &r.Trained, onVal, onTest, report.TrainedName, m.Threshold); err != nil {
		return err
	}
	if err := e.probabilities(); err != nil {
		return err
	}
	if err := e.untrained(ctx, &r.Baseline, embedding.Transformed(m.Standard), report.StandardisedName); err != nil {
		return err
	}
	if m.Transform != m.Standard {
		r.Preprocessed = &report.PairMetrics{}
		if err := e.untrained(ctx, r.Preprocessed, embedding.Transformed(m.Transform), featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train != nil {
		others := alternatives{
			backend: e.backend, model: m, train: e.opt.Train,
			add: func(name string, of embedding.Source) error {
				f := &report.PairMetrics{}
				r.Others = append(r.Others, f)
				return e.untrained(ctx, f, of, name)
			},
			warn: func(text string) { e.warn("%s", text) },
		}
		if err := others.measure(ctx); err != nil {
			return err
		}
	}
	if err := e.details(); err != nil || e.opt.NoIntervals {
		return err
	}
	all, err := stats.ComparePairs(ctx, e.best, []stats.PairSystem{e.trained}, pairs.ForStats(e.test.Pairs), e.intervals())
	if err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	r.Comparison = all[0]
	return nil
}

// probabilities judges those of the trained encoder, with their intervals.
func (e *pairEvaluation) probabilities() (err error) {
	m, r := e.model, e.report
	if r.Probabilities, err = pairReliability(m, e.trained.Scores, e.test.Pairs); err != nil || r.Probabilities == nil || e.opt.NoIntervals {
		return err
	}
	said := make([]float64, len(e.trained.Scores))
	for k, cosine := range e.trained.Scores {
		said[k] = m.Calibration.Probability(cosine)
	}
	if err := pairs.ForStats(e.test.Pairs).AddIntervals(r.Probabilities, said, e.opt.Level); err != nil {
		return fmt.Errorf("intervals: probabilities: %w", err)
	}
	for _, w := range r.Probabilities.Warnings {
		e.warn("probabilities: %s", w)
	}
	return nil
}

// embed returns the features of both sides.
func (e *pairEvaluation) embed(ctx context.Context, of embedding.Source) (onVal, onTest *embedding.Embeddings, err error) {
	if onVal, err = of(ctx, e.val.Items); err != nil {
		return nil, nil, fmt.Errorf("validation items: %w", err)
	}
	if onTest, err = of(ctx, e.test.Items); err != nil {
		return nil, nil, fmt.Errorf("test items: %w", err)
	}
	return onVal, onTest, nil
}

// untrained measures features with the threshold that is best for the validation pairs.
func (e *pairEvaluation) untrained(ctx context.Context, f *report.PairMetrics, of embedding.Source, name string) error {
	onVal, onTest, err := e.embed(ctx, of)
	if err != nil {
		return err
	}
	scores, same, weights := pairs.KindsOf(onVal, e.val.Pairs)
	chosen, err := metric.Verify(scores, same, weights, metric.VerificationOptions{})
	if err != nil {
		return fmt.Errorf("validation pairs: %w", err)
	}
	if chosen.Positives == 0 || chosen.Negatives == 0 {
		e.warn("validation pairs are of one label only: %s have no threshold of their own, 0 stands for it", name)
	}
	system, err := e.measure(ctx, f, onVal, onTest, name, chosen.Natural.BestAccuracy.Threshold)
	if e.report.Best() == f {
		e.best = system
	}
	return err
}

// measure fills f with figures and their intervals, and returns what they are of.
func (e *pairEvaluation) measure(ctx context.Context, f *report.PairMetrics, onVal, onTest *embedding.Embeddings, name string, threshold float64) (stats.PairSystem, error) {
	opt := metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{threshold}}
	scores, same, weights := pairs.KindsOf(onVal, e.val.Pairs)
	before, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return stats.PairSystem{}, fmt.Errorf("%s: validation pairs: %w", name, err)
	}
	scores, same, weights = pairs.KindsOf(onTest, e.test.Pairs)
	v, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return stats.PairSystem{}, fmt.Errorf("%s: %w", name, err)
	}
	now := report.NewAtThreshold(v.At[0])
	*f = report.PairMetrics{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, AveragePrecision: v.Natural.AveragePrecision,
		Threshold: threshold, Accuracy: now.Accuracy, FPR: now.FPR, FNR: now.FNR, Validation: report.NewAtThreshold(before.At[0]),
	}
	e.report.Positive = v.Natural.Prevalence
	for _, w := range append(onTest.Warnings(), v.Warnings.Strings()...) {
		e.warn("%s: %s", name, w)
	}
	system := stats.PairSystem{Name: name, Threshold: threshold, Scores: pairs.Cosines(onTest, e.test.Pairs)}
	if e.opt.NoIntervals {
		return system, nil
	}
	if f.Intervals, err = stats.PairIntervals(ctx, system, pairs.ForStats(e.test.Pairs), e.intervals()); err != nil {
		return system, fmt.Errorf("intervals: %w", err)
	}
	first := stats.PairSystem{Name: name, Threshold: threshold, Scores: pairs.Cosines(onVal, e.val.Pairs)}
	was, err := stats.PairIntervals(ctx, first, pairs.ForStats(e.val.Pairs), e.intervals())
	if err != nil {
		return system, fmt.Errorf("intervals: validation pairs: %w", err)
	}
	at := was.AtThreshold()
	at.Threshold, f.ValidationIntervals = threshold, &at
	if name == report.TrainedName { // they are of the pairs, and the same for all
		for _, w := range f.Intervals.Warnings {
			e.warn("%s: %s", name, w)
		}
		for _, w := range at.Warnings {
			e.warn("%s: validation pairs: %s", name, w)
		}
	}
	return system, nil
}

// intervals returns how they are found.
func (e *pairEvaluation) intervals() stats.PairOptions {
	return stats.PairOptions{Confidence: e.opt.Level, Resamples: e.opt.Rounds, Seed: e.model.Config.Seed}
}

func (e *pairEvaluation) warn(format string, args ...any) {
	e.report.Warnings = append(e.report.Warnings, fmt.Sprintf(format, args...))
}
