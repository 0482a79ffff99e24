package siamese

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/internal/fields"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// nestedModel returns a model of two encoders, of 8 and 5 numbers, and features, which is nested at 2 and 4.
func nestedModel(t *testing.T) (m *Model, cfg Config) {
	t.Helper()
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg = toyConfig()
	cfg.Ensemble, cfg.Nested = [][]int{{12, 6, 5}}, []int{2, 4}
	cfg.Epochs, cfg.PairsPerEpoch, cfg.FeatureShare = 2, 512, 0.3
	result, err := Train(t.Context(), devicetest.Go(t), cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Model, cfg
}

// A narrow model compares the first numbers of every encoder, and features with their share as before, by a threshold
// and a calibration of its own, also after it or the whole one was saved.
func TestNarrow(t *testing.T) {
	backend := devicetest.Go(t)
	m, cfg := nestedModel(t)
	defer m.Close()
	val := labtest.Toy("v", 4, 10, 9, 0.5, 2)
	z := embed(t, m, backend, val)
	unit := func(row []float32) []float64 { return labtest.OracleUnit(labtest.Widen(row)) }
	dot := func(a, b []float64) float64 {
		var sum float64
		for k := range a {
			sum += a[k] * b[k]
		}
		return sum
	}
	drawn, err := ValidationPairs(cfg, val)
	if err != nil {
		t.Fatal(err)
	}
	loaded := saveAndLoad(t, m)
	defer loaded.Close()
	for _, width := range cfg.Nested {
		short, err := m.Narrow(width, false)
		if err != nil {
			t.Fatal(err)
		}
		defer short.Close()
		got := embed(t, short, backend, val)
		if want := 2*width + 9; got.E != want || short.E() != want {
			t.Fatalf("%d numbers of each: embeddings are %d and %d wide, want %d", width, got.E, short.E(), want)
		}
		for i := range z.N {
			for j := range i {
				a, b := z.Row(i), z.Row(j)
				// Both encoders of this model have something to say of all items in 2 numbers or more.
				want := 0.35*dot(unit(a[:width]), unit(b[:width])) + 0.35*dot(unit(a[8:8+width]), unit(b[8:8+width])) +
					0.3*dot(unit(a[13:]), unit(b[13:]))
				if c := got.Cosine(i, j); labtest.MaxAbs(unit(a[:width])) > 0 && labtest.MaxAbs(unit(b[:width])) > 0 &&
					labtest.MaxAbs(unit(a[8:8+width])) > 0 && labtest.MaxAbs(unit(b[8:8+width])) > 0 && math.Abs(c-want) > 1e-5 {
					t.Fatalf("%d numbers: cosine of %d and %d is %v, want %v", width, i, j, c, want)
				}
			}
		}
		cosines, same := pairs.Scores(got, drawn)
		chosen, err := metric.Verify(cosines, same, drawn.Weight, metric.VerificationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if want := chosen.Natural.BestAccuracy.Threshold; math.Abs(short.Threshold-want) > 1e-5 ||
			short.Threshold == m.Threshold || short.Calibration == nil {
			t.Errorf("%d numbers: threshold %v, want %v, calibration %v", width, short.Threshold, want, short.Calibration)
		}
		again, err := loaded.Narrow(width, false)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		kept := saveAndLoad(t, short)
		defer kept.Close()
		for what, other := range map[string]*Model{"of the loaded model": again, "saved": kept} {
			if diff := cmp.Diff(got, embed(t, other, backend, val)); diff != "" || other.Threshold != short.Threshold ||
				!slices.Equal(other.Notes, short.Notes) || !strings.Contains(other.String(), "the first") {
				t.Errorf("%d numbers, %s: %v, %v: %s", width, what, other, other.Threshold, diff)
			}
		}
	}
	// Of what is narrow already, and all of it.
	four, err := m.Narrow(4, false)
	if err != nil {
		t.Fatal(err)
	}
	defer four.Close()
	twice, err := four.Narrow(2, false)
	if err != nil {
		t.Fatal(err)
	}
	once, err := m.Narrow(2, false)
	if err != nil || !cmp.Equal(once.Layers, twice.Layers) || once.Threshold != twice.Threshold ||
		len(once.Nested) > 0 || len(four.Nested) != 1 || !slices.Equal(four.Config.Nested, []int{2}) {
		t.Errorf("2 of 4 numbers: %v and %v, %v", once, twice, err)
	}
	whole, err := m.Narrow(8, false)
	if err != nil || !cmp.Equal(whole.Layers, m.Layers) || len(whole.Notes) != len(m.Notes) {
		t.Errorf("all numbers: %v, %v", whole, err)
	}
	if host := m.narrowed(z, 4); !near(host, embed(t, four, backend, val)) {
		t.Error("the embeddings that the threshold was chosen by are others than those of the narrow model")
	}
}

// near reports whether embeddings are the same but for rounding.
func near(a, b *embedding.Embeddings) bool {
	return slices.EqualFunc(a.Values, b.Values, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-5 })
}

func TestNarrowRefuses(t *testing.T) {
	m, _ := nestedModel(t)
	defer m.Close()
	for width, want := range map[int]string{0: "1 to 4, or 8", -1: "1 to 4", 5: "1 to 4", 9: "1 to 4",
		3: "2, 4 and 8 numbers"} {
		if _, err := m.Narrow(width, false); !slices.Equal(option.Names(err), []string{"width"}) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%d: %v", width, err)
		}
	}
	short, err := m.Narrow(3, true)
	if err != nil {
		t.Fatal(err)
	}
	if short.Calibration != nil || short.Threshold != m.Threshold || len(short.Nested) != 1 ||
		!strings.Contains(short.Notes[len(short.Notes)-1], "not trained") || short.E() != 6+9 {
		t.Errorf("a width that was not trained: %v", short)
	}
	for name, damage := range map[string]func(){
		"fewer thresholds": func() { m.Nested = m.Nested[:1] },
		"another width":    func() { m.Nested[1].Width = 3 },
		"no number":        func() { m.Nested[1].Width, m.Nested[0].Threshold = 4, math.NaN() },
	} {
		was := slices.Clone(m.Nested)
		if damage(); m.savable() == nil {
			t.Errorf("%s: the model is valid", name)
		}
		m.Nested = was
	}
	m.Config.PLDA = config.PLDAEncoder
	if names := option.Names(m.Config.Validate()); !slices.Equal(names, []string{"nested"}) {
		t.Errorf("PLDA of the encoder: %q", names)
	}
	m.Config.PLDA, m.Config.UnknownShare = "", 0.8
	if names := option.Names(m.Config.Validate()); !slices.Equal(names, []string{"nested"}) {
		t.Errorf("a gate: %q", names)
	}
	part := func(width int) gate.Part { return gate.Part{Width: width, Spread: 1, Means: make([]float32, width)} }
	m.Config.Nested, m.Nested = nil, nil
	m.Gate = &gate.Model{Classes: 1, Encoder: part(13), Features: part(9)}
	if _, err := m.Narrow(3, true); !slices.Equal(option.Names(err), []string{"width"}) ||
		!strings.Contains(err.Error(), "unknown_share") {
		t.Errorf("a gate: %v", err)
	}
}

