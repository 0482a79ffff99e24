package report

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

func TestPairVerdict(t *testing.T) {
	tests := []struct {
		auc, ap float64
		want    string
	}{
		{0.1, 0.1, helps + ": "},
		{0, 0, noDifference},
		{-0.1, 0, hurts},
		{0.1, -0.1, mixed},
	}
	for _, test := range tests {
		r := &Report{GivenPairs: true, Positive: 0.5,
			Trained: Metrics{Values: map[string]float64{stats.ROCAUC: 0.5 + test.auc,
				stats.AveragePrecision: 0.5 + test.ap}},
			Baseline: Metrics{Values: map[string]float64{stats.ROCAUC: 0.5, stats.AveragePrecision: 0.5}}}
		if got := r.Verdict(); !strings.Contains(got, test.want) {
			t.Errorf("%+v: %q, want %q", test, got, test.want)
		}
	}
	if got := (&Report{GivenPairs: true, Positive: 1}).Verdict(); !strings.Contains(got, "all pairs are positive") {
		t.Errorf("%q", got)
	}
}
