package report

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/siamese/stats"
)

// String returns the report as a table of text.
func (r *PairReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d pairs of %d items (%.1f %% same)\n", r.Name, r.Pairs, r.Items, 100*r.Positive)
	line := func(cells ...string) {
		fmt.Fprintf(&b, "%s\n", strings.TrimRight(fmt.Sprintf("  %-42s %12s %12s %12s %12s %12s %12s", ToAny(cells)...), " "))
	}
	line("", "ROC-AUC", "EER", "AP", "accuracy", "FPR", "FNR")
	for _, f := range r.Rows() {
		cells := []string{f.Name}
		for _, v := range []float64{f.ROCAUC, f.EER, f.AveragePrecision, f.Accuracy, f.FPR, f.FNR} {
			cells = append(cells, fmt.Sprintf("%.4f", v))
		}
		line(cells...)
		if s := f.Intervals; s != nil {
			line("", Ends(s.ROCAUC), Ends(s.EER), Ends(s.AveragePrecision), Ends(s.Accuracy), Ends(s.FPR), Ends(s.FNR))
		}
	}
	if s := r.Trained.Intervals; s != nil {
		fmt.Fprintf(&b, "  below each: its %g %% interval, for pairs of other items\n", 100*s.ROCAUC.Confidence)
	}
	if r.Labels == nil {
		b.WriteString("  MAP@R and Recall@K are not defined: pairs give no classes\n")
	}
	for _, f := range r.Findings() {
		fmt.Fprintf(&b, "  %s\n", f)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

// Findings returns what the figures say, a line each: the verdict, the drift of the threshold, how far probabilities can be
// believed and what labels give over all pairs, as far as the report knows.
func (r *PairReport) Findings() []string {
	out := []string{r.Verdict(), r.Drift()}
	if p := r.Probabilities; p != nil {
		out = append(out, believed(p))
	}
	if r.Labels != nil {
		out = append(out, labelText(r.Labels))
	}
	return out
}

// Drift returns in one line what the trained encoder's threshold, frozen on validation pairs, does on the test pairs beside
// what it does on the validation pairs, with intervals where the report has them.
func (r *PairReport) Drift() string {
	t, now := r.Trained, stats.ThresholdMetrics{}
	if s := t.Intervals; s != nil {
		now = s.AtThreshold()
	}
	return drift(t.Threshold, t.Validation, t.ValidationIntervals, AtThreshold{t.Accuracy, t.FPR, t.FNR}, now)
}

// Verdict returns in one line whether training was worth it on these pairs, by ROC-AUC and by average precision,
// beside the untrained features that have the highest ROC-AUC. With a comparison a measure counts where the interval of its
// difference, for pairs of other items, does not hold 0.
func (r *PairReport) Verdict() string {
	switch r.Positive {
	case 0:
		return "nothing can be said: no pair is positive"
	case 1:
		return "nothing can be said: all pairs are positive"
	}
	untrained := r.Best()
	than := Against(untrained.Name, len(r.untrained()))
	byAUC, byAP := r.Trained.ROCAUC-untrained.ROCAUC, r.Trained.AveragePrecision-untrained.AveragePrecision
	if c := r.Comparison; c != nil {
		return fmt.Sprintf("%s: %s%s (%g %% intervals by items, one run)", sureVerdict(c.ROCAUC, c.AveragePrecision), pairChanges(c), than, 100*c.ROCAUC.Confidence)
	}
	return fmt.Sprintf("%s: ROC-AUC %+.3f, average precision %+.3f%s (one run; no interval)", trainingVerdict(byAUC, byAP), byAUC, byAP, than)
}

// pairChanges returns the two differences that a verdict is about.
func pairChanges(c *stats.PairComparison) string {
	return fmt.Sprintf("ROC-AUC %s, average precision %s", Change(c.ROCAUC), Change(c.AveragePrecision))
}

// trainingVerdict says what two measures, by how much training changed them, agree on.
func trainingVerdict(one, other float64) string {
	switch {
	case one == 0 && other == 0:
		return "training makes no difference"
	case one <= 0 && other <= 0:
		return "training does NOT help: the features alone are better"
	case one <= 0 || other <= 0:
		return "training helps by one measure and hurts by the other"
	}
	return "training helps"
}

// Against says which untrained features a verdict speaks of, where a report has several kinds of them.
func Against(untrained string, kinds int) string {
	if kinds == 1 {
		return ""
	}
	return " against the " + strings.TrimSuffix(untrained, ", no training")
}
