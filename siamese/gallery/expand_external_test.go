package gallery_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/gallery"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

// oracle expands an item by sorting the whole gallery; self is its number there, or -1.
func oracle(item []float32, z *embedding.Embeddings, self, k int, weight func(cosine float64) float64) []float64 {
	type neighbour struct {
		item   int
		cosine float64
	}
	var all []neighbour
	for j := range z.N {
		if j != self {
			all = append(all, neighbour{j, labtest.OracleCosine(labtest.Widen(item), labtest.Widen(z.Row(j)))})
		}
	}
	slices.SortFunc(all, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.item, b.item))
	})
	sum := labtest.Widen(item)
	for _, n := range all[:min(k, len(all))] {
		for d, v := range z.Row(n.item) {
			sum[d] += weight(n.cosine) * float64(v)
		}
	}
	return labtest.OracleUnit(sum)
}

func TestExpandAgainstSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	plain := func(c float64) float64 { return max(0, c) }
	for _, c := range []struct {
		n, k   int
		opt    gallery.Options
		weight func(float64) float64
	}{
		{0, 30, gallery.Options{}, plain},
		{1, 30, gallery.Options{}, plain},
		{300, 30, gallery.Options{}, plain}, // more than a block
		{40, 60, gallery.Options{Neighbours: 60}, plain},
		{60, 5, gallery.Options{Neighbours: 5, Power: 3}, func(c float64) float64 { return math.Pow(max(0, c), 3) }},
		{60, 1, gallery.Options{Neighbours: 1, Power: .5}, func(c float64) float64 { return math.Sqrt(max(0, c)) }},
		{60, 7, gallery.Options{Neighbours: 7, Uniform: true}, func(float64) float64 { return 1 }},
	} {
		name := fmt.Sprint(c.n, " items, ", c.opt)
		z, queries := embeddingtest.RandomEmbeddings(rng, c.n, 5), embeddingtest.RandomEmbeddings(rng, 20, 5)
		got, err := gallery.Expand(t.Context(), z, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		for i := range c.n {
			labtest.WantNear(t, name, got.Row(i), oracle(z.Row(i), z, i, c.k, c.weight), 1e-6)
		}
		outside, err := gallery.ExpandQueries(t.Context(), queries, z, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		for i := range queries.N {
			labtest.WantNear(t, name+", queries", outside.Row(i), oracle(queries.Row(i), z, -1, c.k, c.weight), 1e-6)
		}
	}
}

// Of 80 equal items the search finds others than the item itself first: it must not be counted twice or missed.
func TestExpandCopies(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(append(make([]float64, 80), 90)...)
	got, err := gallery.Expand(t.Context(), z, gallery.Options{Neighbours: 3})
	if err != nil {
		t.Fatal(err)
	}
	// The mean of copies is the item, and the last one has cosine 0 with all.
	labtest.WantNear(t, "copies", got.Values, labtest.Widen(z.Values), 1e-7)
}

func TestExpandOfAngles(t *testing.T) {
	// The nearest of 0° is 60°, with weight .5: the mean is at atan(.5 sin 60° / (1 + .5 cos 60°)).
	z := embeddingtest.EmbeddingsAt(0, 60, 170)
	got, err := gallery.Expand(t.Context(), z, gallery.Options{Neighbours: 1})
	if err != nil {
		t.Fatal(err)
	}
	at := math.Atan2(.5*math.Sin(math.Pi/3), 1.25) * 180 / math.Pi
	labtest.WantNear(t, "two items", got.Row(0), labtest.Widen(embeddingtest.EmbeddingsAt(at).Values), 1e-6)
	// What is opposite has no weight: 170° is nearest to 60°, at a negative cosine.
	labtest.WantNear(t, "opposite", got.Row(2), labtest.Widen(z.Row(2)), 1e-6)
}

func TestExpandKeeps(t *testing.T) {
	z := &embedding.Embeddings{Values: []float32{0, 0, 1, 0, 0.6, 0.8}, N: 3, E: 2, Zero: []int{0},
		Unseen: []string{"sketch"}, Unchecked: true}
	before := slices.Clone(z.Values)
	got, err := gallery.Expand(t.Context(), z, gallery.Options{Uniform: true})
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(z.Warnings(), got.Warnings()); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff(before, z.Values); d != "" {
		t.Error("the gallery was changed", d)
	}
	if got.Values[0] != 0 || got.Values[1] != 0 {
		t.Errorf("a zero embedding became %v", got.Row(0))
	}
	// Uniform weights of opposite items cancel out.
	z = &embedding.Embeddings{Values: []float32{1, 0, -1, 0}, N: 2, E: 2}
	if got, err = gallery.Expand(t.Context(), z, gallery.Options{Uniform: true}); err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(z.Values, got.Values); d != "" {
		t.Error(d)
	}
}

// The same bits on any number of cores.
func TestExpandBits(t *testing.T) {
	z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(2, 1)), 600, 70)
	want, err := gallery.Expand(t.Context(), z, gallery.Options{Power: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, cores := range []int{1, 3} {
		before := runtime.GOMAXPROCS(cores)
		got, err := gallery.Expand(t.Context(), z, gallery.Options{Power: 3})
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(want.Values, got.Values) {
			t.Errorf("%d cores give other bits", cores)
		}
	}
}

func TestSource(t *testing.T) {
	z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(3, 1)), 30, 4)
	broken := errors.New("broken")
	f := labtest.Toy("a", 2, 15, 4, .1, 1)
	of := func(_ context.Context, got *data.Frame) (*embedding.Embeddings, error) {
		if got != f {
			return nil, broken
		}
		return z, nil
	}
	source := gallery.Source(of, gallery.Options{Neighbours: 3})
	got, err := source(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	want, err := gallery.Expand(t.Context(), z, gallery.Options{Neighbours: 3})
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := source(t.Context(), nil); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestExpandRefuses(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(0, 10)
	for _, c := range []struct {
		opt   gallery.Options
		names []string
	}{
		{gallery.Options{Neighbours: -1}, []string{"Neighbours"}},
		{gallery.Options{Power: -1}, []string{"Power"}},
		{gallery.Options{Power: math.NaN()}, []string{"Power"}},
		{gallery.Options{Neighbours: -2, Power: math.Inf(1)}, []string{"Neighbours", "Power"}},
		{gallery.Options{Power: 2, Uniform: true}, []string{"Power"}},
	} {
		_, err := gallery.Expand(t.Context(), z, c.opt)
		labtest.WantOptions(t, err, c.names...)
		_, err = gallery.ExpandQueries(t.Context(), z, z, c.opt)
		labtest.WantOptions(t, err, c.names...)
	}
	bad := embeddingtest.EmbeddingsAt(0, 10, 20)
	bad.Values[3] = float32(math.NaN())
	_, err := gallery.Expand(t.Context(), bad, gallery.Options{})
	labtest.WantError(t, err, "gallery item 1")
	bad.Values[3] = float32(math.Inf(1))
	_, err = gallery.ExpandQueries(t.Context(), bad, z, gallery.Options{})
	labtest.WantError(t, err, "query item 1")
	_, err = gallery.ExpandQueries(t.Context(), &embedding.Embeddings{Values: []float32{1}, N: 1, E: 1}, z,
		gallery.Options{})
	labtest.WantError(t, err, "1", "2")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gallery.Expand(ctx, z, gallery.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

// BenchmarkExpand measures one pass over all pairs of 5,000 items.
func BenchmarkExpand(b *testing.B) {
	b.Run("N=5000/E=256", func(b *testing.B) {
		z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(4, 1)), 5000, 256)
		for b.Loop() {
			if _, err := gallery.Expand(b.Context(), z, gallery.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
