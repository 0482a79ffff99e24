package evaluate

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// overPairs evaluates on given pairs. A pair of weight w and label l counts as weight l w of a same and (1-l) w of a
// different pair, here and in package stats.
type overPairs struct {
	frames    [2]*data.Frame   // of the validation and the test pairs; may be the same one
	given     [2]pairs.Pairs   // by the items of frames
	val, test report.ItemPairs // the same by the items that are in them, which alone are embedded; set by check
}

// sides returns the items that are in pairs.
func (o *overPairs) sides() (val, test *data.Frame) { return o.val.Items, o.test.Items }

// check checks options, frames and pairs, takes the items in pairs out of the frames, and fills in what the report says
// of its pairs. No item may be in pairs of both sides. Repeated pairs and the like are warnings.
func (o *overPairs) check(e *evaluation) (err error) {
	r := e.report
	r.GivenPairs = true
	if e.opt.Estimate != 0 {
		return option.Errorf("Estimate", "%d: all given pairs are evaluated, leave it out", e.opt.Estimate)
	}
	if err := e.opt.Gallery.refused("single pairs have no gallery"); err != nil {
		return err
	}
	costs := metric.VerificationOptions{CostFP: e.opt.CostFP, CostFN: e.opt.CostFN}
	if err := errors.Join(e.opt.Validate(), costs.Validate(), o.frames[0].ValidateStructure(),
		o.frames[1].ValidateStructure()); err != nil {
		return err
	}
	// Each side is validated, and its items taken out of the frame, before anything is compared between them.
	for k, side := range []struct {
		name string
		to   *report.ItemPairs
	}{{"validation", &o.val}, {"test", &o.test}} {
		warnings, err := o.given[k].Validate(o.frames[k].N())
		if err == nil && o.given[k].Len() == 0 {
			err = errors.New("there are none")
		}
		if err != nil {
			return fmt.Errorf("%s pairs: %w", quote.Text(side.name), err)
		}
		for _, w := range warnings {
			e.warn("%s pairs: %s", side.name, w)
		}
		items, own := o.given[k].Only(o.frames[k])
		*side.to = report.ItemPairs{Items: items, Pairs: own}
	}
	if err := itemset.Disjoint("validation pairs", o.val.Items, "test pairs", o.test.Items); err != nil {
		return err
	}
	r.Items, r.Pairs, r.PairsHash = o.test.Items.N(), int64(o.test.Pairs.Len()), report.PairsHash(o.test)
	// Pairs that people disagree on count as both kinds.
	for _, label := range o.test.Pairs.Label {
		if label > 0 && label < 1 {
			r.Graded++
		}
	}
	return nil
}

// choose returns the threshold with the best accuracy on the validation pairs, by their weights and at their own
// prevalence. It is 0 with a warning for pairs of one label: then every threshold is as good as any other.
func (o *overPairs) choose(e *evaluation, name string, onVal *embedding.Embeddings) (float64, error) {
	scores, same, weights := pairs.KindsOf(onVal, o.val.Pairs)
	chosen, err := metric.Verify(scores, same, weights, metric.VerificationOptions{})
	if err != nil {
		return 0, fmt.Errorf("validation pairs: %w", err)
	}
	if chosen.Positives == 0 || chosen.Negatives == 0 {
		e.warn("validation pairs are of one label only: %s have no threshold of their own, 0 stands for it", name)
	}
	return chosen.Natural.BestAccuracy.Threshold, nil
}

// measure computes all metrics of pairs on the test pairs, what the threshold does to the validation pairs, and the
// intervals of both. It keeps the scores and drops the features, which are much larger.
func (o *overPairs) measure(ctx context.Context, e *evaluation, m *method, onVal, onTest *embedding.Embeddings) error {
	f := m.metrics
	// Without rates at given FPRs, which only details show: those over given pairs have none.
	opt := metric.VerificationOptions{FPRs: []float64{}, Thresholds: []float64{f.Threshold}}
	scores, same, weights := pairs.KindsOf(onVal, o.val.Pairs)
	before, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return fmt.Errorf("validation pairs: %w", err)
	}
	// The test pairs at the same threshold, with the metrics over all thresholds.
	scores, same, weights = pairs.KindsOf(onTest, o.test.Pairs)
	v, err := metric.Verify(scores, same, weights, opt)
	if err != nil {
		return err
	}
	f.Values = make(map[string]float64) // retrieval needs classes
	for _, one := range stats.Registry() {
		if one.OfPairs() {
			f.Values[one.Key] = one.Value(&metric.Result{Verification: v})
		}
	}
	f.Validation = report.NewAtThreshold(before.At[0])
	if before.Positives > 0 && before.Negatives > 0 {
		f.OnValidation = stats.ByKey(e.report.Measures()[0]).Value(&metric.Result{Verification: before})
	}
	m.scores, m.z = pairs.Cosines(onTest, o.test.Pairs), nil
	e.report.Positive = v.Natural.Prevalence
	for _, w := range append(onTest.Warnings(), v.Warnings.Strings()...) {
		e.warn("%s: %s", f.Name, w)
	}
	if !e.opt.NoIntervals {
		if err := o.methodIntervals(ctx, e, m, onVal); err != nil {
			return err
		}
	}
	if f.Name == report.StandardisedName {
		return o.warnExchanged(ctx, e, m, v)
	}
	return nil
}

