package report

import (
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

func TestVerdict(t *testing.T) {
	report := func(positive, autoMAP, auc float64) *Report {
		return &Report{Positive: positive, Trained: Metrics{Values: map[string]float64{stats.MAPAtR: 0.5 + autoMAP,
			stats.ROCAUC: 0.5 + auc}}, Baseline: Metrics{Values: map[string]float64{stats.MAPAtR: 0.5,
			stats.ROCAUC: 0.5}}}
	}
	tests := []struct {
		r    *Report
		want string
	}{
		{report(0.1, 0.25, 0.125), "training helps: MAP@R +0.250, ROC-AUC +0.125 (one run; no interval)"},
		{report(0.1, -0.25, -0.125),
			"training does NOT help: the features alone are better: MAP@R -0.250, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0, -0.125),
			"training does NOT help: the features alone are better: MAP@R +0.000, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0.25, -0.125),
			"training helps by one measure and hurts by the other: MAP@R +0.250, ROC-AUC -0.125 (one run; no interval)"},
		{report(0.1, 0.25, 0), "training helps: MAP@R +0.250, ROC-AUC +0.000 (one run; no interval)"},
		{report(0.1, 0, 0), "training makes no difference: MAP@R +0.000, ROC-AUC +0.000 (one run; no interval)"},
		{report(0, 0, 0), "nothing can be said: no two items are of one class"},
		{report(1, 0.5, 0), "nothing can be said: all items are of one class"},
	}
	for _, test := range tests {
		if got := test.r.Verdict(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
