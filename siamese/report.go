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
	for _, f := range []Figures{r.Baseline, r.Trained} {
		fmt.Fprintf(&b, "  %-36s %8.4f %8.4f %8.4f %9.4f %9.4f\n", f.Name, f.ROCAUC, f.EER, f.MAPAtR, f.RecallAt1, f.Accuracy)
	}
	fmt.Fprintf(&b, "  %s\n", r.Verdict())
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

// Verdict returns in one line whether training was worth it on these items, by MAP@R and by ROC-AUC.
func (r *Report) Verdict() string {
	switch r.Positive {
	case 0:
		return "nothing can be said: no two items are of one class"
	case 1:
		return "nothing can be said: all items are of one class"
	}
	byMAP, byAUC := r.Trained.MAPAtR-r.Baseline.MAPAtR, r.Trained.ROCAUC-r.Baseline.ROCAUC
	verdict := "training helps"
	switch {
	case byMAP == 0 && byAUC == 0:
		verdict = "training makes no difference"
	case byMAP <= 0 && byAUC <= 0:
		verdict = "training does NOT help: the features alone are better"
	case byMAP <= 0 || byAUC <= 0:
		verdict = "training helps by one measure and hurts by the other"
	}
	return fmt.Sprintf("%s: MAP@R %+.3f, ROC-AUC %+.3f (one run; no interval)", verdict, byMAP, byAUC)
}
