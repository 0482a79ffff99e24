package plda

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// closeTo fails unless two matrices are the same but for rounding.
func closeTo(t *testing.T, what string, got, want mat.Matrix) {
	t.Helper()
	if !mat.EqualApprox(got, want, 1e-10) {
		t.Errorf("%s is %v, want %v", what, mat.Formatted(got), mat.Formatted(want))
	}
}

// testdata/adapt.py wrote the golden values.
func TestAdaptGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/adapt.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Mean, AdaptedMean             []float64
		Between, Within, Rows, Wanted [][]float64
	}
	text = []byte(strings.NewReplacer("adapted_mean", "adaptedmean", "adapted_between", "wanted").Replace(string(text)))
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) != 4 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		m, err := New(c.Mean, symOf(c.Between), symOf(c.Within))
		if err != nil {
			t.Fatal(err)
		}
		z := embeddingsOf(c.Rows)
		z.Values, z.N = append(z.Values, make([]float32, z.E)...), z.N+1 // says nothing
		got, err := m.Adapt(t.Context(), z)
		if err != nil {
			t.Fatal(err)
		}
		between, within, err := got.covariances()
		if err != nil {
			t.Fatal(err)
		}
		closeTo(t, "B", between, symOf(c.Wanted))
		closeTo(t, "W", within, symOf(c.Within))
		closeTo(t, "m", mat.NewVecDense(len(got.Mean), got.Mean), mat.NewVecDense(len(c.AdaptedMean), c.AdaptedMean))
		if got.Adapted != len(c.Rows) || !strings.Contains(got.String(), "adapted to") {
			t.Errorf("%v", got)
		}
	}
}

// Adapting to items of the population that a model is of changes it little, and the argument not at all; what is
// adapted is saved and loaded.
func TestAdaptToItself(t *testing.T) {
	z, labels := drawn(3, 4, 60, 10, .5)
	classes := 0. // as they show them
	m, err := Fit(t.Context(), z, labels, Options{Isotropic: &classes})
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(m.Between)
	got, err := m.Adapt(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	for d, v := range m.Between {
		if v != before[d] || math.Abs(got.Between[d]-v) > .1*before[0] {
			t.Errorf("variance %d: %v, was %v, adapted %v", d, v, before[d], got.Between[d])
		}
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := got.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil || loaded.Adapted != z.N || !slices.Equal(loaded.Between, got.Between) {
		t.Errorf("loaded %v, %v", loaded, err)
	}
}

func TestAdaptRefuses(t *testing.T) {
	m, err := New([]float64{0, 0}, symOf([][]float64{{1, 0}, {0, 1}}), symOf([][]float64{{1, 0}, {0, 1}}))
	if err != nil {
		t.Fatal(err)
	}
	for want, rows := range map[string][][]float64{
		"rows of 1 numbers":          {{1}, {2}},
		"1 items":                    {{1, 2}},
		"differ in nothing":          {{1, 2}, {1, 2}},
		"0 items":                    {{0, 0}, {0, 0}},
		"number 1 of item 1 is +Inf": {{1, 2}, {2, math.Inf(1)}},
	} {
		_, err := m.Adapt(t.Context(), embeddingsOf(rows))
		labtest.WantError(t, err, want)
	}
	if _, err := m.Adapt(t.Context(), &embedding.Embeddings{E: 2}); err == nil {
		t.Error("no rows are no error")
	}
	if _, err := (&Model{}).Adapt(t.Context(), embeddingsOf([][]float64{{1}})); err == nil {
		t.Error("an empty model is no error")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Adapt(cancelled, embeddingsOf([][]float64{{1, 2}, {3, 1}})); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
