package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/encodertest"
)

// handmade returns a model of two layers over f features with a standard scaler, without training.
func handmade(f int, widths ...int) *Model {
	rng := rand.New(rand.NewPCG(8, 1))
	cfg := toyConfig()
	cfg.Layers = widths
	m := &Model{Config: cfg, Threshold: 0.5, Layers: encoder.Init(f, widths, rng.Uint64())}
	for i := range m.Layers {
		copy(m.Layers[i].Biases, labtest.Normals(rng, m.Layers[i].Out, 0.1))
	}
	frame := labtest.Toy("x", 2, 2, f, 1, 1)
	m.Transform = &preprocess.Transform{Spec: cfg.Preprocess, Columns: frame.Columns, Blocks: frame.Blocks,
		Centre: labtest.Normals(rng, f, 1), Factor: labtest.Normals(rng, f, 1)}
	m.Standard = m.Transform
	return m
}

// identity returns a model whose embedding is the items' features (which should not be negative) themselves.
func identity(columns []string) *Model {
	cfg := toyConfig()
	f := len(columns)
	layer := encoder.Layer{In: f, Out: f, Weights: make([]float32, f*f), Biases: make([]float32, f)}
	for i := range f {
		layer.Weights[i*f+i] = 1
	}
	cfg.Layers = []int{f}
	m := &Model{Config: cfg, Layers: []encoder.Layer{layer}, Threshold: 0.5}
	m.Transform, m.Standard = labtest.RawTransforms(columns)
	m.Config.Preprocess = m.Transform.Spec
	return m
}

func embed(t *testing.T, m *Model, backend *device.Backend, f *data.Frame) *embedding.Embeddings {
	t.Helper()
	z, err := m.Embed(t.Context(), backend, f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Every number of items, around the sizes of compiled calls, gives what the oracle gives.
func TestEmbedAgainstOracle(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m := handmade(6, 9, 4)
		defer m.Close()
		all := labtest.Toy("x", 3, 400, 6, 1, 3)
		layers := encodertest.OracleLayers(m.Layers)
		for _, n := range []int{0, 1, 2, embedRowsFew - 1, embedRowsFew, embedRowsFew + 1, embedRows - 1, embedRows,
			embedRows + 1, 2*embedRows + 3} {
			f := all.Select(labtest.Seq(n))
			z := embed(t, m, backend, f)
			if z.N != n || z.E != 4 || len(z.Values) != 4*n {
				t.Fatalf("%d items: %d x %d, %d values", n, z.N, z.E, len(z.Values))
			}
			var want []float64
			for i := range n {
				want = append(want, labtest.OracleUnit(labtest.OracleEncode(oracleScale(f.Row(i), m.Transform), layers,
					nil))...)
			}
			labtest.WantNear(t, fmt.Sprintf("%d items", n), z.Values, want, 1e-5)
			for i := range n {
				zero := slices.Contains(z.Zero, i)
				if c := z.Cosine(i, i); zero && c != 0 || !zero && !labtest.Near(c, 1, 1e-6) || c > 1 {
					t.Fatalf("item %d has cosine %v with itself", i, c)
				}
			}
		}
	})
}

func TestEmbedMatchesColumnsByName(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m := handmade(6, 9, 4)
		defer m.Close()
		f := labtest.Toy("x", 3, 5, 6, 1, 3)
		want := embed(t, m, backend, f)
		order := slices.Clone(f.Columns)
		slices.Reverse(order)
		turned, err := f.SelectColumns(order)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, embed(t, m, backend, turned)); diff != "" {
			t.Errorf("columns in another order: %s", diff)
		}
		turned.Columns[0], turned.Columns[5] = "new", "newer"
		_, err = m.Embed(t.Context(), backend, turned)
		labtest.WantError(t, err, `"x/0", "x/5"`, `"new", "newer"`)
		fewer, err := f.SelectColumns(f.Columns[:4])
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Embed(t.Context(), backend, fewer)
		labtest.WantError(t, err, `"x/4", "x/5"`)
	})
}

func TestZeroVectors(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		f := labtest.FrameOf("x", nil, []float32{1, 2}, []float32{0, 0}, []float32{3, 1})
		m := identity(f.Columns)
		defer m.Close()
		z := embed(t, m, backend, f)
		if diff := cmp.Diff([]int{1}, z.Zero); diff != "" {
			t.Error(diff)
		}
		for i := range 3 {
			if z.Cosine(1, i) != 0 || z.Cosine(i, 1) != 0 {
				t.Errorf("the zero vector has cosines %v and %v with item %d", z.Cosine(1, i), z.Cosine(i, 1), i)
			}
		}
		if w := z.Warnings(); len(w) != 1 || !strings.Contains(w[0], "1 of 3") ||
			!strings.Contains(w[0], "item 1") {
			t.Errorf("warnings %q", w)
		}
		if w := embed(t, m, backend, f.Select([]int{0, 2})).Warnings(); w != nil {
			t.Errorf("warnings %q without a zero vector", w)
		}
		score, err := m.Score(t.Context(), backend, f, 0, f, 1)
		if err != nil {
			t.Fatal(err)
		}
		if score.Cosine != 0 || score.Same || len(score.Warnings) != 1 {
			t.Errorf("score with a zero vector: %+v", score)
		}
	})
}

