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

// both returns items whose features are those of one angle, or the same as the encoder's output.
func both(encoder, features *embedding.Embeddings) Items { return Items{encoder, features} }

func TestFit(t *testing.T) {
	// Classes around 0 and 90 degrees, and an item without a label that would move a mean.
	train := rows(-10, 10, 80, 100, 200)
	var angles []float64
	for k := range 101 { // the largest cosines are those of 0 to 40 degrees
		angles = append(angles, -0.4*float64(k))
	}
	turned := rows(170, 190, 260, 280, 20) // features are those of the opposite directions
	var opposite []float64
	for _, a := range angles {
		opposite = append(opposite, a+180)
	}
	m, err := Fit(t.Context(), both(train, turned), []string{"a", "a", "b", "b", ""},
		both(rows(angles...), rows(opposite...)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{1, 0, 0, 1} {
		if math.Abs(float64(m.Encoder.Means[i]-want)) > 1e-6 || math.Abs(float64(m.Features.Means[i]+want)) > 1e-6 {
			t.Errorf("means are %v and %v", m.Encoder.Means, m.Features.Means)
		}
	}
	cos := func(degrees float64) float64 { return math.Cos(degrees * math.Pi / 180) }
	for _, p := range []Part{m.Encoder, m.Features} {
		if want := cos(38); m.Classes != 2 || math.Abs(p.Centre-want) > 1e-6 {
			t.Errorf("%d classes, the centre is %v, want %v", m.Classes, p.Centre, want)
		}
		if want := (cos(28) - cos(39.2)) / 4; math.Abs(p.Spread-want) > 1e-6 {
			t.Errorf("the spread is %v, want %v", p.Spread, want)
		}
	}
	// At both centres an item is known by a quarter, near a class in both parts by 1, far in one of them by little.
	for _, test := range []struct{ encoder, features, least, most float64 }{
		{-38, 142, 0.2499, 0.2501}, {0, 180, 0.99, 1}, {91, 271, 0.99, 1}, {45, 180, 0, 0.2}, {0, 225, 0, 0.2},
		{-90, 180, 0, 1e-6},
	} {
		if got := m.Known(rows(test.encoder).Values, rows(test.features).Values); got < test.least || got > test.most {
			t.Errorf("at %v and %v degrees an item is known by %v", test.encoder, test.features, got)
		}
	}
	if !strings.Contains(m.String(), "2 classes; encoder: known by half at a cosine of 0.788") {
		t.Error(m)
	}
}

// Validation items that are all alike have no spread of their own.
func TestFitAlike(t *testing.T) {
	m, err := Fit(t.Context(), both(rows(0, 90), rows(0, 90)), []string{"a", "b"},
		both(rows(5, 5, 5), rows(5, 5, 5)))
	if err != nil || m.Encoder.Spread != leastSpread || m.Features.Spread != leastSpread {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestFitErrors(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	one := both(rows(0), rows(0))
	wide := &embedding.Embeddings{N: 1, E: 3, Values: make([]float32, 3)}
	for name, test := range map[string]struct {
		ctx    context.Context
		labels []string
		val    Items
		want   string
	}{
		"labels":     {t.Context(), []string{"a", "b"}, one, "2 labels of 1 training items"},
		"widths":     {t.Context(), []string{"a"}, both(rows(0), wide), "2 numbers, and validation items 3"},
		"counts":     {t.Context(), []string{"a"}, both(rows(0), rows(0, 1)), "1 validation items, of 2"},
		"validation": {t.Context(), []string{"a"}, both(rows(), rows()), "no validation item"},
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
	good := func() Model {
		p := Part{Width: 2, Centre: 0.5, Spread: 0.1, Means: []float32{1, 0}}
		return Model{Classes: 1, Encoder: p, Features: p}
	}
	if m := good(); m.Validate() != nil {
		t.Fatal(m.Validate())
	}
	for name, spoil := range map[string]func(*Model){
		"classes": func(m *Model) { m.Classes = 2 }, "width": func(m *Model) { m.Encoder.Width = 0 },
		"numbers": func(m *Model) { m.Features.Means = []float32{1} }, "spread": func(m *Model) { m.Encoder.Spread = 0 },
		"endless": func(m *Model) { m.Features.Spread = math.Inf(1) },
		"centre":  func(m *Model) { m.Encoder.Centre = math.NaN() },
	} {
		m := good()
		spoil(&m)
		if m.Validate() == nil {
			t.Errorf("%s: %+v is accepted", name, m)
		}
	}
}
