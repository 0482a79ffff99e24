package siamese

import (
	"fmt"
	"strings"
)

// String returns the report as a table of text.
func (r *PairReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d pairs of %d items (%.1f %% same)\n", r.Name, r.Pairs, r.Items, 100*r.Positive)
	fmt.Fprintf(&b, "  %-36s %8s %8s %8s %9s %8s %8s\n", "", "ROC-AUC", "EER", "AP", "accuracy", "FPR", "FNR")
	for _, f := range r.Rows() {
		fmt.Fprintf(&b, "  %-36s %8.4f %8.4f %8.4f %9.4f %8.4f %8.4f\n", f.Name, f.ROCAUC, f.EER, f.AveragePrecision, f.Accuracy, f.FPR, f.FNR)
	}
	fmt.Fprintf(&b, "  MAP@R and Recall@K are not defined: pairs give no classes\n  %s\n", r.Verdict())
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

// Verdict returns in one line whether training was worth it on these pairs, by ROC-AUC and by average precision,
// beside the untrained features that have the higher ROC-AUC.
func (r *PairReport) Verdict() string {
	switch r.Positive {
	case 0:
		return "nothing can be said: no pair is positive"
	case 1:
		return "nothing can be said: all pairs are positive"
	}
	untrained, name, kinds := r.Baseline, standardisedName, len(r.Rows())-1
	if p := r.Preprocessed; p != nil && p.ROCAUC > untrained.ROCAUC {
		untrained, name = *p, preprocessedName
	}
	byAUC, byAP := r.Trained.ROCAUC-untrained.ROCAUC, r.Trained.AveragePrecision-untrained.AveragePrecision
	return fmt.Sprintf("%s: ROC-AUC %+.3f, average precision %+.3f%s (one run; no interval)", trainingVerdict(byAUC, byAP), byAUC, byAP, against(name, kinds))
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

// against says which untrained features a verdict speaks of, where a report has several kinds of them.
func against(untrained string, kinds int) string {
	if kinds == 1 {
		return ""
	}
	return " against the " + strings.TrimSuffix(untrained, ", no training")
}
