package report

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/stats"
)

// Training is compared with the better of the two kinds of untrained features.
func TestVerdictOfPreprocessed(t *testing.T) {
	metrics := func(m float64, name string) Metrics {
		return Metrics{Name: name, Values: map[string]float64{stats.MAPAtR: m, stats.ROCAUC: m}}
	}
	for _, c := range []struct {
		preprocessed float64
		verdict      string
		parts        []string // the two changes, and what they are from
	}{
		{0.75, hurts, []string{"MAP@R -0.125", "ROC-AUC -0.125", "against the preprocessed features"}},
		{0.25, helps, []string{"MAP@R +0.125", "ROC-AUC +0.125", "against the standardised features"}},
	} {
		p := metrics(c.preprocessed, PreprocessedName)
		r := &Report{Positive: 0.1, Baseline: metrics(0.5, StandardisedName), Preprocessed: &p,
			Trained: metrics(0.625, TrainedName)}
		labtest.WantText(t, r.Verdict(), append(c.parts, c.verdict+": ")...)
	}
}
