package stats

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/metric"
)

// ByQuery marks metrics that were estimated from a sample of queries: their intervals cover the exact metrics over
// these items, not those of other items. It is not an option of [Options.By].
const ByQuery Unit = "query"

// queries is the Interval.Method of such metrics.
const queries = "queries"

// SampledMetrics returns the metrics of an estimate from a sample of queries (one threshold, K = 1 among its Ks) of
// items of so many classes. Each has Student's interval of its standard error, with one degree of freedom less than
// there are batches of queries. A metric that is the same in all batches, or undefined, has the interval [0, 1]: a
// standard error of 0 from a sample means that too few queries were drawn, not that the metric is known exactly.
//
// confidence is in (0, 1); 0 means .95. An estimate of another number of thresholds or without Recall@1 is an error.
func SampledMetrics(name string, e *metric.Estimate, classes int, confidence float64) (*Metrics, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	values, errs, err := estimated(e, e.Errors, confidence)
	if err != nil {
		return nil, fmt.Errorf("stats: %s: %w", name, err)
	}
	out := &Metrics{Name: name, Items: e.References, Classes: classes, Runs: 1, By: ByQuery,
		Estimates: map[string]Estimate{}}
	for f, m := range registry {
		out.Estimates[m.Key] = Estimate{
			Interval: ofQueries(values[f], errs[f], 0, e.Batches(), confidence), StandardError: errs[f],
		}
	}
	return out, nil
}

// CompareSampled returns the differences B - A of two estimates of the same items with the same queries. Intervals and
// p-values come from the differences batch by batch. They say whether the systems differ on these items, not whether
// they would on others. P-values are not adjusted, because there is one comparison. confidence is in (0, 1); 0 means
// .95. Errors are those of [SampledMetrics] and [metric.Estimate.DifferenceErrors].
func CompareSampled(nameA string, a *metric.Estimate, nameB string, b *metric.Estimate, confidence float64) (
	*Comparison, error,
) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	apart, err := b.DifferenceErrors(a)
	if err != nil {
		return nil, err
	}
	before, _, err := estimated(a, a.Errors, confidence)
	if err != nil {
		return nil, fmt.Errorf("stats: %s: %w", nameA, err)
	}
	after, errs, err := estimated(b, apart, confidence)
	if err != nil {
		return nil, fmt.Errorf("stats: %s: %w", nameB, err)
	}
	out := &Comparison{A: nameA, B: nameB, By: ByQuery, Items: b.References, Differences: map[string]Difference{}}
	student := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(b.Batches() - 1)}
	for f, m := range registry {
		var to Difference
		to.A, to.B, to.StandardError = before[f], after[f], errs[f]
		to.Interval = ofQueries(to.B-to.A, errs[f], -1, b.Batches(), confidence)
		to.P, to.Test = 1, "undefined"
		if to.Method == queries {
			to.P, to.Test = 2*student.CDF(-math.Abs(to.Value)/errs[f]), "t"
		}
		to.Adjusted = to.P
		out.Differences[m.Key] = to
	}
	return out, nil
}

// ofQueries returns the interval of an estimated value in [low, 1], on the scale of sample.normal, with Student's
// quantile of batches-1 degrees of freedom in place of the normal one; low is 0 for a metric, -1 for a difference.
func ofQueries(value, standardError, low float64, batches int, confidence float64) Interval {
	i := Interval{Value: value, Low: low, High: 1, Confidence: confidence, Method: "undefined"}
	if standardError > 0 {
		i.Method = queries
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(batches - 1)}.Quantile((1 + confidence) / 2)
		i.Low, i.High = sample{value: value, low: low, high: 1}.within(t * standardError)
	}
	return i
}

// estimated returns the metrics of an estimate and their standard errors from errs, in the order of the registry. errs
// are those of the estimate, or of its difference from another.
func estimated(e *metric.Estimate, errs metric.StandardErrors, confidence float64) (
	values, standard [numMetrics]float64, err error,
) {
	if err := checkConfidence(confidence); err != nil {
		return values, standard, err
	}
	v, q := e.Verification, e.Retrieval
	if _, ok := q.Recall(1); len(v.At) != 1 || len(errs.At) != 1 || !ok {
		return values, standard,
			fmt.Errorf("the estimate has %d thresholds and %d K: want one threshold, Recall@1 and "+
				"fewer queries than items", len(v.At), len(q.RecallAt))
	}
	for f, m := range registry {
		values[f], standard[f] = m.Value(&e.Result), m.Error(&errs)
	}
	return values, standard, nil
}
