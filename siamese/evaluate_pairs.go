package siamese

import (
	"context"
	"errors"
	"fmt"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// EvaluatePairs returns how the model does on the pairs of test, beside the cosine of standardised features without
// training on the same pairs and, where the model preprocesses them otherwise, of the features as its encoder sees
// them. val and test are pairs of the items of frame, split by item; see [SplitPairs]. The
// threshold of the model is its own, that of the features is chosen on the pairs of val; nothing is fitted on test.
// name says in the report what test is. Labels of the frame are not used.
//
// A pair of weight w and label l counts as weight l w of a positive and (1-l) w of a negative pair: a pair that
// three of four people call the same is right to score high three times in four.
//
// Unsound pairs, no pairs, items that are in pairs of both val and test, and items with missing values that the
// model does not impute are errors. What makes a figure doubtful, for instance pairs of one label only, stands in
// Warnings; a figure that is not defined takes its worst value, never NaN.
func EvaluatePairs(ctx context.Context, backend compute.Backend, m *Model, name string, frame *data.Frame, val, test Pairs) (*PairReport, error) {
	return EvaluatePairsWith(ctx, backend, m, name, frame, val, test, EvaluateOptions{})
}

// EvaluatePairsWith is [EvaluatePairs] with options: Train are items of training pairs, whose labels are not used and on
// which no classifier is trained; with Rounds intervals come from a bootstrap over items (see [stats.PairIntervals]),
// but for those of probabilities, which are to the first order (see [stats.LabelledPairs.AddIntervals]);
// Details are [PairDetails], without what classes or costs are for.
func EvaluatePairsWith(ctx context.Context, backend compute.Backend, m *Model, name string, frame *data.Frame, val, test Pairs, opt EvaluateOptions) (*PairReport, error) {
	e, err := evaluatePairs(ctx, backend, m, name, frame, val, test, opt)
	if err != nil {
		return nil, fmt.Errorf("evaluate %s: %w", name, err)
	}
	return e.report, nil
}

func evaluatePairs(ctx context.Context, backend compute.Backend, m *Model, name string, frame *data.Frame, val, test Pairs, opt EvaluateOptions) (*pairEvaluation, error) {
	e := &pairEvaluation{backend: backend, model: m, opt: opt, report: &PairReport{Name: name, Pairs: test.Len()}}
	if err := e.check(frame, val, test); err != nil {
		return nil, err
	}
	return e, e.measureAll(ctx)
}

// pairEvaluation is a report on pairs that is being made.
type pairEvaluation struct {
	backend   compute.Backend
	model     *Model
	opt       EvaluateOptions
	report    *PairReport
	val, test itemPairs
	trained   stats.PairSystem
	best      stats.PairSystem // the untrained features that have the highest ROC-AUC
}

// itemPairs is pairs with the items in them.
type itemPairs struct {
	items *data.Frame
	pairs Pairs // by their numbers
}

// check takes the sides, or returns why there can be no report.
func (e *pairEvaluation) check(frame *data.Frame, val, test Pairs) (err error) {
	if err := e.model.Validate(); err != nil {
		return err
	}
	if e.opt.Estimate != 0 {
		return errors.New("an estimate is asked for (Estimate): given pairs are few enough to look at all, leave it out")
	}
	if err := errors.Join(e.opt.intervals(stats.ByItem, 0).Validate(), frame.ValidateStructure()); err != nil {
		return err
	}
	if e.val, err = e.side("validation", frame, val); err != nil {
		return err
	}
	if e.test, err = e.side("test", frame, test); err != nil {
		return err
	}
	if err := disjoint("validation pairs", e.val.items, "test pairs", e.test.items); err != nil {
		return err
	}
	e.report.Items, e.report.PairsHash = e.test.items.N(), pairsHash(e.test)
	for _, label := range test.Label {
		if label > 0 && label < 1 {
			e.report.Graded++
		}
	}
	if e.opt.Train == nil {
		return nil
	}
	return checkTraining(e.model, e.opt.Train, e.val.items, e.test.items)
}

// side checks the pairs of one side.
func (e *pairEvaluation) side(name string, frame *data.Frame, pairs Pairs) (itemPairs, error) {
	warnings, err := pairs.Validate(frame.N())
	if err == nil && pairs.Len() == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return itemPairs{}, fmt.Errorf("%s pairs: %w", name, err)
	}
	for _, w := range warnings {
		e.warn("%s pairs: %s", name, w)
	}
	items, own := pairs.only(frame)
	return itemPairs{items, own}, nil
}

