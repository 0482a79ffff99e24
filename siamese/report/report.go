package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// String returns the report as a table of text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Name, r.About())
	line := func(cells ...string) { fmt.Fprintf(&b, "  %-42s %12s %12s %12s %12s %12s\n", ToAny(cells)...) }
	line("", "ROC-AUC", "EER", "MAP@R", "Recall@1", "accuracy")
	for _, f := range r.Rows() {
		cells := []string{f.Name}
		for _, v := range []float64{f.ROCAUC, f.EER, f.MAPAtR, f.RecallAt1, f.Accuracy} {
			cells = append(cells, fmt.Sprintf("%.4f", v))
		}
		line(cells...)
		if s := f.Intervals; s != nil {
			line("", Ends(s.ROCAUC), Ends(s.EER), Ends(s.MAPAtR), Ends(s.RecallAt1), Ends(s.Accuracy))
		}
	}
	if s := r.Trained.Intervals; s != nil {
		fmt.Fprintf(&b, "  below each: its %g %% interval, for %s\n", 100*s.MAPAtR.Confidence, s.By.Of())
	}
	for _, f := range r.Findings() {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

// Findings returns what the figures say, a line each: the verdict, the one for other classes, the drift of the threshold and
// how far probabilities can be believed, as far as the report knows.
func (r *Report) Findings() []string {
	out := []string{r.Verdict()}
	if c := r.ComparisonByClass; c != nil && !r.NewClasses {
		out = append(out, "for other classes: "+Changes(c))
	}
	if c := r.Comparison; tellsOfOthers(c) && r.NewClasses && r.Positive > 0 && r.Positive < 1 {
		out = append(out, fmt.Sprintf("for other items of these classes: %s: %s", sureVerdict(c.MAPAtR, c.ROCAUC), Changes(c)))
	}
	out = append(out, r.Drift())
	if p := r.Probabilities; p != nil {
		out = append(out, believed(p))
	}
	return out
}

// believed says how far probabilities can be believed.
func believed(p *stats.Reliability) string {
	sure := func(i *stats.Interval) string {
		if i == nil {
			return ""
		}
		return fmt.Sprintf(" [%.4f, %.4f]", i.Low, i.High)
	}
	return fmt.Sprintf("probabilities: Brier %.4f%s (%.4f without any knowledge), expected calibration error %.4f%s, on %d pairs, %.0f %% of them same by weight",
		p.Brier, sure(p.BrierInterval), p.Uncertainty, p.ECE, sure(p.ECEInterval), p.Pairs, 100*p.Prevalence)
}

func ToAny(cells []string) []any {
	out := make([]any, len(cells))
	for i, c := range cells {
		out[i] = c
	}
	return out
}

// Ends returns the ends of a figure's interval.
func Ends(f stats.Estimate) string { return fmt.Sprintf("%.3f-%.3f", f.Low, f.High) }

// Drift returns in one line what the trained encoder's threshold, frozen on validation pairs, does on the test items beside
// what it does on the validation items, with intervals where the report has them.
func (r *Report) Drift() string {
	t, now := r.Trained, stats.ThresholdMetrics{}
	if s := t.Intervals; s != nil {
		now = s.AtThreshold()
	}
	return drift(t.Threshold, t.Validation, t.ValidationIntervals, AtThreshold{t.Accuracy, t.FPR, t.FNR}, now)
}

// drift says what a threshold does before and now, with intervals where there are.
func drift(threshold float64, before AtThreshold, wasSure *stats.ThresholdMetrics, now AtThreshold, isSure stats.ThresholdMetrics) string {
	if wasSure == nil {
		wasSure = &stats.ThresholdMetrics{}
	}
	sure := func(v float64, s stats.Estimate) string {
		if s.Method == "" {
			return fmt.Sprintf("%.3f", v)
		}
		return fmt.Sprintf("%.3f [%.3f, %.3f]", v, s.Low, s.High)
	}
	return fmt.Sprintf("threshold %.3f, from validation to test: accuracy %s to %s, FPR %s to %s, FNR %s to %s", threshold,
		sure(before.Accuracy, wasSure.Accuracy), sure(now.Accuracy, isSure.Accuracy), sure(before.FPR, wasSure.FPR), sure(now.FPR, isSure.FPR),
		sure(before.FNR, wasSure.FNR), sure(now.FNR, isSure.FNR))
}

// Verdict returns in one line whether training was worth it on these items, by MAP@R and by ROC-AUC, beside the
// untrained features that have the highest MAP@R. With a comparison a measure counts where the interval of its
// difference, for other items of the same classes, does not hold 0; of estimates, for these items.
//
// On classes that the model has not seen the question is about other such classes. There a measure counts where the interval
// by classes does not hold 0 or, with fewer than 20 classes, where it gets better or worse in so many of them that it is no
// chance, by the sign test; fewer than six classes say nothing sure.
func (r *Report) Verdict() string {
	switch r.Positive {
	case 0:
		return "nothing can be said: no two items are of one class"
	case 1:
		return "nothing can be said: all items are of one class"
	}
	untrained := r.Untrained()
	than := Against(untrained.Name, len(r.untrained()))
	byMAP, byAUC := r.Trained.MAPAtR-untrained.MAPAtR, r.Trained.ROCAUC-untrained.ROCAUC
	if r.NewClasses {
		if verdict, ok := r.classVerdict(than); ok {
			return verdict
		}
	}
	if c := r.Comparison; c != nil {
		return fmt.Sprintf("%s: %s%s (%s, one run)", sureVerdict(c.MAPAtR, c.ROCAUC), Changes(c), than, sureness(c))
	}
	return fmt.Sprintf("%s: MAP@R %+.3f, ROC-AUC %+.3f%s (one run; no interval)", trainingVerdict(byMAP, byAUC), byMAP, byAUC, than)
}

// Changes returns the two differences that a verdict is about.
func Changes(c *stats.Comparison) string {
	return fmt.Sprintf("MAP@R %s, ROC-AUC %s", Change(c.MAPAtR), Change(c.ROCAUC))
}

// Change returns a difference with its interval.
func Change(d stats.Difference) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", d.Value, d.Low, d.High)
}

// sureVerdict says what two measures agree on, each as far as its interval goes.
func sureVerdict(one, other stats.Difference) string {
	return agreed(sureSigns(one, other))
}

// unclear is the verdict where no measure is sure.
const unclear = "training makes no clear difference"

// agreed says what two measures agree on, 0 for one that is not sure.
func agreed(one, other float64) string {
	switch {
	case one == 0 && other == 0:
		return unclear
	case one >= 0 && other >= 0:
		return "training helps"
	}
	return trainingVerdict(one, other)
}

// sureSigns returns two differences, 0 for one whose interval holds 0.
func sureSigns(one, other stats.Difference) (float64, float64) {
	sure := func(d stats.Difference) float64 {
		if d.Holds(0) {
			return 0
		}
		return d.Value
	}
	return sure(one), sure(other)
}
