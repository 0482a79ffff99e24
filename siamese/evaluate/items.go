package evaluate

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
	"github.com/go-siamese/lab/siamese/report"
	"github.com/go-siamese/lab/siamese/stats"
)

// overItems evaluates over all pairs of test items. Class numbers are those of [itemset.ClassNumbers], in which an item
// without a label has a number of its own, and so is the same as no other.
type overItems struct {
	val, test  *data.Frame
	labels     []int32 // class numbers of the test items
	validation []int32 // class numbers of the validation items

	// pairs of the validation items, which choose the thresholds of untrained features. They are drawn as those that
	// chose the model's own threshold were, so that all methods have the same chance.
	pairs pairs.Pairs
}

// sides returns all items of both sides.
func (o *overItems) sides() (val, test *data.Frame) { return o.val, o.test }

// check checks options, values, ids and labels, draws the pairs that choose thresholds, and fills in what the report
// says of its items. Whether test classes are new is decided by the training items if they are given; else by the
// validation items, which are usually of the same classes.
func (o *overItems) check(e *evaluation) error {
	val, test := o.val, o.test
	// Costs matter to details only, and are checked even without them: what is wrong should be found at the first call.
	costs := metric.VerificationOptions{CostFP: e.opt.CostFP, CostFN: e.opt.CostFN}
	if err := errors.Join(e.opt.Validate(), costs.Validate(),
		e.opt.checkEstimate()); err != nil {
		return err
	}
	if err := e.model.Config.Preprocess.Check(val); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	if err := e.model.Config.Preprocess.Check(test); err != nil {
		return fmt.Errorf("test items: %w", err)
	}
	// An item on both sides would have chosen the threshold that it is tested with.
	if err := itemset.Disjoint("validation", val, "test", test); err != nil {
		return err
	}
	names, labels := itemset.ClassNumbers(test)
	if len(names) == 0 {
		return errors.New("no test item has a label: give labels, or evaluate on labelled pairs")
	}
	var err error
	if o.pairs, err = siamese.ValidationPairs(e.model.Config, val); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	o.labels = labels
	_, o.validation = itemset.ClassNumbers(val)
	r := e.report
	r.ItemsHash, r.Items, r.Classes, r.Pairs = report.ItemsHash(test), test.N(), len(names),
		int64(test.N())*int64(test.N()-1)/2
	known := val // items of the classes that the model knows
	if e.opt.Train != nil {
		known = e.opt.Train
	}
	r.NewClasses = newTo(test, known)
	if e.opt.estimates(test.N()) {
		r.Queries = e.opt.Estimate
	}
	return nil
}

// choose takes the pairs that were drawn as the model's own validation pairs, and the threshold of best accuracy on
// them at their own prevalence.
func (o *overItems) choose(_ *evaluation, _ string, onVal *embedding.Embeddings) (float64, error) {
	return o.best(pairs.Cosines(onVal, o.pairs))
}

// best returns the threshold that choose takes, by the cosines of the pairs.
func (o *overItems) best(cosines []float64) (float64, error) {
	scores, same := make([]float32, len(cosines)), make([]bool, len(cosines))
	for k, cosine := range cosines {
		scores[k], same[k] = float32(cosine), o.pairs.Same(k)
	}
	return bestThreshold(scores, same)
}

// bestThreshold returns the threshold with the best accuracy on scored pairs.
func bestThreshold[T float32 | float64](scores []T, same []bool) (float64, error) {
	chosen, err := metric.Verify(scores, same, nil, metric.VerificationOptions{})
	if err != nil {
		return 0, fmt.Errorf("untrained threshold: %w", err)
	}
	return chosen.Natural.BestAccuracy.Threshold, nil
}

// onTest returns what is measured of a method on test items: nothing but the report's metrics, since what details show
// costs passes of its own.
func (*evaluation) onTest(m *method) metric.Options {
	return metric.Options{Ks: []int{1}, Verification: metric.VerificationOptions{FPRs: []float64{},
		Thresholds: []float64{m.metrics.Threshold}}}
}

// onVal returns what is measured on validation items: these choose the thresholds of details too.
func (e *evaluation) onVal(m *method) metric.Options {
	opt := e.onTest(m)
	opt.Verification.CostFP, opt.Verification.CostFN = e.opt.weighedCosts()
	if e.opt.Details {
		opt.Verification.FPRs = metric.DefaultFPRs()
	}
	return opt
}

