//go:build !hnswlib || !cgo

package hnsw

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/search"
)

// Without hnswlib an index with a graph is refused by what is missing, and its rows can be searched all the same.
func TestMissing(t *testing.T) {
	if _, err := New(4, Config{}); !errors.Is(err, ErrMissing) {
		t.Errorf("New: %v", err)
	}
	x, err := search.New(2, search.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Add(t.Context(), &embedding.Embeddings{Values: []float32{1, 0}, N: 1, E: 2}, nil); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.index")
	g := &search.Graph{Engine: search.EngineHNSW, Settings: []byte("{}"), Links: []uint32{0}, Levels: []uint8{0}}
	if err := x.SaveGraph(path, g); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); !errors.Is(err, ErrMissing) {
		t.Errorf("Open: %v", err)
	}
	y, err := search.Load(t.Context(), path)
	if err != nil || y.Stats().Items != 1 {
		t.Errorf("the rows: %v", err)
	}
	if err := x.Save(path); err != nil {
		t.Fatal(err)
	}
	if z, err := Open(t.Context(), path); err != nil || z.Stats().Engine != search.EngineExact {
		t.Errorf("an index without a graph: %v", err)
	}
}
