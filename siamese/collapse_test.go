package siamese

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// near1 returns n unit vectors of width e around the first axis, spread by noise.
func near1(n, e int, noise float64) *embedding.Embeddings {
	rng := rand.New(rand.NewPCG(4, 1))
	z := &embedding.Embeddings{N: n, E: e}
	for range n {
		row := make([]float64, e)
		for k := range row {
			row[k] = noise * rng.NormFloat64()
		}
		row[0]++
		for _, v := range labtest.OracleUnit(row) {
			z.Values = append(z.Values, float32(v))
		}
	}
	return z
}

func TestDiagnostics(t *testing.T) {
	// n orthogonal directions, equally used, around no mean: the effective rank is their number less one.
	const n, e = 6, 8
	z := &embedding.Embeddings{N: n, E: e, Values: make([]float32, n*e)}
	for i := range n {
		z.Values[i*e+i] = 1
	}
	h, err := diagnose(z, []float32{1, -1, 0, 0.95}, []bool{true, false, false, true})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(h.EffectiveRank-(n-1)) > 1e-9 || math.Abs(h.Spread-(1-1./n)) > 1e-9 || h.Collapsed(6) != "" {
		t.Errorf("orthogonal directions: %+v, %q", h, h.Collapsed(6))
	}
	if h.Same[19] != 2 || h.Different[0] != 1 || h.Different[10] != 1 || math.Abs(h.MeanSame-0.975) > 1e-6 ||
		h.MeanDifferent != -0.5 {
		t.Errorf("cosines are counted as %+v", h)
	}
	for name, test := range map[string]struct {
		z    *embedding.Embeddings
		same []float32
		want string
	}{
		"one point":   {near1(40, 8, 1e-4), []float32{1, 1}, "spread"},
		"same cosine": {near1(400, 64, 0.02), []float32{0.99, 0.98}, "0.980"},
		"alive":       {near1(40, 8, 1), []float32{0.9, 0.1}, ""},
	} {
		h, err := diagnose(test.z, test.same, []bool{true, false})
		if err != nil {
			t.Fatal(err)
		}
		got := h.Collapsed(3)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, want %q (%+v)", name, got, test.want, h)
		}
		if got != "" && !strings.Contains(got, "learning_rate") {
			t.Errorf("%s: %q gives no advice", name, got)
		}
	}
	// A line: two ends are enough for two classes, not for three.
	line := &embedding.Embeddings{N: 4, E: 2, Values: []float32{1, 0, 1, 0, 0, 1, 0, 1}}
	h, err = diagnose(line, []float32{1, 0}, []bool{true, false})
	if err != nil || h.Collapsed(2) != "" || !strings.Contains(h.Collapsed(3), " 1.0 ") {
		t.Errorf("%v: a line: %q for two classes, %q for three", err, h.Collapsed(2), h.Collapsed(3))
	}
	none := &embedding.Embeddings{N: 3, E: 2, Values: make([]float32, 6), Zero: []int{0, 1, 2}}
	if h, err = diagnose(none, []float32{0}, []bool{true}); err != nil || h.Zero != 3 || h.Collapsed(2) == "" {
		t.Errorf("%v: zero embeddings: %+v", err, h)
	}
}

// A run whose encoder collapses says so, and ends on request.
func TestCollapseIsReported(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.LearningRate, cfg.Layers, cfg.Dropout = 0.9, []int{4, 3}, 0 // far too fast: units die
	for _, stop := range []bool{false, true} {
		cfg.StopOnCollapse = stop
		var reported []string
		result, err := Train(t.Context(), backend, cfg, train, val,
			TrainOptions{Progress: func(p Progress) { reported = append(reported, p.Warnings...) }})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(result.Warnings, reported); diff != "" {
			t.Errorf("the progress reports other warnings than the result: %s", diff)
		}
		if len(result.Warnings) == 0 || !strings.Contains(strings.Join(result.Warnings, "\n"), "collaps") {
			t.Fatalf("warnings %q after %+v", result.Warnings, result.History)
		}
		if result.Collapsed != stop || (len(result.History) < cfg.Epochs) != stop {
			t.Errorf("stop %v: collapsed %v after %d epochs", stop, result.Collapsed, len(result.History))
		}
		if stop && !strings.Contains(result.String(), "collapsed") {
			t.Errorf("the result reads %q", result)
		}
	}
}
