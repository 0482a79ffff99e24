package report

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/stats"
)

func TestVerdict(t *testing.T) {
	report := func(positive, autoMAP, auc float64) *Report {
		return &Report{Positive: positive, Trained: Metrics{Values: map[string]float64{stats.MAPAtR: 0.5 + autoMAP,
			stats.ROCAUC: 0.5 + auc}}, Baseline: Metrics{Values: map[string]float64{stats.MAPAtR: 0.5,
			stats.ROCAUC: 0.5}}}
	}
	tests := []struct {
		r       *Report
		verdict string
		values  []string // of MAP@R and ROC-AUC
	}{
		{report(0.1, 0.25, 0.125), helps, []string{"+0.250", "+0.125"}},
		{report(0.1, -0.25, -0.125), hurts, []string{"-0.250", "-0.125"}},
		{report(0.1, 0, -0.125), hurts, []string{"0.000", "-0.125"}},
		{report(0.1, 0.25, -0.125), mixed, []string{"+0.250", "-0.125"}},
		{report(0.1, 0.25, 0), helps, []string{"+0.250", "0.000"}},
		{report(0.1, 0, 0), noDifference, []string{"0.000", "0.000"}},
		{report(0, 0, 0), nothing, nil},
		{report(1, 0.5, 0), nothing, nil},
	}
	for _, test := range tests {
		got := test.r.Verdict()
		if !strings.HasPrefix(got, test.verdict+": ") {
			t.Errorf("%q, want %q", got, test.verdict)
		}
		for k, value := range test.values {
			labtest.WantText(t, got, []string{"MAP@R ", "ROC-AUC "}[k]+value, "no interval")
		}
	}
}
