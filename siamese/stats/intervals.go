package stats

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/metric"
)

// Estimate is a metric with its confidence interval: that of one run, or the mean of several.
type Estimate struct {
	Interval
	// StandardError is the standard deviation of the resamples, or that of the delta method; 0 if the metric does not
	// vary or is undefined.
	StandardError float64 `json:"standard_error"`
	Runs          *Spread `json:"runs,omitempty"` // variation between runs on the same items; nil for one run
}

// Metrics holds the metrics of a system with their confidence intervals: over all pairs of items and with every item as
// a query, or on listed pairs.
type Metrics struct {
	Name      string `json:"name"`
	Items     int    `json:"items"`             // on listed pairs: those in pairs of positive weight
	Classes   int    `json:"classes,omitempty"` // 0 on listed pairs
	Runs      int    `json:"runs"`
	By        Unit   `json:"by"`
	Resamples int    `json:"resamples"` // 0 if none were drawn

	// Estimates holds the metrics by key; see [Registry]. On listed pairs those of retrieval are absent.
	Estimates map[string]Estimate `json:"estimates"`

	Warnings metric.Warnings `json:"warnings,omitempty"`
}

// Of returns in words what intervals by a unit hold for, to follow "they hold for".
func (u Unit) Of() string {
	switch u {
	case ByClass:
		return "other classes"
	case byPairItem:
		return "pairs of other items"
	case ByQuery:
		return "all pairs of these items, from a sample of queries, and not for other items"
	}
	return "other items of the same classes"
}

// AtThreshold returns the metrics that depend on the frozen threshold. Their Threshold is not set, because Metrics do
// not hold it.
func (f *Metrics) AtThreshold() ThresholdMetrics {
	return ThresholdMetrics{Accuracy: f.Estimates[Accuracy], FPR: f.Estimates[FPR], FNR: f.Estimates[FNR],
		Warnings: f.Warnings}
}

// Confidence returns the confidence of the intervals, which is the same for all metrics; 0 without metrics.
func (f *Metrics) Confidence() float64 {
	for _, e := range f.Estimates {
		return e.Confidence
	}
	return 0
}

// String returns the metrics and warnings as lines of text.
func (f *Metrics) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d items of %d classes, %d runs; %g %% intervals by %s\n",
		quote.Text(f.Name), f.Items, f.Classes, f.Runs, 100*f.Confidence(), quote.Text(string(f.By)))
	for _, m := range Registry() {
		if x, ok := f.Estimates[m.Key]; ok {
			fmt.Fprintf(&b, "  %-18s %s\n", m.Name, x)
		}
	}
	for _, w := range f.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", quote.Line(fmt.Sprint(w)))
	}
	return b.String()
}

// Intervals returns the metrics of a system on items with labels (N class numbers), each with a confidence interval.
// Values are exactly those of [metric.AllPairs]; thresholds are frozen beforehand and never chosen here.
//
// By items, an interval holds for other items of the same classes; by classes, for items of other classes. All items
// of a class are then drawn together, and pairs count as if a class drawn twice were two classes. Classes of items
// are taken as random: if a split fixed the number of items of each class, intervals by items are wider than
// necessary (those of 90 % covered the truth in 98 to 99 % of simulations with 8 items of each of 10 classes). Fewer
// than about twenty classes give intervals that are too narrow, with a warning.
//
// ROC-AUC, EER, average precision, accuracy, FPR and FNR are recomputed from the pairs of each resample, in bins of
// their score 1/8,190 of the range wide (1/1,022 up to 512 items), which are only used for the change against all
// items. Method [Delta] uses the influence of every unit on the metric instead: the sum over its pairs of the
// metric's derivative by their weight. It takes two passes over the pairs and no resamples, and is correct to first
// order.
//
// Retrieval metrics are taken to first order by every method: the influence of a unit is the exact change when it is
// left out, as a query and as a reference of all others (the jackknife). Queries that share references are not
// independent; intervals and tests from the values of queries alone hold for these references only and are too
// narrow.
//
// A metric of 0 or 1 that does not vary, such as the FNR of a system without an error, has the interval of a share of
// independent items or classes, as many as there are of the kind that it is about (see [Wilson]): that of other methods
// has width 0.
//
// A system with several runs has the mean metrics over them, and intervals that cover the variation of runs and of
// items.
//
// The pairs of N items take N^2 bytes if resamples are drawn, and no memory with Delta; up to 8,192 items their scores
// take 4 N^2 bytes while a run is measured, so that they are computed once ([metric.Rows.Keep]). Time grows as N^2 (E +
// Resamples/2). The error says which embedding, label or option is wrong; a cancelled context returns its own error.
func Intervals(ctx context.Context, s System, labels []int32, opt Options) (*Metrics, error) {
	e, err := newEvaluation(ctx, []System{s}, labels, opt)
	if err != nil {
		return nil, err
	}
	return e.metrics(0), nil
}

