package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/scan"
)

// clustered returns unit vectors around some centres, with copies and a zero row.
func clustered(seed uint64, n, width, centres int, spread float64) *embedding.Embeddings {
	rng := rand.New(rand.NewPCG(seed, 1))
	middle := rand.New(rand.NewPCG(99, 1)) // the same centres for every seed
	at := make([]float64, centres*width)
	for i := range at {
		at[i] = middle.NormFloat64()
	}
	z := &embedding.Embeddings{Values: make([]float32, n*width), N: n, E: width}
	for i := range n {
		c := rng.IntN(centres)
		for k := range width {
			z.Values[i*width+k] = float32(at[c*width+k] + spread*rng.NormFloat64())
		}
	}
	for i := 11; i < n; i += 11 {
		copy(z.Row(i), z.Row(i/2))
	}
	if n > 5 {
		clear(z.Row(5))
	}
	z.ToUnit()
	return z
}

// facts returns ids, labels and domains for n items.
func facts(n int) *data.Frame {
	f := &data.Frame{}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprintf("item %d", i))
		f.Labels = append(f.Labels, []string{"a", "b", ""}[i%3])
		f.Domains = append(f.Domains, []string{"x", "y"}[i%2])
	}
	return f
}

func index(t *testing.T, z *embedding.Embeddings, config Config) *Exact {
	t.Helper()
	x, err := New(z.E, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	half, f := z.N/2, facts(z.N)
	for _, part := range [][2]int{{0, half}, {half, z.N}} { // in two parts
		var items []int
		for i := part[0]; i < part[1]; i++ {
			items = append(items, i)
		}
		if err := x.Add(t.Context(), z.Select(items), f.Select(items)); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// sorted returns all items that pass, by their cosines with a query.
func sorted(z *embedding.Embeddings, query []float32, pass func(i int) bool) []embedding.Neighbour {
	var all []embedding.Neighbour
	for i := range z.N {
		if pass == nil || pass(i) {
			cosine := scan.Cosine(query, z.Row(i))
			if plain := embedding.Dot(query, z.Row(i)); math.Abs(plain-float64(cosine)) > 1e-6 {
				panic(fmt.Sprint(cosine, " is not ", plain))
			}
			all = append(all, embedding.Neighbour{Item: i, Cosine: cosine})
		}
	}
	slices.SortFunc(all, func(a, b embedding.Neighbour) int {
		return cmp.Or(cmp.Compare(b.Cosine, a.Cosine), cmp.Compare(a.Item, b.Item))
	})
	return all
}

// every storage, also with the float32 numbers in a scratch file or that of the index.
func every(t *testing.T, z *embedding.Embeddings, do func(t *testing.T, x *Exact)) {
	t.Helper()
	for _, s := range []Storage{Float32, Float16, Int8} {
		for _, where := range []string{"memory", "scratch", "file"} {
			t.Run(fmt.Sprintf("%s/%s", s, where), func(t *testing.T) {
				config := Config{Storage: s}
				if where == "scratch" {
					config.Scratch = t.TempDir()
				}
				x := index(t, z, config)
				if where == "file" {
					x = reloaded(t, x)
				}
				do(t, x)
			})
		}
	}
}

func reloaded(t *testing.T, x *Exact) *Exact {
	t.Helper()
	path := t.TempDir() + "/items.index"
	if err := x.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := Load(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := again.Close(); err != nil {
			t.Error(err)
		}
	})
	return again
}

// Exact answers are those of sorting all cosines: K, filters, ranges, deleted items, the items themselves as queries.
func TestSearchAgainstSorting(t *testing.T) {
	z, queries := clustered(1, 700, 37, 9, .5), clustered(2, 40, 37, 9, .5)
	deleted := func(i int) bool { return i%10 == 4 }
	every(t, z, func(t *testing.T, x *Exact) {
		for _, after := range []bool{false, true} {
			if after {
				var ids []string
				for i := range z.N {
					if deleted(i) {
						ids = append(ids, x.Item(i).ID)
					}
				}
				if err := x.Delete(append(ids, ids[0])...); err != nil {
					t.Fatal(err)
				}
			}
			there := func(i int) bool { return !after || !deleted(i) }
			low, none := .3, 1.
			for name, test := range map[string]struct {
				opt  Options
				pass func(q, i int) bool
			}{
				"default": {Options{}, nil}, "many": {Options{K: 1000}, nil},
				"labels": {Options{K: 3, Labels: []string{"b", ""}}, func(_, i int) bool { return i%3 != 0 }},
				"both": {Options{Labels: []string{"a"}, Domains: []string{"y", "none such"}},
					func(_, i int) bool { return i%3 == 0 && i%2 == 1 }},
				"no item": {Options{Domains: []string{}}, func(_, _ int) bool { return false }},
				"range":   {Options{AtLeast: &low, K: 20}, nil}, "equal": {Options{AtLeast: &none}, nil},
				"self": {Options{Self: true, K: 5}, func(q, i int) bool { return q != i }},
			} {
				test.opt.Exact = true
				of := queries
				if test.opt.Self {
					of = z
				}
				for _, some := range []int{of.N, 3} { // in panels and one by one
					if test.opt.Self && some == 3 {
						continue
					}
					part := &embedding.Embeddings{Values: of.Values[:some*of.E], N: some, E: of.E}
					found, err := x.Search(t.Context(), part, test.opt)
					if err != nil {
						t.Fatal(err)
					}
					for q, got := range found.Lists {
						want := sorted(z, part.Row(q), func(i int) bool {
							return there(i) && (test.pass == nil || test.pass(q, i))
						})
						if test.opt.AtLeast != nil {
							want = slices.DeleteFunc(want, func(n embedding.Neighbour) bool {
								return float64(n.Cosine) < *test.opt.AtLeast
							})
							if found.Totals[q] != len(want) {
								t.Fatalf("%s, query %d: %d in all, want %d", name, q, found.Totals[q], len(want))
							}
						}
						if want = want[:min(len(want), cmp.Or(test.opt.K, 10))]; !slices.Equal(got, want) {
							t.Fatalf("%s, deleted %v, query %d:\n%v, want\n%v", name, after, q, got, want)
						}
					}
					if found.Certificate != nil {
						t.Errorf("%s: an exact answer has a certificate: %v", name, found.Certificate)
					}
				}
			}
		}
	})
}

// Neighbours are those of package embedding where no two cosines are within its rounding.
func TestAsNearest(t *testing.T) {
	z, queries := clustered(3, 3000, 64, 30, .6), clustered(4, 50, 64, 30, .6)
	want, err := embedding.Nearest(queries, z, 10, false)
	if err != nil {
		t.Fatal(err)
	}
	found, err := index(t, z, Config{}).Search(t.Context(), queries, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for q := range want {
		for i, n := range found.Lists[q] {
			if w := want[q][i]; math.Abs(float64(w.Cosine-n.Cosine)) > 1e-6 {
				t.Errorf("query %d, place %d: %v, want %v", q, i, n, w)
			}
		}
	}
}

// The int8 answers come with a certificate, which says what the recall on the same queries is; nearly all are found.
func TestInt8(t *testing.T) {
	z, queries := clustered(5, 4000, 64, 100, .4), clustered(6, 200, 64, 100, .4)
	x := index(t, z, Config{Storage: Int8})
	right, err := x.Search(t.Context(), queries, Options{Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, rerank := range []int{0, 1} {
		opt := Options{Rerank: rerank, Sample: 1000}
		found, err := x.Search(t.Context(), queries, opt)
		if err != nil {
			t.Fatal(err)
		}
		hits := 0
		for q, list := range found.Lists {
			for _, n := range list {
				if n.Cosine >= right.Lists[q][9].Cosine {
					hits++
				}
			}
		}
		c := found.Certificate
		if c == nil || c.Queries != 200 || c.Of != 2000 || c.Missing != 2000-hits ||
			math.Abs(c.Recall.Value-float64(hits)/2000) > 1e-9 || !c.Recall.Holds(c.Recall.Value) {
			t.Errorf("the certificate is %+v, and %d of 2000 were found", c, hits)
		}
		if hits < 1980 {
			t.Errorf("rerank %d: only %d of 2000 were found", rerank, hits)
		}
		// The same sample for the same seed; none where it is not wanted.
		opt.Sample = 20
		one, err := x.Search(t.Context(), queries, opt)
		if err != nil {
			t.Fatal(err)
		}
		two, err := x.Certify(t.Context(), queries, found, opt)
		if err != nil || *one.Certificate != *two || two.Queries != 20 {
			t.Errorf("%v and %v, %v", one.Certificate, two, err)
		}
		opt.NoCertificate = true
		if one, err = x.Search(t.Context(), queries, opt); err != nil || one.Certificate != nil {
			t.Errorf("%v, %v", one, err)
		}
	}
	// An answer that lacks half is told.
	for q := range right.Lists {
		right.Lists[q] = right.Lists[q][:5]
	}
	c, err := x.Certify(t.Context(), queries, right, Options{})
	if err != nil || math.Abs(c.Recall.Value-.5) > 1e-9 || c.Missing != 500 || c.Recall.High > .6 || c.Recall.Low < .4 {
		t.Errorf("%v, %v", c, err)
	}
}

// Pairs are those of comparing all with all, for every storage and over more than one block.
func TestPairs(t *testing.T) {
	z := clustered(7, 1200, 20, 40, .3)
	var want []Pair
	for i := range z.N {
		if i == 600 {
			continue
		}
		for _, n := range sorted(z, z.Row(i), func(j int) bool { return j > i && j != 600 }) {
			if n.Cosine >= .97 {
				want = append(want, Pair{i, n.Item, n.Cosine})
			}
		}
	}
	order := func(a, b Pair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) }
	slices.SortFunc(want, order)
	if len(want) < 400 {
		t.Fatalf("only %d pairs", len(want))
	}
	every(t, z, func(t *testing.T, x *Exact) {
		if err := x.Delete("item 600"); err != nil {
			t.Fatal(err)
		}
		var got []Pair
		for p, err := range x.Pairs(t.Context(), float64(float32(.97))) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p)
		}
		slices.SortFunc(got, order)
		if !slices.Equal(got, want) {
			t.Errorf("%d pairs, want %d", len(got), len(want))
		}
		for p, err := range x.Pairs(t.Context(), math.NaN()) {
			if e := new(option.Error); !errors.As(err, &e) || e.Option != "AtLeast" || p != (Pair{}) {
				t.Errorf("%v, %v", p, err)
			}
		}
	})
}

func TestRefuses(t *testing.T) {
	z := clustered(8, 30, 4, 3, .5)
	x := index(t, z, Config{})
	more := func(row ...float32) *embedding.Embeddings {
		return &embedding.Embeddings{Values: row, N: 1, E: len(row)}
	}
	id := func(s string) *data.Frame { return &data.Frame{IDs: []string{s}} }
	bad := "\xff"
	for name, err := range map[string]error{
		"width":      x.Add(t.Context(), more(1, 0), id("new")),
		"length":     x.Add(t.Context(), more(1, 1, 0, 0), id("new")),
		"NaN":        x.Add(t.Context(), more(float32(math.NaN()), 1, 0, 0), id("new")),
		"infinite":   x.Add(t.Context(), more(0, 1, 0, float32(math.Inf(1))), id("new")),
		"there":      x.Add(t.Context(), more(1, 0, 0, 0), id("item 3")),
		"empty":      x.Add(t.Context(), more(1, 0, 0, 0), id("")),
		"no text":    x.Add(t.Context(), more(1, 0, 0, 0), id(bad)),
		"no label":   x.Add(t.Context(), more(1, 0, 0, 0), &data.Frame{IDs: []string{"new"}, Labels: []string{bad}}),
		"two of one": x.Add(t.Context(), more(1, 0, 0, 0), &data.Frame{IDs: []string{"a", "b"}}),
		"unknown":    x.Delete("item 3", "none such"),
	} {
		if err == nil || x.Stats().Items != 30 {
			t.Errorf("%s: %v, %d items", name, err, x.Stats().Items)
		}
	}
	for name, test := range map[string]struct {
		query *embedding.Embeddings
		opt   Options
		names []string
	}{
		"options": {z, Options{K: -1, Rerank: -2, Sample: -3, AtLeast: new(1.5)}, []string{"K", "Rerank", "Sample", "AtLeast"}},
		"K":       {z, Options{K: MaxK + 1}, []string{"K"}},
		"self":    {more(1, 0, 0, 0), Options{Self: true}, []string{"Self"}},
		"width":   {more(1, 0, 0), Options{}, nil},
		"length":  {more(2, 0, 0, 0), Options{}, nil},
	} {
		_, err := x.Search(t.Context(), test.query, test.opt)
		if err == nil || !slices.Equal(option.Names(err), test.names) {
			t.Errorf("%s: %v names %v, want %v", name, err, option.Names(err), test.names)
		}
	}
	for _, c := range []Config{{Storage: "float8"}, {Storage: Int8, Scratch: t.TempDir() + "/none"}} {
		if _, err := New(4, c); len(option.Names(err)) != 1 {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := New(0, Config{}); err == nil {
		t.Error("an index of width 0")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Search(ctx, z, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if text := x.Stats().String(); !strings.Contains(text, "30 items") {
		t.Error(text)
	}
}

// An empty index answers with empty lists; ids of items without a table are their numbers.
func TestEmpty(t *testing.T) {
	x, err := New(2, Config{Storage: Int8})
	if err != nil {
		t.Fatal(err)
	}
	q := &embedding.Embeddings{Values: []float32{1, 0}, N: 1, E: 2}
	for range 2 {
		found, err := x.Search(t.Context(), q, Options{})
		if err != nil || len(found.Lists) != 1 || len(found.Lists[0]) != 0 || found.Certificate.Recall.Method != "undefined" {
			t.Errorf("%v, %v", found, err)
		}
		x = reloaded(t, x)
	}
	if err := x.Add(t.Context(), q, nil); err != nil {
		t.Fatal(err)
	}
	found, err := x.Search(t.Context(), q, Options{})
	if n, there := x.Number("0"); err != nil || len(found.Lists[0]) != 1 || found.Lists[0][0].Cosine != 1 || n != 0 || !there {
		t.Errorf("%v, %v", found, err)
	}
}

func named(id string) *data.Frame { return &data.Frame{IDs: []string{id}} }

func foundNumber(n int, cosine float32) embedding.Neighbour {
	return embedding.Neighbour{Item: n, Cosine: cosine}
}
