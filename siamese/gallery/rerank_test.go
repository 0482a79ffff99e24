package gallery

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
)

// golden is a case of testdata/rerank.json.
type golden struct {
	N, E, K1, K2 int
	Lambda       float64
	Rows         []float32
	Queries      []float32
	All          []float64   // [N, N]
	Asked        [][]float64 // [Q, N], each query alone
}

// goldens returns the cases of testdata/rerank.json, see rerank.py.
func goldens(t *testing.T) []golden {
	t.Helper()
	raw, err := os.ReadFile("testdata/rerank.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []golden
	if err := json.Unmarshal(raw, &all); err != nil || len(all) < 7 {
		t.Fatal(len(all), err)
	}
	return all
}

// matrix returns the similarities of all pairs, [N, N], 1 for an item and itself.
func matrix(t *testing.T, r *Reranker) []float64 {
	t.Helper()
	o, err := r.Overlaps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := r.z.N
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			out[i*n+j] = o.Share() * r.z.Cosine(i, j)
		}
		seen := map[int]bool{i: true}
		o.More(i, func(j int, more float64) {
			if seen[j] || more < 0 || more == 0 && o.Share() < 1 {
				t.Errorf("item %d and %d: %v more, after %v", i, j, more, seen[j])
			}
			seen[j] = true
			out[i*n+j] += more
		})
		for j := range n {
			if j != i && math.Abs(out[i*n+j]-o.Similarity(i, j)) > 1e-12 {
				t.Errorf("item %d and %d: %v, alone %v", i, j, out[i*n+j], o.Similarity(i, j))
			}
		}
	}
	return out
}

func TestRerankGolden(t *testing.T) {
	for _, c := range goldens(t) {
		z := &embedding.Embeddings{Values: c.Rows, N: c.N, E: c.E}
		r, err := NewReranker(t.Context(), z, RerankOptions{K1: c.K1, K2: c.K2, Lambda: c.Lambda})
		if err != nil {
			t.Fatal(err)
		}
		got := matrix(t, r)
		for i := range c.N {
			for j := range c.N {
				if d := math.Abs(got[i*c.N+j] - c.All[i*c.N+j]); i != j && !(d < 1e-7) {
					t.Fatalf("K1 %d, items %d and %d: %v, want %v", c.K1, i, j, got[i*c.N+j], c.All[i*c.N+j])
				}
			}
			found, err := r.SearchItem(t.Context(), i, max(1, c.N-1), c.N)
			if err != nil {
				t.Fatal(err)
			}
			check(t, found, c.All[i*c.N:(i+1)*c.N], i)
		}
		queries := &embedding.Embeddings{Values: c.Queries, N: len(c.Asked), E: c.E}
		found, err := r.Search(t.Context(), queries, c.N, c.N)
		if err != nil {
			t.Fatal(err)
		}
		for q, want := range c.Asked {
			check(t, found[q], want, -1)
		}
	}
}

// check fails unless found are all items but self, in order, with the similarities want, by item.
func check(t *testing.T, found []Reranked, want []float64, self int) {
	t.Helper()
	var items []int
	for k, f := range found {
		if !(math.Abs(f.Similarity-want[f.Item]) < 1e-7) {
			t.Fatalf("item %d: %v, want %v", f.Item, f.Similarity, want[f.Item])
		}
		if k > 0 && f.Similarity > found[k-1].Similarity {
			t.Fatalf("place %d: %v after %v", k, f, found[k-1])
		}
		items = append(items, f.Item)
	}
	slices.Sort(items)
	var all []int
	for i := range want {
		if i != self {
			all = append(all, i)
		}
	}
	if !slices.Equal(items, all) {
		t.Fatalf("items %v", items)
	}
}

// Only candidates are re-ranked: of more they are the nearest by cosine, and each is as similar as among all.
func TestRerankCandidates(t *testing.T) {
	z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(5, 1)), 400, 6)
	queries := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(5, 2)), 3, 6)
	r, err := NewReranker(t.Context(), z, RerankOptions{K1: 8})
	if err != nil {
		t.Fatal(err)
	}
	all := labtest.Must(r.Search(t.Context(), queries, 400, 0))
	for candidates, want := range map[int]int{10: 10, 25: 25, 0: Candidates} {
		some := labtest.Must(r.Search(t.Context(), queries, 10, candidates))
		near := labtest.Must(embedding.Nearest(queries, z, want, false))
		for q := range queries.N {
			if len(some[q]) != 10 || len(all[q]) != 400 {
				t.Fatalf("%d and %d items", len(some[q]), len(all[q]))
			}
			// The first of all that are candidates.
			var first []Reranked
			for _, f := range all[q] {
				if slices.ContainsFunc(near[q], func(n embedding.Neighbour) bool { return n.Item == f.Item }) {
					first = append(first, f)
				}
			}
			if !slices.Equal(some[q], first[:10]) {
				t.Errorf("of %d candidates %v, want %v", candidates, some[q], first[:10])
			}
		}
	}
}