// evaluation holds systems measured on the same items, with their resamples. Intervals and comparisons are computed
// from it without looking at pairs again.
type evaluation struct {
	opt     Options       // with its defaults
	names   []string      // by system
	systems [][]*measured // by system and run
	drawn   resamples     // nil with Delta and without items
}

// newEvaluation measures systems and draws their resamples. Half of the progress is each one's, as with
// 1,000 resamples neither takes much longer than the other.
func newEvaluation(ctx context.Context, systems []System, labels []int32, opt Options) (*evaluation, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	opt, err := opt.withDefaults(len(labels))
	if err != nil {
		return nil, err
	}
	measuring, drawing := opt.Progress, func(float64) {}
	if opt.Method != Delta {
		measuring = func(p float64) { opt.Progress(p / 2) }
		drawing = func(p float64) { opt.Progress((1 + p) / 2) }
	}
	e := &evaluation{opt: opt}
	for _, s := range systems {
		e.names = append(e.names, s.Name)
	}
	if e.systems, err = measureAll(ctx, systems, labels, opt, measuring); err != nil {
		return nil, err
	}
	if opt.Method != Delta && len(labels) > 0 {
		e.drawn, err = draw(ctx, e.systems, opt, drawing)
	}
	return e, err
}

// sample returns what the interval of metric f (an index of the registry) of system s is computed from. Value and
// influences are means over runs. The variance of a mean of S runs is that of the runs, with S-1, over S.
func (e *evaluation) sample(s, f int) sample {
	runs := e.systems[s]
	out := sample{high: 1, defined: true, influence: make([]float64, len(runs[0].influence[f])), runs: len(runs)}
	n := float64(len(runs))
	for _, m := range runs {
		out.value += m.exact[f] / n
		out.defined = out.defined && m.defined[f]
		for u, x := range m.influence[f] {
			out.influence[u] += x / n
		}
	}
	for _, m := range runs {
		d := m.exact[f] - out.value
		out.seeds += d * d / n / max(1, n-1)
	}
	// Resamples in which the metric is undefined are left out, and counted for a warning.
	for _, r := range e.drawn {
		if x := r[s][f]; !math.IsNaN(x) {
			out.drawn = append(out.drawn, x)
		} else {
			out.lost++
		}
	}
	return out
}

// metrics returns the metrics of system s with their intervals and warnings.
func (e *evaluation) metrics(s int) *Metrics {
	first := e.systems[s][0]
	f := &Metrics{
		Name: e.names[s], Items: len(first.counts), Classes: first.classes, Runs: len(e.systems[s]),
		By: e.opt.By, Resamples: len(e.drawn), Warnings: e.warnings(s),
		Estimates: make(map[string]Estimate, numMetrics),
	}
	var lost, flat int // most resamples lost by a metric; metrics that do not vary, though others could
	units := first.units(e.opt.By)
	for i, m := range registry {
		x := e.sample(s, i)
		var out Estimate
		out.Interval, out.StandardError = x.interval(e.opt)
		end := x.flat(out.Interval, out.StandardError)
		if end {
			out.Interval = x.atEnd(units.of(i), e.opt.Confidence)
		}
		if len(e.systems[s]) > 1 {
			var values []float64
			for _, m := range e.systems[s] {
				values = append(values, m.exact[i])
			}
			if spread, err := Seeds(values, e.opt.Confidence); err == nil { // no error: metrics are finite
				out.Runs = &spread
			}
		}
		if x.defined {
			lost = max(lost, x.lost)
			if out.StandardError == 0 && !end {
				flat++
			}
		}
		f.Estimates[m.Key] = out
	}
	f.Warnings = append(f.Warnings, e.spreadWarnings(lost, flat)...)
	return f
}