// warnExchanged warns where features without training are far more similar in different pairs than in same ones, with
// an interval of ROC-AUC wholly below .5, which is made even where none are wanted: that is hardly a property of the
// items. Few pairs may be so by chance.
func (o *overPairs) warnExchanged(ctx context.Context, e *evaluation, m *method, v metric.Verification) error {
	const far, few = .35, 20
	f := m.metrics
	auc := f.Values[stats.ROCAUC]
	if auc >= far || min(v.Positives, v.Negatives) < few {
		return nil
	}
	within := f.Intervals
	if within == nil {
		var err error
		if within, err = stats.PairIntervals(ctx, m.pairSystem(), pairs.ForStats(o.test.Pairs),
			stats.PairOptions{Method: stats.Delta}); err != nil {
			return fmt.Errorf("intervals: %w", err)
		}
	}
	i := within.Estimates[stats.ROCAUC]
	if i.High >= .5 {
		return nil
	}
	e.warn("%s: ROC-AUC %s is far below 0.5: different pairs are more alike than same ones; are 0 and 1 exchanged in the "+
		"labels of the pairs?", f.Name, i.Interval)
	return nil
}

// methodIntervals adds the intervals of a method on test pairs, and those of its threshold on validation pairs.
func (o *overPairs) methodIntervals(ctx context.Context, e *evaluation, m *method,
	onVal *embedding.Embeddings) (err error) {
	f := m.metrics
	if f.Intervals, err = stats.PairIntervals(ctx, m.pairSystem(), pairs.ForStats(o.test.Pairs),
		e.opt.pairIntervals(e.model.Config.Seed)); err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	// The threshold as given: that it was chosen on these very pairs is not in the interval.
	before := stats.PairSystem{Name: f.Name, Threshold: f.Threshold, Scores: pairs.Cosines(onVal, o.val.Pairs)}
	onBefore, err := stats.PairIntervals(ctx, before, pairs.ForStats(o.val.Pairs),
		e.opt.pairIntervals(e.model.Config.Seed))
	if err != nil {
		return fmt.Errorf("intervals: validation pairs: %w", err)
	}
	at := onBefore.AtThreshold()
	at.Threshold, f.ValidationIntervals = f.Threshold, &at
	if f.Name == report.TrainedName { // warnings are about the pairs, and the same for all methods
		for _, w := range f.Intervals.Warnings {
			e.warn("%s: %s", f.Name, w)
		}
		for _, w := range at.Warnings {
			e.warn("%s: validation pairs: %s", f.Name, w)
		}
	}
	return nil
}

// pairSystem returns a method in the form of package stats: its scores on the given test pairs, in their order, and its
// threshold. The scores are shared, not copied.
func (m *method) pairSystem() stats.PairSystem {
	return stats.PairSystem{Name: m.metrics.Name, Threshold: m.metrics.Threshold, Scores: m.scores}
}

// trained assesses the probabilities of the trained encoder on the test pairs, with intervals by the delta method, for
// which package stats has the influence of pairs that share items. Over all pairs of items there is no such formula,
// and subsamples serve.
func (o *overPairs) trained(_ context.Context, e *evaluation, onVal, _ *embedding.Embeddings) (err error) {
	m, r, scores := e.model, e.report, e.methods[0].scores
	if err := o.evidence(e, onVal); err != nil {
		return err
	}
	if r.Probabilities, err = pairReliability(m, scores, o.test.Pairs); err != nil || r.Probabilities == nil ||
		e.opt.NoIntervals {
		return err
	}
	probabilities := make([]float64, len(scores))
	for k, cosine := range scores {
		probabilities[k] = m.Calibration.Probability(cosine)
	}
	if err := pairs.ForStats(o.test.Pairs).AddIntervals(r.Probabilities, probabilities,
		e.opt.Confidence); err != nil {
		return fmt.Errorf("intervals: probabilities: %w", err)
	}
	for _, w := range r.Probabilities.Warnings {
		e.warn("probabilities: %s", w)
	}
	return nil
}

// intervals adds the comparison of the trained encoder with the best untrained features; measure has added the
// intervals of every method. By classes there are none, since pairs have no classes.
func (o *overPairs) intervals(ctx context.Context, e *evaluation) error {
	if e.opt.NoIntervals {
		return nil
	}
	all, err := stats.ComparePairs(ctx, e.methods[e.best()].pairSystem(), []stats.PairSystem{e.methods[0].pairSystem()},
		pairs.ForStats(o.test.Pairs), e.opt.pairIntervals(e.model.Config.Seed))
	if err != nil {
		return fmt.Errorf("intervals: %w", err)
	}
	e.report.Comparison = all[0]
	return nil
}

// compare adds how the trained encoders differ from the first one on the same test pairs. There are no differences
// where all pairs are of one kind: no metric is defined then.
func (o *overPairs) compare(ctx context.Context, all []*evaluation, out *report.Compared) (err error) {
	e := all[0]
	if e.opt.NoIntervals || e.report.OneKind() {
		return nil
	}
	// By the name of the model: here the methods of all are called the same.
	var systems []stats.PairSystem
	for _, one := range all {
		s := one.methods[0].pairSystem()
		s.Name = one.report.Model
		systems = append(systems, s)
	}
	out.Differences, err = stats.ComparePairs(ctx, systems[0], systems[1:], pairs.ForStats(o.test.Pairs),
		e.opt.pairIntervals(e.model.Config.Seed))
	return err
}