// The same bits on any number of cores, for all pairs in both orders, and for a query whatever the others are.
func TestRerankBits(t *testing.T) {
	z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(6, 1)), 300, 9)
	queries := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(6, 2)), 260, 9)
	var first []float64
	var found [][]Reranked
	for _, cores := range []int{1, 2, 3} {
		before := runtime.GOMAXPROCS(cores)
		r, err := NewReranker(t.Context(), z, RerankOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got := matrix(t, r)
		asked, err := r.Search(t.Context(), queries, 5, 0)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first, found = got, asked
			one := labtest.Must(r.Search(t.Context(), queries.Select([]int{259}), 5, 0))
			if !slices.Equal(one[0], found[259]) {
				t.Errorf("alone %v, among others %v", one[0], found[259])
			}
		}
		if !slices.Equal(got, first) || !slices.EqualFunc(asked, found, slices.Equal) {
			t.Errorf("%d cores give other bits", cores)
		}
	}
	for i := range z.N {
		for j := range i {
			if first[i*z.N+j] != first[j*z.N+i] {
				t.Fatalf("items %d and %d: %v and %v", i, j, first[i*z.N+j], first[j*z.N+i])
			}
		}
	}
}

// A copy of the query is its nearest, and 80 copies are as near to each other.
func TestRerankCopies(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(append(make([]float64, 80), 90, 91)...)
	r, err := NewReranker(t.Context(), z, RerankOptions{K1: 3, K2: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 40, 79} {
		found := labtest.Must(r.SearchItem(t.Context(), i, 81, 0))
		if len(found) != 81 || found[79].Item != 80 || found[80].Item != 81 {
			t.Errorf("the last are %v", found[79:])
		}
		if !slices.ContainsFunc(r.nearest[i], func(n near) bool { return n.item == int32(i) }) ||
			r.nearest[i][0].item != int32(i) {
			t.Errorf("the nearest of item %d are %v", i, r.nearest[i])
		}
	}
	found := labtest.Must(r.Search(t.Context(), embeddingtest.EmbeddingsAt(91), 2, 0))[0]
	if found[0].Item != 81 || found[1].Item != 80 {
		t.Errorf("%v", found)
	}
}

func TestRerankRefuses(t *testing.T) {
	z := embeddingtest.EmbeddingsAt(0, 10)
	for _, c := range []struct {
		opt   RerankOptions
		names []string
	}{
		{RerankOptions{K1: -1}, []string{"K1"}},
		{RerankOptions{K2: -1}, []string{"K2"}},
		{RerankOptions{Lambda: -.1}, []string{"Lambda"}},
		{RerankOptions{Lambda: math.NaN()}, []string{"Lambda"}},
		{RerankOptions{K1: -1, K2: -1, Lambda: 1.1}, []string{"K1", "K2", "Lambda"}},
	} {
		_, err := NewReranker(t.Context(), z, c.opt)
		labtest.WantOptions(t, err, c.names...)
	}
	bad := embeddingtest.EmbeddingsAt(0, 10, 20)
	bad.Values[3] = float32(math.Inf(1))
	_, err := NewReranker(t.Context(), bad, RerankOptions{})
	labtest.WantError(t, err, "gallery item 1")
	r := labtest.Must(NewReranker(t.Context(), z, RerankOptions{K1: math.MaxInt, K2: math.MaxInt}))
	for _, c := range [][2]int{{0, 0}, {-1, 0}, {2, 1}, {1, -1}} {
		_, err = r.Search(t.Context(), z, c[0], c[1])
		labtest.WantError(t, err, "candidates")
		_, err = r.SearchItem(t.Context(), 0, c[0], c[1])
		labtest.WantError(t, err, "candidates")
	}
	_, err = r.Search(t.Context(), bad, 1, 0)
	labtest.WantError(t, err, "query item 1")
	_, err = r.Search(t.Context(), &embedding.Embeddings{Values: []float32{1}, N: 1, E: 1}, 1, 0)
	labtest.WantError(t, err, "1", "2")
	for _, i := range []int{-1, 2} {
		_, err = r.SearchItem(t.Context(), i, 1, 0)
		labtest.WantError(t, err, "2")
	}
	if found := labtest.Must(r.Search(t.Context(), z, math.MaxInt, math.MaxInt)); len(found[0]) != 2 {
		t.Errorf("found %v", found)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, fails := NewReranker(ctx, z, RerankOptions{})
	_, overlaps := r.Overlaps(ctx)
	_, search := r.Search(ctx, z, 1, 0)
	_, item := r.SearchItem(ctx, 0, 1, 0)
	for _, err := range []error{fails, overlaps, search, item} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
	}
	empty := labtest.Must(NewReranker(t.Context(), &embedding.Embeddings{E: 2}, RerankOptions{}))
	if found := labtest.Must(empty.Search(t.Context(), z, 3, 0)); len(found) != 2 || len(found[0]) != 0 {
		t.Errorf("found %v", found)
	}
	matrix(t, empty)
	labtest.WantText(t, r.String(), "2 items", "Lambda 0.1")
	labtest.WantText(t, labtest.Must(r.Overlaps(t.Context())).String(), "2 items")
}

// BenchmarkRerank measures the pass over all pairs of 5,000 items, their encodings, and a search of 100.
func BenchmarkRerank(b *testing.B) {
	z := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(4, 1)), 5000, 256)
	r := labtest.Must(NewReranker(b.Context(), z, RerankOptions{}))
	b.Run("Nearest/N=5000/E=256", func(b *testing.B) {
		for b.Loop() {
			labtest.Must(NewReranker(b.Context(), z, RerankOptions{}))
		}
	})
	b.Run("Overlaps/N=5000/E=256", func(b *testing.B) {
		for b.Loop() {
			labtest.Must(r.Overlaps(b.Context()))
		}
	})
	b.Run("Search/N=5000/E=256/Q=100", func(b *testing.B) {
		queries := embeddingtest.RandomEmbeddings(rand.New(rand.NewPCG(4, 2)), 100, 256)
		for b.Loop() {
			labtest.Must(r.Search(b.Context(), queries, 10, 0))
		}
	})
}
