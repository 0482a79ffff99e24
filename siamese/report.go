package siamese

import (
	"fmt"
	"strings"
)

// String returns the report as a table of text.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d items of %d classes, all %d pairs (%.1f %% same)\n", r.Name, r.Items, r.Classes, r.Pairs, 100*r.Positive)
	fmt.Fprintf(&b, "  %-36s %8s %8s %8s %9s %9s\n", "", "ROC-AUC", "EER", "MAP@R", "Recall@1", "accuracy")
	for _, f := range r.Rows() {
		fmt.Fprintf(&b, "  %-36s %8.4f %8.4f %8.4f %9.4f %9.4f\n", f.Name, f.ROCAUC, f.EER, f.MAPAtR, f.RecallAt1, f.Accuracy)
	}
	fmt.Fprintf(&b, "  %s\n", r.Verdict())
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

// Verdict returns in one line whether training was worth it on these items, by MAP@R and by ROC-AUC, beside the
// untrained features that have the higher MAP@R.
func (r *Report) Verdict() string {
	switch r.Positive {
	case 0:
		return "nothing can be said: no two items are of one class"
	case 1:
		return "nothing can be said: all items are of one class"
	}
	untrained, against := r.Baseline, ""
	if p := r.Preprocessed; p != nil {
		against = againstStandardised
		if p.MAPAtR > untrained.MAPAtR {
			untrained, against = *p, againstPreprocessed
		}
	}
	byMAP, byAUC := r.Trained.MAPAtR-untrained.MAPAtR, r.Trained.ROCAUC-untrained.ROCAUC
	return fmt.Sprintf("%s: MAP@R %+.3f, ROC-AUC %+.3f%s (one run; no interval)", trainingVerdict(byMAP, byAUC), byMAP, byAUC, against)
}

// What a verdict says of the untrained features that it speaks of, where a report has two kinds of them.
const (
	againstStandardised = " against the standardised features"
	againstPreprocessed = " against the preprocessed features"
)
