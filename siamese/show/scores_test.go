package show

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/plot/plotter"
)

func TestScores(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var same, different []float32
	for range 500 {
		same, different = append(same, 1-rng.Float32()/3), append(different, rng.Float32()/2)
	}
	svg, err := contentOf(ScoresOutputs(nasty, same, different, 0.6125))
	if err != nil {
		t.Fatal(err)
	}
	has(t, strings.Join(texts(t, svg), "|"), "&lt;script&gt;", "cosine", "density", "same", "different",
		"threshold 0.61")
	for what, scores := range map[string][]float32{"one value": {0.5, 0.5}, "beyond one": {-1.0000001, 1.0000001}} {
		svg, err := contentOf(ScoresOutputs(what, scores, scores, 0.5))
		if err != nil {
			t.Fatal(err)
		}
		texts(t, svg)
	}
	nan := float32(math.NaN())
	tests := []struct {
		what            string
		same, different []float32
		threshold       float64
		want            string
	}{
		{"no same", nil, different, 0.5, "0 same"},
		{"no different", same, nil, 0.5, "0 different"},
		{"NaN", []float32{0, nan}, different, 0.5, "cosine 1 is NaN"},
		{"infinite", same, []float32{float32(math.Inf(1))}, 0.5, "cosine 0 is +Inf"},
		{"threshold", same, different, math.NaN(), "threshold is NaN"},
		{"threshold infinite", same, different, math.Inf(-1), "threshold is -Inf"},
	}
	for _, test := range tests {
		_, err := ScoresOutputs("title", test.same, test.different, test.threshold)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.what, err, test.want)
		}
		if Scores("title", test.same, test.different, test.threshold) == nil {
			t.Errorf("%s is displayed", test.what)
		}
	}
}

// TestThreshold: the counts are those of package metric, the drawing has its words.
func TestThreshold(t *testing.T) {
	same, different := []float32{.9, .8, .8, .3, .7}, []float32{.1, .2, .8, .3}
	var out Outputs
	if err := out.Threshold(nasty, same, different, .8); err != nil {
		t.Fatal(err)
	}
	svg, err := contentOf(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	has(t, strings.Join(texts(t, svg), "|"), "ROC", "cosine", "threshold 0.8")
	has(t, out[0].HTML, "&lt;script&gt;")
	table := out[len(out)-1]
	has(t, table.Text, "balanced accuracy 0.6750", "FPR 0.2500", "FNR 0.4000")
	for _, row := range []string{"same 3 2", "different 1 3"} {
		if !strings.Contains(strings.Join(strings.Fields(table.Text), " "), row) {
			t.Errorf("%q lacks %q", table.Text, row)
		}
	}
	if err := (&Outputs{}).Threshold("a", nil, different, .5); err == nil || !strings.Contains(err.Error(), "0 same") {
		t.Errorf("no same pairs: %v", err)
	}
}

func TestHistogramHasAreaOne(t *testing.T) {
	h := histogram([]float32{-1, 0, 0.3, 0.30001, 1}, -1, 1)
	area, weight := 0.0, func(b plotter.HistogramBin) float64 { return b.Weight * h.Width }
	for _, b := range h.Bins {
		area += weight(b)
	}
	if math.Abs(area-1) > 1e-9 {
		t.Errorf("area %v", area)
	}
	if first, last := weight(h.Bins[0]), weight(h.Bins[len(h.Bins)-1]); math.Abs(first-0.2) > 1e-9 ||
		math.Abs(last-0.2) > 1e-9 {
		t.Errorf("the ends hold %v and %v, want 0.2 each", first, last)
	}
}