func TestEmbedRefuses(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		f := labtest.Toy("x", 2, 3, 4, 1, 1)
		spoil := func(change func(f *data.Frame)) *data.Frame {
			g := f.Select(labtest.Seq(f.N()))
			change(g)
			return g
		}
		good := handmade(4, 3)
		defer good.Close()
		tests := []struct {
			name  string
			model *Model
			frame *data.Frame
			want  []string
		}{
			{"no frame", good, nil, []string{"nil"}},
			{"NaN", good, spoil(func(g *data.Frame) { g.X[6] = float32(math.NaN()) }),
				[]string{"NaN", `"x1"`, `"x/2"`}},
			{"infinite", good, spoil(func(g *data.Frame) { g.X[0] = float32(math.Inf(-1)) }),
				[]string{"-Inf", `"x0"`, `"x/0"`}},
			{"short", good, spoil(func(g *data.Frame) { g.X = g.X[:7] }), []string{" 7 ", "24"}},
			{"no model", nil, f, []string{errEmpty.Error()}},
			{"empty model", &Model{}, f, []string{errEmpty.Error()}},
			{"damaged model", &Model{Transform: good.Transform, Standard: good.Standard,
				Layers: []encoder.Layer{{In: 4, Out: 3}}}, f,
				[]string{"layer 0", "0 weights"}},
			{"layers that do not meet", &Model{Transform: good.Transform, Standard: good.Standard,
				Layers: []encoder.Layer{good.Layers[0], good.Layers[0]}}, f,
				[]string{"layer 1", "4 inputs"}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				_, err := test.model.Embed(t.Context(), backend, test.frame)
				labtest.WantError(t, err, test.want...)
			})
		}
		for _, none := range []*device.Backend{nil, {}} {
			if _, err := good.Embed(t.Context(), none, f); !errors.Is(err, device.ErrNoBackend) {
				t.Error(err)
			}
		}
		if _, err := good.Embed(t.Context(), nil, f); !errors.Is(err, device.ErrNoBackend) {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := good.Embed(ctx, backend, f); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// Features so large that arithmetic overflows are an error or a zero vector, which is reported, but never NaN.
func TestEmbedOverflow(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		huge := labtest.FrameOf("x", nil, []float32{3e38, 3e38, -3e38}, []float32{1, 2, 3}, []float32{1e30, 0, 0})
		m := identity(huge.Columns)
		defer m.Close()
		m.Layers[0].Weights = []float32{2, -2, 2, 2, 2, -2, 2, 2, 2}
		_, err := m.Embed(t.Context(), backend, huge)
		labtest.WantError(t, err, `"x0"`)
		z := embed(t, m, backend, huge.Select([]int{1, 2}))
		if !cmp.Equal(z.Zero, []int{1}) {
			t.Errorf("embeddings %v, zero %v", z.Values, z.Zero)
		}
	})
}

func TestEmbedConcurrently(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		m := handmade(6, 9, 4)
		f := labtest.Toy("x", 3, 30, 6, 1, 3)
		want := embed(t, m, backend, f)
		var group sync.WaitGroup
		for range 6 {
			group.Go(func() {
				for range 5 {
					z, err := m.Embed(t.Context(), backend, f)
					if err != nil || !cmp.Equal(want, z) {
						t.Errorf("%v, or other embeddings than alone", err)
					}
					if err := m.Close(); err != nil { // in use or not
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
	})
}

func TestCloseAndReuse(t *testing.T) {
	m := handmade(6, 9, 4)
	f := labtest.Toy("x", 3, 30, 6, 1, 3)
	if err := m.Close(); err != nil { // never used
		t.Error(err)
	}
	for _, backend := range devicetest.TestBackends(t) {
		want := embed(t, m, backend, f)
		for range 2 {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff(want, embed(t, m, backend, f)); diff != "" {
			t.Errorf("%s: after closing: %s", backend.Name(), diff)
		}
	}
	// A changed field is seen after closing.
	backend := devicetest.Go(t)
	before := embed(t, m, backend, f)
	m.Layers[0].Biases[0] += 5
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if cmp.Equal(before, embed(t, m, backend, f)) {
		t.Error("a changed bias changes nothing")
	}
}
