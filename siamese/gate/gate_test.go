package gate

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
)

// rows returns directions in the plane, by angles in degrees.
func rows(angles ...float64) *embedding.Embeddings {
	z := &embedding.Embeddings{N: len(angles), E: 2}
	for _, a := range angles {
		z.Values = append(z.Values, float32(math.Cos(a*math.Pi/180)), float32(math.Sin(a*math.Pi/180)))
	}
	return z
}

func TestFit(t *testing.T) {
	// Classes around 0 and 90 degrees, and an item without a label that would move a mean.
	train := rows(-10, 10, 80, 100, 200)
	var angles []float64
	for k := range 101 { // the largest cosines are those of 0 to 40 degrees
		angles = append(angles, -0.4*float64(k))
	}
	m, err := Fit(t.Context(), train, []string{"a", "a", "b", "b", ""}, rows(angles...))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{1, 0, 0, 1} {
		if math.Abs(float64(m.Means[i]-want)) > 1e-6 {
			t.Errorf("means are %v", m.Means)
		}
	}
	cos := func(degrees float64) float64 { return math.Cos(degrees * math.Pi / 180) }
	if want := cos(38); m.Classes != 2 || math.Abs(m.Centre-want) > 1e-6 {
		t.Errorf("%d classes, the centre is %v, want %v", m.Classes, m.Centre, want)
	}
	if want := (cos(28) - cos(39.2)) / 4; math.Abs(m.Spread-want) > 1e-6 {
		t.Errorf("the spread is %v, want %v", m.Spread, want)
	}
	// At the centre an item is known by one half, near a class by more, far from both by less.
	for _, test := range []struct{ angle, least, most float64 }{
		{-38, 0.4999, 0.5001}, {0, 0.99, 1}, {91, 0.99, 1}, {45, 0, 0.2}, {-90, 0, 1e-6},
	} {
		if got := m.Known(rows(test.angle).Values); got < test.least || got > test.most {
			t.Errorf("at %v degrees an item is known by %v", test.angle, got)
		}
	}
	if !strings.Contains(m.String(), "0.788 with the nearest of 2 classes") {
		t.Error(m)
	}
}

// Validation items that are all alike have no spread of their own.
func TestFitAlike(t *testing.T) {
	m, err := Fit(t.Context(), rows(0, 90), []string{"a", "b"}, rows(5, 5, 5))
	if err != nil || m.Spread != leastSpread {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestFitErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	one := rows(0)
	for name, test := range map[string]struct {
		ctx    context.Context
		labels []string
		val    *embedding.Embeddings
		want   string
	}{
		"labels":     {t.Context(), []string{"a", "b"}, one, "2 labels of 1 training items"},
		"widths":     {t.Context(), []string{"a"}, &embedding.Embeddings{N: 1, E: 3, Values: make([]float32, 3)}, "of 3"},
		"validation": {t.Context(), []string{"a"}, &embedding.Embeddings{E: 2}, "no validation item"},
		"no label":   {t.Context(), []string{""}, one, "no training item has a label"},
		"cancelled":  {cancelled, []string{"a"}, one, context.Canceled.Error()},
	} {
		if _, err := Fit(test.ctx, one, test.labels, test.val); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Fit(cancelled, one, []string{"a"}, one); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	good := Model{Classes: 1, E: 2, Centre: 0.5, Spread: 0.1, Means: []float32{1, 0}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Model){
		"classes": func(m *Model) { m.Classes = 2 }, "width": func(m *Model) { m.E = 0 },
		"numbers": func(m *Model) { m.Means = append(m.Means, 1) }, "spread": func(m *Model) { m.Spread = 0 },
		"endless": func(m *Model) { m.Spread = math.Inf(1) }, "centre": func(m *Model) { m.Centre = math.NaN() },
	} {
		m := good
		spoil(&m)
		if m.Validate() == nil {
			t.Errorf("%s: %+v is accepted", name, m)
		}
	}
}