// measure takes one pass over all pairs of the test items and one over those of the validation items, or over as many
// queries as an estimate has. The validation pass also chooses the thresholds of details, which test items must not.
func (o *overItems) measure(ctx context.Context, e *evaluation, m *method, onVal, onTest *embedding.Embeddings) error {
	if e.report.Queries > 0 {
		if len(e.methods) > 0 { // of the trained encoder pairs are looked at later
			m.z = nil
		}
		return o.estimate(ctx, e, m, onVal, onTest)
	}
	result, err := o.exactly(ctx, e, m, onTest, e.onTest(m))
	if err != nil {
		return err
	}
	rows, err := similarities(ctx, onVal, m.mixed[0], o.validation)
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	before, err := exact(ctx, rows, e.onVal(m))
	if err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	return o.fill(ctx, e, m, result, before, rows)
}

// fill fills in the metrics of a method: result on the test items, before on the validation items, whose similarities
// are rows; nil for estimates.
func (o *overItems) fill(ctx context.Context, e *evaluation, m *method, result, before *metric.Estimate,
	rows *metric.Rows) error {
	f := m.metrics
	m.estimate, f.Values = result, make(map[string]float64)
	for _, one := range stats.Registry() {
		f.Values[one.Key] = one.Value(&result.Result)
	}
	// The same threshold on both sides; the difference is the generalisation gap.
	f.Validation = report.NewAtThreshold(before.Verification.At[0])
	f.OnValidation = stats.ByKey(e.report.Measures()[0]).Value(&before.Result)
	if e.opt.Details {
		m.thresholds = thresholds(before.Verification, e.opt.withCosts())
	}
	// Here and not in intervals, because onVal is not kept.
	if err := o.validationIntervals(ctx, e, m, rows, before); err != nil {
		return fmt.Errorf("validation items: %w", err)
	}
	// Prevalence is a property of the items, the same for every method.
	e.report.Positive = result.Verification.Natural.Prevalence
	for _, w := range result.AllWarnings() {
		e.warn("%s: %s", f.Name, w)
	}
	return nil
}

// trained adds the probabilities of the model, the evidence, and warnings of domains that it was not trained on and of
// features whose settings are not known. Those of zero embeddings are there already.
func (o *overItems) trained(_ context.Context, e *evaluation, onVal, onTest *embedding.Embeddings) (err error) {
	about := &embedding.Embeddings{Unseen: onTest.Unseen, Unchecked: onTest.Unchecked}
	e.report.Warnings = append(e.report.Warnings, about.Warnings()...)
	of, cosines := drawPairs(e.model.Config.Seed, onTest, o.labels, nil)
	if err := o.evidence(e, onVal, of, cosines); err != nil {
		return err
	}
	e.report.Probabilities, err = reliability(e.model, of.Label, cosines)
	return err
}

// details adds the details of [report.Details] over all pairs.
func (o *overItems) details(ctx context.Context, e *evaluation) error {
	return newDetail(e, o).add(ctx)
}

// compare adds how the trained encoders differ from the first one, by items and for other classes as
// [overItems.intervals] does it.
func (o *overItems) compare(ctx context.Context, all []*evaluation, out *report.Compared) (err error) {
	e := all[0]
	if e.report.Queries > 0 {
		return e.compareEstimates(out, all)
	}
	if e.opt.NoIntervals {
		return nil
	}
	var systems []stats.System
	for _, one := range all {
		s := one.methods[0].system
		s.Name = one.report.Model
		systems = append(systems, s)
	}
	if out.Differences, err = o.differences(ctx, e, systems, stats.ByItem); err != nil {
		return err
	}
	if e.report.Classes >= report.IntervalClasses {
		out.ByClass, err = o.differences(ctx, e, systems, stats.ByClass)
		return err
	}
	if !e.report.FewNewClasses() {
		return nil
	}
	// Few new classes: how many of them are better, as in the report of one model.
	for k, one := range all[1:] {
		changes, err := o.classChanges(ctx, e, &e.methods[0], &one.methods[0],
			out.Differences[k].Differences[stats.MAPAtR].Confidence)
		if err != nil {
			return err
		}
		one.methods[0].rows = nil // they were of use once, and are large
		out.ClassChanges = append(out.ClassChanges, changes)
	}
	return nil
}

// differences returns how systems differ from the first of them, on the same draws of a unit.
func (o *overItems) differences(ctx context.Context, e *evaluation, systems []stats.System,
	unit stats.Unit) ([]*stats.Comparison, error) {
	all, err := stats.Compare(ctx, systems[0], systems[1:], o.labels, e.opt.intervals(unit, e.model.Config.Seed))
	if err != nil {
		return nil, err
	}
	return all.Comparisons, nil
}
