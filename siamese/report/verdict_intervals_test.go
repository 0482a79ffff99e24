package report

import (
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

func TestVerdictWithIntervals(t *testing.T) {
	interval := func(low, high float64) stats.Difference {
		return stats.Difference{Interval: stats.Interval{Value: (low + high) / 2, Low: low, High: high,
			Confidence: 0.95}}
	}
	for _, c := range []struct {
		byMAP, byAUC [2]float64
		want         string
	}{
		{[2]float64{0.25, 0.75}, [2]float64{0.125, 0.375},
			helps + ": MAP@R +0.500 [+0.250, +0.750], ROC-AUC +0.250 [+0.125, +0.375]"},
		{[2]float64{0.25, 0.75}, [2]float64{-0.125, 0.375}, helps + ": "},
		{[2]float64{-0.25, 0.75}, [2]float64{-0.125, 0.375}, unclear + ": "},
		{[2]float64{0, 0}, [2]float64{0, 0}, unclear + ": "},
		{[2]float64{-0.25, 0.75}, [2]float64{-0.375, -0.125},
			hurts + ": "},
		{[2]float64{0.25, 0.75}, [2]float64{-0.375, -0.125}, mixed + ": "},
	} {
		r := &Report{Positive: 0.1,
			Comparison: &stats.Comparison{Differences: map[string]stats.Difference{stats.MAPAtR: interval(c.byMAP[0],
				c.byMAP[1]), stats.ROCAUC: interval(c.byAUC[0], c.byAUC[1])}}}
		if got := r.Verdict(); !strings.HasPrefix(got, c.want) ||
			!strings.HasSuffix(got, " (95 % intervals by items, one run)") {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