// measureAll fills the report.
func (e *pairEvaluation) measureAll(ctx context.Context) error {
	m, r := e.model, e.report
	onVal, onTest, err := e.embed(ctx, func(ctx context.Context, f *data.Frame) (*Embeddings, error) { return m.Embed(ctx, e.backend, f) })
	if err != nil {
		return err
	}
	known, err := trainedOn(m, e.test.items)
	if err != nil {
		return err
	}
	r.Warnings = append(r.Warnings, known...)
	if e.trained, err = e.measure(ctx, &r.Trained, onVal, onTest, trainedName, m.Threshold); err != nil {
		return err
	}
	if err := e.probabilities(); err != nil {
		return err
	}
	if err := e.untrained(ctx, &r.Baseline, transformed(m.Standard), standardisedName); err != nil {
		return err
	}
	if m.Transform != m.Standard {
		r.Preprocessed = &PairFigures{}
		if err := e.untrained(ctx, r.Preprocessed, transformed(m.Transform), featuresName(m)); err != nil {
			return err
		}
	}
	if e.opt.Train != nil {
		others := alternatives{
			backend: e.backend, model: m, train: e.opt.Train,
			add: func(name string, of source) error {
				f := &PairFigures{}
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
	all, err := stats.ComparePairs(ctx, e.best, []stats.PairSystem{e.trained}, judgedPairsOf(e.test.pairs), e.intervals())
	if err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	r.Comparison = all[0]
	return nil
}

// probabilities judges those of the trained encoder, with their intervals.
func (e *pairEvaluation) probabilities() (err error) {
	m, r := e.model, e.report
	if r.Probabilities, err = pairReliability(m, e.trained.Scores, e.test.pairs); err != nil || r.Probabilities == nil || e.opt.NoIntervals {
		return err
	}
	said := make([]float64, len(e.trained.Scores))
	for k, cosine := range e.trained.Scores {
		said[k] = m.Calibration.Probability(cosine)
	}
	if err := judgedPairsOf(e.test.pairs).AddIntervals(r.Probabilities, said, e.opt.Level); err != nil {
		return fmt.Errorf("intervals: probabilities: %w", err)
	}
	for _, w := range r.Probabilities.Warnings {
		e.warn("probabilities: %s", w)
	}
	return nil
}

// embed returns the features of both sides.
func (e *pairEvaluation) embed(ctx context.Context, of source) (onVal, onTest *Embeddings, err error) {
	if onVal, err = of(ctx, e.val.items); err != nil {
		return nil, nil, fmt.Errorf("validation items: %w", err)
	}
	if onTest, err = of(ctx, e.test.items); err != nil {
		return nil, nil, fmt.Errorf("test items: %w", err)
	}
	return onVal, onTest, nil
}

// untrained measures features with the threshold that is best for the validation pairs.
func (e *pairEvaluation) untrained(ctx context.Context, f *PairFigures, of source, name string) error {
	onVal, onTest, err := e.embed(ctx, of)
	if err != nil {
		return err
	}
	scores, same, weights := judged(onVal, e.val.pairs)
	chosen, err := metric.Verify(scores, same, weights, metric.VerificationOptions{})
	if err != nil {
		return fmt.Errorf("validation pairs: %w", err)
	}
	if chosen.Positives == 0 || chosen.Negatives == 0 {
		e.warn("validation pairs are of one label only: %s have no threshold of their own, 0 stands for it", name)
	}
	system, err := e.measure(ctx, f, onVal, onTest, name, chosen.Natural.BestAccuracy.Threshold)
	if e.report.best() == f {
		e.best = system
	}
	return err
}

// measure fills f with figures and their intervals, and returns what they are of.
func (e *pairEvaluation) measure(ctx context.Context, f *PairFigures, onVal, onTest *Embeddings, name string, threshold float64) (stats.PairSystem, error) {
	opt := metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{threshold}}
	scores, same, weights := judged(onVal, e.val.pairs)
	before, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return stats.PairSystem{}, fmt.Errorf("%s: validation pairs: %w", name, err)
	}
	scores, same, weights = judged(onTest, e.test.pairs)
	v, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return stats.PairSystem{}, fmt.Errorf("%s: %w", name, err)
	}
	now := atThreshold(v.At[0])
	*f = PairFigures{
		Name: name, ROCAUC: v.ROCAUC, EER: v.EER, AveragePrecision: v.Natural.AveragePrecision,
		Threshold: threshold, Accuracy: now.Accuracy, FPR: now.FPR, FNR: now.FNR, Validation: atThreshold(before.At[0]),
	}
	e.report.Positive = v.Natural.Prevalence
	for _, w := range append(onTest.Warnings(), v.Warnings.Strings()...) {
		e.warn("%s: %s", name, w)
	}
	system := stats.PairSystem{Name: name, Threshold: threshold, Scores: cosinesOf(onTest, e.test.pairs)}
	if e.opt.NoIntervals {
		return system, nil
	}
	if f.Intervals, err = stats.PairIntervals(ctx, system, judgedPairsOf(e.test.pairs), e.intervals()); err != nil {
		return system, fmt.Errorf("intervals: %w", err)
	}
	first := stats.PairSystem{Name: name, Threshold: threshold, Scores: cosinesOf(onVal, e.val.pairs)}
	was, err := stats.PairIntervals(ctx, first, judgedPairsOf(e.val.pairs), e.intervals())
	if err != nil {
		return system, fmt.Errorf("intervals: validation pairs: %w", err)
	}
	at := was.AtThreshold()
	at.Threshold, f.ValidationIntervals = threshold, &at
	if name == trainedName { // they are of the pairs, and the same for all
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
