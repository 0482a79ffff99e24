package milvus

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/milvus-io/milvus/client/v2/milvusclient"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// items returns n random embeddings around some centres, the last one zero, with ids, labels and domains that want to
// get out of a filter.
func items(seed uint64, n, width int) (*embedding.Embeddings, *data.Frame) {
	rng := rand.New(rand.NewPCG(seed, 7))
	z := &embedding.Embeddings{N: n, E: width, Values: make([]float32, n*width)}
	like := &data.Frame{}
	centres := make([]float64, 20*width)
	for i := range centres {
		centres[i] = rng.NormFloat64()
	}
	for i := range n {
		like.IDs = append(like.IDs, fmt.Sprintf("%05d%s", (i*7919)%n, awkward[i%len(awkward)]))
		like.Labels = append(like.Labels, awkward[i%len(awkward)])
		like.Domains = append(like.Domains, []string{"", "photo", `dra"wing`}[i%3])
		for k := range width {
			z.Values[i*width+k] = float32(centres[(i%20)*width+k] + .8*rng.NormFloat64())
		}
	}
	clear(z.Row(n - 1))
	z.ToUnit()
	return z, like
}

// awkward are texts with what means something in a filter.
var awkward = []string{"cat", `"`, `\`, `\"`, `" or id != "`, `'`, `' or 1 == 1 or '`, "a\nb\r\tc", "{x}", "%_",
	"<b>&amp;</b>",
	"] or true", "日本\u202e語", "\x01\x7f", "-- ;", `\n`, "", "💥"}

// same compares an answer with that of search.Exact: the same items, but for ties within the rounding of float32.
func same(t *testing.T, got [][]Neighbour, want [][]embedding.Neighbour, of *search.Exact) {
	t.Helper()
	for q := range want {
		if len(got[q]) != len(want[q]) {
			t.Fatalf("query %d has %d neighbours, want %d", q, len(got[q]), len(want[q]))
		}
		for i, w := range want[q] {
			g := got[q][i]
			if math.Abs(float64(g.Cosine-w.Cosine)) > 2e-6 {
				t.Errorf("query %d, neighbour %d: cosine %v, want %v", q, i, g.Cosine, w.Cosine)
			}
			tie := slices.ContainsFunc(want[q], func(o embedding.Neighbour) bool {
				return of.Item(o.Item) == g.Item && math.Abs(float64(o.Cosine-g.Cosine)) < 2e-6
			})
			last := want[q][len(want[q])-1].Cosine
			if of.Item(w.Item) != g.Item && !tie && g.Cosine > last+2e-6 {
				t.Errorf("query %d, neighbour %d: %v, want %v", q, i, g.Item, of.Item(w.Item))
			}
		}
	}
}

