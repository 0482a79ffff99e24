//go:build hnswlib && cgo

package hnsw

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

const width = 24

// clustered returns unit vectors around 40 centres, with some copies and a zero row.
func clustered(seed uint64, n int) *embedding.Embeddings {
	rng, middle := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(99, 1))
	at := make([]float64, 40*width)
	for i := range at {
		at[i] = middle.NormFloat64()
	}
	z := &embedding.Embeddings{Values: make([]float32, n*width), N: n, E: width}
	for i := range n {
		c := at[rng.IntN(40)*width:]
		for k := range width {
			z.Values[i*width+k] = float32(c[k] + rng.NormFloat64())
		}
	}
	for i := 50; i < n; i += 50 {
		copy(z.Row(i), z.Row(i/2))
	}
	clear(z.Row(0))
	z.ToUnit()
	return z
}

func facts(prefix string, n int) *data.Frame {
	f := &data.Frame{}
	for i := range n {
		f.IDs = append(f.IDs, fmt.Sprint(prefix, i))
		f.Labels = append(f.Labels, []string{"a", "b", ""}[i%3])
		f.Domains = append(f.Domains, []string{"x", "y"}[i%2])
	}
	return f
}

// index returns an index that asks its graph, however few its items are.
func index(t *testing.T, z *embedding.Embeddings, config Config) *Index {
	t.Helper()
	x, err := New(width, config)
	if err != nil {
		t.Fatal(err)
	}
	x.scan = 0
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := x.Add(t.Context(), z, facts("i", z.N)); err != nil {
		t.Fatal(err)
	}
	return x
}

// Answers are right in what they say of the items that they have, have nearly all that exact ones have, and say how
// many.
func TestSearch(t *testing.T) {
	z, queries := clustered(1, 3000), clustered(2, 200)
	own := make([]int, queries.N)
	for i := range own {
		own[i] = -1 + i%2*(1+7*i)
		if own[i] >= 0 {
			copy(queries.Row(i), z.Row(own[i]))
		}
	}
	for _, storage := range []search.Storage{search.Float32, search.Int8} {
		x := index(t, z, Config{Config: search.Config{Storage: storage}})
		if s := x.Stats(); s.Engine != search.EngineHNSW || s.Items != 3000 || s.Memory < 3000*width {
			t.Errorf("%+v", s)
		}
		var gone []string
		for i := 0; i < 3000; i += 5 {
			gone = append(gone, fmt.Sprint("i", i))
		}
		for name, opt := range map[string]search.Options{
			"all": {}, "k": {K: 50}, "label": {Labels: []string{"a"}}, "domain": {Domains: []string{"y"}},
			"both": {Labels: []string{"", "b"}, Domains: []string{"x"}}, "own": {Own: own},
			"no label": {Labels: []string{"z"}},
		} {
			try(t, x, queries, name, opt)
		}
		if err := x.Delete(gone...); err != nil {
			t.Fatal(err)
		}
		try(t, x, queries, "deleted", search.Options{Own: own})
	}
}

// try compares an answer with the exact one.
func try(t *testing.T, x *Index, queries *embedding.Embeddings, name string, opt search.Options) {
	t.Helper()
	opt.Sample = queries.N
	found, err := x.Search(t.Context(), queries, opt)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	exact := opt
	exact.Exact = true
	right, err := x.Search(t.Context(), queries, exact)
	if err != nil || right.Certificate != nil {
		t.Fatalf("%s: %v, %v", name, right, err)
	}
	hits, of := 0, 0
	for q, list := range right.Lists {
		if len(found.Lists[q]) != len(list) {
			t.Fatalf("%s: query %d has %d neighbours, want %d", name, q, len(found.Lists[q]), len(list))
		}
		for _, n := range found.Lists[q] {
			if n.Cosine >= list[len(list)-1].Cosine {
				hits++
			}
			item := x.Item(n.Item)
			if opt.Labels != nil && !slices.Contains(opt.Labels, item.Label) ||
				opt.Domains != nil && !slices.Contains(opt.Domains, item.Domain) || x.Deleted(n.Item) ||
				opt.Own != nil && opt.Own[q] == n.Item {
				t.Fatalf("%s: query %d found %s", name, q, item)
			}
		}
		of += len(list)
	}
	c := found.Certificate
	if opt.Labels != nil && opt.Labels[0] == "z" { // of no item: there is nothing to ask a graph for
		if of != 0 {
			t.Errorf("%s: %d neighbours", name, of)
		}
		return
	}
	if share := float64(hits) / float64(of); c == nil || c.Of-c.Missing != hits || c.Of != of || share < .97 {
		t.Errorf("%s: found %d of %d, certificate %+v", name, hits, of, c)
	}
}

