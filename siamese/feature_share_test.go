package siamese

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// With a feature share a cosine is the encoder's and that of the features in the given shares, also from a file.
func TestFeatureShare(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
		cfg := toyConfig()
		m, err := Untrained(t.Context(), cfg, train)
		if err != nil {
			t.Fatal(err)
		}
		alone := embed(t, m, backend, val)
		features, err := embedding.UnitRows(t.Context(), m.Transform, val)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		m.Config.FeatureShare = 0.3
		defer m.Close()
		both := embed(t, m, backend, val)
		if both.E != alone.E+features.E || both.E != m.E() {
			t.Fatalf("embeddings are %d wide, want %d and %d", both.E, alone.E, features.E)
		}
		for i := range val.N() {
			for j := range i {
				want := 0.7*alone.Cosine(i, j) + 0.3*features.Cosine(i, j)
				if got := both.Cosine(i, j); math.Abs(got-want) > 1e-5 {
					t.Fatalf("cosine of %d and %d: %g, want %g", i, j, got, want)
				}
			}
		}
		part := m.encoderPart(both)
		for i, v := range part.Values {
			if math.Abs(float64(v-alone.Values[i])) > 1e-5 {
				t.Fatalf("value %d of the encoder's part is %g, want %g", i, v, alone.Values[i])
			}
		}

		loaded := saveAndLoad(t, m)
		defer loaded.Close()
		if diff := cmp.Diff(both, embed(t, loaded, backend, val)); diff != "" {
			t.Errorf("the loaded model embeds otherwise: %s", diff)
		}
	})
}

// A dead encoder does not hide behind the features beside it.
func TestFeatureShareShowsCollapse(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.InBlocks("t", 12, 1), labtest.InBlocks("v", 6, 2)
	cfg := toyConfig()
	cfg.FeatureShare = 0.5
	m, err := Untrained(t.Context(), cfg, train)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	clear(m.Layers[len(m.Layers)-1].Weights)
	z := embed(t, m, backend, val)
	if len(z.Zero) > 0 {
		t.Errorf("%d embeddings are zero, although their features are not", len(z.Zero))
	}
	for i := range z.N {
		if length := embedding.Dot(z.Row(i), z.Row(i)); math.Abs(length-1) > 1e-5 {
			t.Fatalf("embedding %d has squared length %g", i, length)
		}
	}
	if part := m.encoderPart(z); len(part.Zero) != z.N {
		t.Errorf("%d of %d items are seen to have a zero embedding", len(part.Zero), z.N)
	}
}