// What is compared by another PLDA has thresholds of its own for every width, or none.
func TestNestedOfOtherCosines(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	m, cfg := nestedModel(t)
	defer m.Close()
	with, err := m.WithPLDA(t.Context(), backend, train, config.PLDAFeatures)
	if err != nil {
		t.Fatal(err)
	}
	defer with.Close()
	alone := m.EncoderAlone()
	if with.Nested != nil || alone.Nested != nil || m.Nested == nil {
		t.Errorf("thresholds of other cosines: %v, %v", with.Nested, alone.Nested)
	}
	kept, err := with.Adapt(t.Context(), backend, train, nil)
	if err != nil || kept.Nested != nil {
		t.Fatalf("adapted without validation items: %v, %v", kept, err)
	}
	adapted, err := with.Adapt(t.Context(), backend, train, val)
	if err != nil {
		t.Fatal(err)
	}
	defer adapted.Close()
	drawn := labtest.Must(ValidationPairs(cfg, val))
	for _, width := range cfg.Nested {
		short := labtest.Must(adapted.Narrow(width, false))
		cosines, same := pairs.Scores(embed(t, short, backend, val), drawn)
		chosen := labtest.Must(metric.Verify(cosines, same, drawn.Weight, metric.VerificationOptions{}))
		if want := chosen.Natural.BestAccuracy.Threshold; math.Abs(short.Threshold-want) > 1e-5 ||
			short.Calibration == nil {
			t.Errorf("%d numbers: threshold %v, want %v, calibration %v", width, short.Threshold, want, short.Calibration)
		}
		if err := short.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNestedSetting(t *testing.T) {
	for _, bad := range [][]int{{0}, {-1}, {8}, {9}, {4, 2}, {2, 2}, make([]int, 17)} {
		cfg := toyConfig()
		cfg.Nested = bad
		if got := option.Names(cfg.Validate()); len(got) == 0 || got[0] != "nested" {
			t.Errorf("%v: %q", bad, got)
		}
	}
	cfg := toyConfig()
	all := fields.Of(&cfg)
	f := all[slices.IndexFunc(all, func(f fields.Field) bool { return f.Name == "nested" })]
	for _, text := range []string{"2", "2,4,6", ""} {
		if err := f.Set(text); err != nil || f.Text() != text || cfg.Validate() != nil {
			t.Errorf("%q: %v, %q, %v", text, err, f.Text(), cfg.Validate())
		}
	}
}

// A run that was cut goes on with the thresholds of the widths, and comes to the same bits.
func TestNestedResumes(t *testing.T) {
	backend := devicetest.Go(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.Nested, cfg.Epochs, cfg.PairsPerEpoch, cfg.Patience = []int{3}, 2, 256, 0
	whole, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Model.Close()
	dir := t.TempDir()
	cfg.Epochs = 1
	first, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Model.Close()
	cfg.Epochs = 2
	second, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Model.Close()
	if second.Resumed == 0 || second.Model.Nested == nil || !cmp.Equal(whole.Model.Nested, second.Model.Nested) ||
		!cmp.Equal(whole.Model.Layers, second.Model.Layers) {
		t.Errorf("resumed from step %d: %v, want %v", second.Resumed, second.Model.Nested, whole.Model.Nested)
	}
}