// Few items are compared one by one, and ranges are exact.
func TestScans(t *testing.T) {
	z := clustered(1, 300)
	x := index(t, z, Config{Ef: 20})
	x.scan = items
	found, err := x.Search(t.Context(), z, search.Options{Self: true})
	if err != nil || found.Certificate != nil {
		t.Errorf("%v, %v", found, err)
	}
	x.scan = 0
	half := .5
	found, err = x.Search(t.Context(), z, search.Options{Self: true, AtLeast: &half})
	if err != nil || found.Totals == nil {
		t.Errorf("%v, %v", found, err)
	}
	for name, opt := range map[string]search.Options{"K": {K: -1}, "Ef": {Ef: search.MaxEf + 1}, "Own": {Own: []int{1}}} {
		if _, err := x.Search(t.Context(), z, opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	narrow := &embedding.Embeddings{Values: make([]float32, 3), N: 1, E: 3}
	if _, err := x.Search(t.Context(), narrow, search.Options{}); err == nil {
		t.Error("queries of another width: no error")
	}
}

// A saved index is the same after loading, without what was deleted; the same seed gives the same bytes, also when
// items come in parts, and several threads as good an answer.
func TestSaveAndLoad(t *testing.T) {
	z := clustered(3, 1500)
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	x := index(t, z, Config{Seed: 7, Links: 8})
	y := index(t, z.Select(numbers(0, 700)), Config{Seed: 7, Links: 8})
	more := facts("i", 1500).Select(numbers(700, 1500))
	if err := y.Add(t.Context(), z.Select(numbers(700, 1500)), more); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Save(one), y.Save(two)); err != nil {
		t.Fatal(err)
	}
	a, errA := os.ReadFile(one)
	b, errB := os.ReadFile(two)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Errorf("other bytes of the same items: %v, %v", errA, errB)
	}
	if err := index(t, z, Config{Seed: 8, Links: 8}).Save(two); err != nil {
		t.Fatal(err)
	}
	if b, errB = os.ReadFile(two); errB != nil || bytes.Equal(a, b) {
		t.Errorf("the same bytes of another seed: %v", errB)
	}
	loaded, err := Load(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	loaded.scan = 0
	queries := clustered(4, 100)
	before, errA := x.Search(t.Context(), queries, search.Options{})
	after, errB := loaded.Search(t.Context(), queries, search.Options{})
	if errA != nil || errB != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("other answers: %v, %v", errA, errB)
	}
	if err := errors.Join(loaded.Save(two), loaded.Close()); err != nil {
		t.Fatal(err)
	}
	if b, errB = os.ReadFile(two); errB != nil || !bytes.Equal(a, b) {
		t.Errorf("other bytes when it is saved again: %v", errB)
	}
	try(t, index(t, z, Config{Threads: 4}), queries, "threads", search.Options{})
	// A third is deleted: links are mended.
	var gone []string
	for i := range 500 {
		gone = append(gone, fmt.Sprint("i", 3*i))
	}
	if err := errors.Join(x.Delete(gone...), x.Save(one)); err != nil {
		t.Fatal(err)
	}
	if loaded, err = Load(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	loaded.scan = 0
	if s := loaded.Stats(); s.Items != 1000 || s.Deleted != 0 {
		t.Errorf("%+v", s)
	}
	try(t, loaded, queries, "mended", search.Options{})
	if err := loaded.Add(t.Context(), queries, facts("new", 100)); err != nil {
		t.Fatal(err)
	}
	try(t, loaded, queries, "more", search.Options{})
	if err := loaded.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := search.New(width, search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(plain.Add(t.Context(), z, nil), plain.Save(two)); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), two); err == nil {
		t.Error("an index without a graph was loaded as one with it")
	}
	empty := index(t, z.Select(nil), Config{})
	if err := empty.Save(two); err != nil {
		t.Fatal(err)
	}
	if loaded, err = Load(t.Context(), two); err != nil || loaded.Stats().Items != 0 {
		t.Fatalf("%v, %v", loaded, err)
	}
	if found, err := loaded.Search(t.Context(), queries, search.Options{}); err != nil || len(found.Lists[0]) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

func numbers(from, to int) []int {
	var out []int
	for i := from; i < to; i++ {
		out = append(out, i)
	}
	return out
}

// A file whose bytes changed is refused, and so is one whose checksum is right and whose links lead nowhere.
func TestDamage(t *testing.T) {
	x := index(t, clustered(5, 30), Config{Links: 4})
	path := filepath.Join(t.TempDir(), "x.index")
	if err := x.Save(path); err != nil {
		t.Fatal(err)
	}
	right, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := len(right) - 600; at < len(right); at += 7 {
		b := bytes.Clone(right)
		b[at] ^= 4
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(t.Context(), path); !errors.Is(err, search.ErrDamaged) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	words, levels, entry, err := x.graph.links()
	if err != nil {
		t.Fatal(err)
	}
	ok := fmt.Sprintf(`{"links":4,"ef_construction":200,"ef":100,"seed":0,"entry":%d}`, entry)
	for name, g := range map[string]search.Graph{
		"links":    {Settings: []byte(ok), Links: append(slices.Clone(words[:len(words)-1]), 30), Levels: levels},
		"settings": {Settings: []byte(`{"links":4}`), Links: words, Levels: levels},
		"unknown":  {Settings: []byte(`{"code":"x"}`), Links: words, Levels: levels},
	} {
		g.Engine = search.EngineHNSW
		if err := x.SaveGraph(path, &g); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(t.Context(), path); !errors.Is(err, search.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := &search.Graph{Engine: "other", Settings: []byte(ok), Links: words, Levels: levels}
	if err := x.SaveGraph(path, other); err != nil {
		t.Fatal(err)
	}
	if e := new(search.FileError); func() bool { _, err := Open(t.Context(), path); return !errors.As(err, &e) }() {
		t.Error("an engine that is not known was taken")
	}
}

// Building that is cancelled leaves the items that were there, and they are found; so do rows that are refused.
func TestCancel(t *testing.T) {
	z, queries := clustered(6, 1000), clustered(7, 50)
	ctx, cancel := context.WithCancel(t.Context())
	var told []int
	x := index(t, z.Select(nil), Config{Progress: func(done, total int) {
		if told = append(told, done); total == 900 && done > 400 {
			cancel()
		}
	}})
	if err := x.Add(t.Context(), z.Select(numbers(0, 100)), facts("i", 100)); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(told) || told[len(told)-1] != 100 {
		t.Errorf("progress: %v", told)
	}
	rest, like := z.Select(numbers(100, 1000)), facts("j", 900)
	if err := x.Add(ctx, rest, like); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	if s := x.Stats(); s.Items != 100 || x.n != 100 {
		t.Fatalf("%+v, %d nodes", s, x.n)
	}
	try(t, x, queries, "cancelled", search.Options{})
	if err := x.Add(t.Context(), rest, facts("i", 900)); err == nil {
		t.Error("ids were taken twice")
	}
	x.config.Progress = nil
	if err := x.Add(t.Context(), rest, like); err != nil {
		t.Fatal(err)
	}
	try(t, x, queries, "again", search.Options{})
	if _, err := New(width, Config{Links: 3, Threads: -1}); err == nil {
		t.Error("3 links were taken")
	}
}
