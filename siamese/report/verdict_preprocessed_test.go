package report

import (
	"testing"

	"github.com/go-siamese/lab/siamese/stats"
)

// Training is compared with the better of the two kinds of untrained features.
func TestVerdictOfPreprocessed(t *testing.T) {
	figures := func(m float64, name string) Metrics {
		return Metrics{Name: name, Values: map[string]float64{stats.MAPAtR: m, stats.ROCAUC: m}}
	}
	p := figures(0.75, PreprocessedName)
	r := &Report{Positive: 0.1, Baseline: figures(0.5, StandardisedName), Preprocessed: &p,
		Trained: figures(0.625, TrainedName)}
	want := "training does NOT help: the features alone are better: MAP@R -0.125, ROC-AUC -0.125 against the preprocessed features (one run; no interval)"
	if got := r.Verdict(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	p = figures(0.25, PreprocessedName)
	want = "training helps: MAP@R +0.125, ROC-AUC +0.125 against the standardised features (one run; no interval)"
	if got := r.Verdict(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