func exactOf(t *testing.T, z *embedding.Embeddings, like *data.Frame) *search.Exact {
	t.Helper()
	x, err := search.New(z.E, search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Add(t.Context(), z, like); err != nil {
		t.Fatal(err)
	}
	return x
}

// A FLAT collection answers as search.Exact does, with every filter, after deletions and replacements.
func TestFlat(t *testing.T) {
	z, like := items(1, 700, 24)
	c := config(t, "flat")
	x := create(t, z.E, c)
	if err := x.Add(t.Context(), z, like); err != nil {
		t.Fatal(err)
	}
	if err := x.Add(t.Context(), z.Select([]int{5, 6}), like.Select([]int{5, 6})); err != nil { // again
		t.Fatal(err)
	}
	of := exactOf(t, z, like)
	queries, _ := items(1, 700, 24)
	queries = queries.Select([]int{0, 7, 311, 699, 698})
	at := .3
	check := func(opt search.Options) {
		t.Helper()
		want, err := of.Search(t.Context(), queries, opt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Search(t.Context(), queries, opt)
		if err != nil {
			t.Fatalf("%+v: %v", opt, err)
		}
		same(t, got.Lists, want.Lists, of)
		if !slices.Equal(got.Totals, want.Totals) || got.Certificate != nil {
			t.Errorf("%+v: totals %v, want %v; certificate %v", opt, got.Totals, want.Totals, got.Certificate)
		}
	}
	check(search.Options{})
	check(search.Options{K: 300})
	check(search.Options{AtLeast: &at, K: 20})
	check(search.Options{Exact: true, Domains: []string{"photo"}})
	check(search.Options{Labels: []string{}})
	check(search.Options{Labels: []string{"cat", "none such"}, Domains: []string{"", `dra"wing`}, AtLeast: &at})
	for _, label := range awkward {
		check(search.Options{Labels: []string{label}, K: 60})
	}
	// Who is an item is no neighbour of itself.
	own := []int{3, 5, 698, 699} // the last one is zero
	want, err := of.Search(t.Context(), z.Select(own), search.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.SearchItems(t.Context(), embedding.Pick(like.IDs, own), search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got.Lists, want.Lists, of)
	certificate, err := x.Certify(t.Context(), queries, mustSearch(t, x, queries), search.Options{})
	if err != nil || certificate.Missing != 0 || certificate.Recall.Value != 1 || certificate.Of != 50 {
		t.Errorf("certificate %+v, %v", certificate, err)
	}

	// What is deleted is not found, and an id that is not there deletes nothing.
	gone := []string{like.IDs[0], like.IDs[4], like.IDs[7]}
	if err := x.Delete(t.Context(), gone[0], `" or id != "`); err == nil || !strings.Contains(err.Error(), "no item") {
		t.Errorf("deleting what is not there: %v", err)
	}
	stats, err := x.Stats(t.Context())
	if err != nil || stats.Items != 700 || stats.Width != 24 || stats.Index.Kind != Flat {
		t.Fatalf("%+v, %v", stats, err)
	}
	if err := errors.Join(x.Delete(t.Context(), gone...), of.Delete(gone...)); err != nil {
		t.Fatal(err)
	}
	check(search.Options{K: 40})
	if stats, err = x.Stats(t.Context()); err != nil || stats.Items != 697 {
		t.Errorf("%+v, %v after deleting 3", stats, err)
	}
	// Opened again it is what it was.
	y, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer y.Close()
	if y.Width() != 24 || y.Of() != "" || y.Made != x.Made {
		t.Errorf("%+v", y.note)
	}
	again, err := y.Embeddings(t.Context(), like.IDs[8:25]...)
	if err != nil || !slices.Equal(again.Values, z.Values[8*z.E:25*z.E]) {
		t.Errorf("the embeddings are others: %v", err)
	}
}

func mustSearch(t *testing.T, x *Collection, queries *embedding.Embeddings) *Found {
	t.Helper()
	found, err := x.Search(t.Context(), queries, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// A graph's answers come with a certificate, which counts what they lack; exact ones are those of search.Exact.
func TestHNSW(t *testing.T) {
	z, like := items(2, 1500, 16)
	c := config(t, "graph")
	c.Index = IndexConfig{Kind: HNSW, Links: 4, EfConstruction: 8}
	x := create(t, z.E, c)
	if err := errors.Join(x.Add(t.Context(), z, like), x.flush(t.Context())); err != nil {
		t.Fatal(err)
	}
	// Out of memory, and in again by the first request: Milvus Lite makes its graph then, and later on in the background.
	if err := x.ReleaseCollection(t.Context(), milvusclient.NewReleaseCollectionOption(x.name)); err != nil {
		t.Fatal(err)
	}
	of := exactOf(t, z, like)
	queries, _ := items(2, 1500, 16)
	queries = queries.Select([]int{1, 2, 3, 400, 800, 1400})
	opt := search.Options{K: 10, Ef: 10, Sample: 4, Seed: 3}
	found, err := x.Search(t.Context(), queries, opt)
	if err != nil {
		t.Fatal(err)
	}
	got := found.Certificate
	if got == nil || got.Queries != 4 || got.Of != 40 || got.K != 10 {
		t.Fatalf("certificate %+v", got)
	}
	// The oracle takes the answer as it is, by numbers.
	lists := make([][]embedding.Neighbour, queries.N)
	for q, list := range found.Lists {
		for _, n := range list {
			number, ok := of.Number(n.ID)
			if !ok {
				t.Fatalf("found %v, which is no item", n)
			}
			lists[q] = append(lists[q], embedding.Neighbour{Item: number,
				Cosine: float32(embedding.Cosine(queries.Row(q), z.Row(number)))})
		}
	}
	want, err := of.Certify(t.Context(), queries, &search.Found{Lists: lists}, opt)
	if err != nil || *got != *want {
		t.Errorf("certificate %+v, want %+v, %v", got, want, err)
	}
	if want.Missing == 0 {
		t.Error("nothing is missing: this graph tests nothing")
	}
	opt = search.Options{K: 10, Exact: true}
	exact, err := x.Search(t.Context(), queries, opt)
	if err != nil || exact.Certificate != nil {
		t.Fatalf("%v, %v", exact, err)
	}
	right, err := of.Search(t.Context(), queries, opt)
	if err != nil {
		t.Fatal(err)
	}
	same(t, exact.Lists, right.Lists, of)
	// An answer without its first neighbours lacks as many.
	for q := range exact.Lists {
		exact.Lists[q] = exact.Lists[q][2:]
	}
	less, err := x.Certify(t.Context(), queries, exact, opt)
	if err != nil || less.Missing != 2*6 || math.Abs(less.Recall.Value-.8) > 1e-9 {
		t.Errorf("certificate %+v, %v; want 12 missing", less, err)
	}
}

// Which of equal items an answer has is no fault.
func TestTies(t *testing.T) {
	x := create(t, 2, config(t, "ties"))
	z, like := &embedding.Embeddings{E: 2}, &data.Frame{}
	for i := range 40 {
		z.N, z.Values = z.N+1, append(z.Values, 1, 0)
		like.IDs = append(like.IDs, fmt.Sprint(99-i))
	}
	if err := x.Add(t.Context(), z, like); err != nil {
		t.Fatal(err)
	}
	found := &Found{Lists: make([][]Neighbour, 1)}
	for _, id := range []string{"99", "60", "80"} {
		found.Lists[0] = append(found.Lists[0], Neighbour{search.Item{ID: id}, 1})
	}
	got, err := x.Certify(t.Context(), z.Select([]int{0}), found, search.Options{K: 3})
	if err != nil || got.Missing != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	// One that is not there is none of them.
	found.Lists[0][1].ID = "none"
	if got, err = x.Certify(t.Context(), z.Select([]int{0}), found, search.Options{K: 3}); err != nil || got.Missing != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// What cannot be meant is refused with the option's name, and faults of items before any is sent.
func TestRefused(t *testing.T) {
	c := config(t, "refused")
	x := create(t, 4, c)
	q := &embedding.Embeddings{N: 1, E: 4, Values: []float32{1, 0, 0, 0}}
	for name, opt := range map[string]search.Options{"Self": {Self: true}, "Own": {Own: []int{0}}, "Rerank": {Rerank: 2},
		"Ef": {Ef: 10}, "K": {K: -1}} {
		if _, err := x.Search(t.Context(), q, opt); !slices.Contains(option.Names(err), name) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	long := strings.Repeat("ä", maxText/2+1)
	for want, like := range map[string]*data.Frame{"has 1026 bytes": {IDs: []string{"a"}, Labels: []string{long}},
		"no table": nil, "empty": {IDs: []string{""}}, "UTF-8": {IDs: []string{"\xff"}}} {
		if err := x.Add(t.Context(), q, like); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	bad := &embedding.Embeddings{N: 1, E: 4, Values: []float32{1, 1, 0, 0}}
	if err := x.Add(t.Context(), bad, &data.Frame{IDs: []string{"a"}}); err == nil ||
		!strings.Contains(err.Error(), "length") {
		t.Errorf("%v", err)
	}
	if s, err := x.Stats(t.Context()); err != nil || s.Items != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := Create(t.Context(), 4, "", c); !errors.Is(err, ErrThere) {
		t.Errorf("made twice: %v", err)
	}
	c.Collection = "none"
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrMissing) {
		t.Errorf("opened what is missing: %v", err)
	}
}
