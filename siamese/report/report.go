package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
)

// Undefined stands in tables for a metric that is not defined on the items.
const Undefined = "undefined"

// String returns the report as a table of text: a line for each method, below it the ends of its intervals, then the
// [Report.Findings] and the warnings.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", quote.Text(r.Name), r.About())
	line := func(cells []string) {
		fmt.Fprintf(&b, "  %-42s", cells[0])
		for _, c := range cells[1:] {
			fmt.Fprintf(&b, " %12s", c)
		}
		b.WriteByte('\n')
	}
	columns := r.Columns(true)
	head := []string{""}
	for _, m := range columns {
		head = append(head, m.Short())
	}
	line(head)
	// Two lines a method: values, and below them the intervals.
	for _, f := range r.Shown() {
		values, intervals := []string{quote.Cut(f.Name, 42)}, []string{""}
		for _, m := range columns {
			v, ok := f.Values[m.Key]
			if !ok {
				values, intervals = append(values, Undefined), append(intervals, "")
				continue
			}
			values = append(values, decimal.Fixed(v, 4))
			intervals = append(intervals, Ends(f.interval(m.Key)))
		}
		line(values)
		if f.Intervals != nil {
			line(intervals)
		}
	}
	if s := r.Trained.Intervals; s != nil {
		fmt.Fprintf(&b, "  below each: its %g %% interval, for %s\n", 100*s.Confidence(), s.By.Of())
	}
	if r.GivenPairs && r.Labels == nil {
		b.WriteString("  MAP@R and Recall@K are not defined: pairs give no classes\n")
	}
	for _, f := range r.Findings() {
		fmt.Fprintf(&b, "  %s\n", quote.Line(f))
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", quote.Line(w))
	}
	return b.String()
}

// Columns returns the metrics that the report has, in the order of [stats.Registry]. If narrow is set, those of reports
// on items are only those for tables with few columns; reports on pairs have few anyway.
func (r *Report) Columns(narrow bool) []*stats.Metric {
	var out []*stats.Metric
	for _, m := range stats.Registry() {
		if r.GivenPairs && m.OfPairs() || !r.GivenPairs && (m.Narrow || !narrow) {
			out = append(out, m)
		}
	}
	return out
}

// Findings returns the conclusions of a report, a line each: the verdict, the one for other classes, the generalisation
// gap of the threshold, the quality of probabilities, the evidence, and the metrics over all labelled pairs, as far as
// the report has them.
func (r *Report) Findings() []string {
	out := []string{r.Verdict()}
	if c := r.ComparisonByClass; c != nil && !r.NewClasses {
		out = append(out, "for other classes: "+r.changes(c))
	}
	if c := r.Comparison; generalises(c) && r.NewClasses && !r.OneKind() {
		out = append(out, fmt.Sprintf("for other items of these classes: %s: %s", r.clear(c), r.changes(c)))
	}
	out = append(out, r.GeneralisationGap())
	if p := r.Probabilities; p != nil {
		out = append(out, probabilitiesText(p))
	}
	if r.Evidence != nil {
		out = append(out, r.Evidence.Lines()...)
	}
	if r.Labels != nil {
		out = append(out, labelText(r.Labels))
	}
	return out
}

// probabilitiesText returns the quality of probabilities in one line.
func probabilitiesText(p *stats.Reliability) string {
	interval := func(i *stats.Interval) string {
		if i == nil {
			return ""
		}
		return fmt.Sprintf(" [%.4f, %.4f]", i.Low, i.High)
	}
	return fmt.Sprintf("probabilities: Brier %.4f%s (%.4f without any knowledge), expected calibration error %.4f%s, "+
		"on %d pairs, %.0f %% of them same by weight", p.Brier, interval(p.BrierInterval), p.Uncertainty, p.ECE,
		interval(p.ECEInterval), p.Pairs, 100*p.Prevalence)
}

// Ends returns the ends of an interval, such as "0.812-0.834".
func Ends(e stats.Estimate) string { return decimal.Fixed(e.Low, 3) + "-" + decimal.Fixed(e.High, 3) }

// GeneralisationGap returns in one line what the trained encoder's threshold, frozen on validation pairs, does on the
// test beside what it does on validation, with intervals where the report has them.
func (r *Report) GeneralisationGap() string {
	t := r.Trained
	before, now := stats.ThresholdMetrics{}, stats.ThresholdMetrics{}
	if t.ValidationIntervals != nil {
		before = *t.ValidationIntervals
	}
	if t.Intervals != nil {
		now = t.Intervals.AtThreshold()
	}
	change := func(was, is float64, from, to stats.Estimate) string {
		if r.OneKind() {
			return withInterval(was, from) + " to " + Undefined
		}
		return withInterval(was, from) + " to " + withInterval(is, to)
	}
	was, is := t.Validation, t.Now()
	return fmt.Sprintf("threshold %s, from validation to test: accuracy %s, FPR %s, FNR %s",
		decimal.Fixed(t.Threshold, 3),
		change(was.Accuracy, is.Accuracy, before.Accuracy, now.Accuracy), change(was.FPR, is.FPR, before.FPR, now.FPR),
		change(was.FNR, is.FNR, before.FNR, now.FNR))
}

// withInterval returns a rate and, if the estimate has one, its interval.
func withInterval(v float64, e stats.Estimate) string {
	if e.Method == "" {
		return decimal.Fixed(v, 3)
	}
	return fmt.Sprintf("%s [%s, %s]", decimal.Fixed(v, 3), decimal.Fixed(e.Low, 3), decimal.Fixed(e.High, 3))
}
