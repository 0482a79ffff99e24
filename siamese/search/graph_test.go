package search

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
)

// A graph in a file is what was written, without what was deleted in the rows; the rows are there without it, and a
// byte of it that changed is found.
func TestGraph(t *testing.T) {
	z := clustered(21, 40, 8, 3, .5)
	x := index(t, z, Config{})
	if err := x.Delete("item 3"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.index")
	g := &Graph{Engine: "any", Settings: []byte(`{"a":1}`), Links: []uint32{7, 1 << 31, 0}, Levels: make([]uint8, 39)}
	g.Levels[5] = 9
	if err := x.SaveGraph(path, g); err != nil {
		t.Fatal(err)
	}
	y, got, err := LoadGraph(t.Context(), path)
	if err != nil || !reflect.DeepEqual(got, g) || y.Stats().Items != 39 {
		t.Fatalf("%+v, %v, want %+v", got, err, g)
	}
	if y, err = Load(t.Context(), path); err != nil || y.Stats().Items != 39 {
		t.Errorf("%v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := len(b) - 51; at < len(b); at++ {
		b[at] ^= 1
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		b[at] ^= 1
		if _, err := Load(t.Context(), path); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	if err := x.SaveGraph(path, &Graph{Levels: make([]uint8, 40)}); err == nil {
		t.Error("a graph of more items was taken")
	}
}

// Candidates are ranked by their cosines; what is deleted, left out or the query itself is passed over.
func TestRank(t *testing.T) {
	z := clustered(22, 60, 8, 3, .5)
	x := index(t, z, Config{Storage: Int8})
	if err := x.Delete("item 9"); err != nil {
		t.Fatal(err)
	}
	all := make([]int32, 60)
	for i := range all {
		all[i] = int32(59 - i)
	}
	queries := z.Select([]int{12, 30})
	opt := Options{K: 20, Rerank: 3, Own: []int{12, -1}, Labels: []string{"a"}}
	found, err := x.Rank(t.Context(), queries, [][]int32{all, all[:30]}, opt)
	if err != nil {
		t.Fatal(err)
	}
	opt.Exact = true
	right, err := x.Search(t.Context(), queries, opt)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(slices.Clone(right.Lists[1]), func(n embedding.Neighbour) bool { return n.Item < 30 })
	if !reflect.DeepEqual(found.Lists[0], right.Lists[0]) || !reflect.DeepEqual(found.Lists[1], want) ||
		len(want) == 0 || len(found.Lists[0]) != 18 {
		t.Errorf("%v, want %v and %v", found.Lists, right.Lists[0], want)
	}
	for name, wrong := range map[string][][]int32{"number": {{60}, {}}, "negative": {{}, {-1}}, "lists": {{}}} {
		if _, err := x.Rank(t.Context(), queries, wrong, opt); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, own := range map[string][]int{"number": {60, -1}, "below": {-2, 0}, "count": {1}} {
		if _, err := x.Search(t.Context(), queries, Options{Own: own}); err == nil {
			t.Errorf("own %s: no error", name)
		}
	}
	if _, err := New(4, Config{Room: -1}); err == nil {
		t.Error("room for -1 items")
	}
}
