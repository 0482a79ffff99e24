package hnsw

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/siamese/search"
)

// ErrMissing says what a program without hnswlib lacks.
var ErrMissing = errors.New("this program was built without HNSW: install hnswlib's headers (apt-get install " +
	"libhnswlib-dev) and build it with cgo and -tags hnswlib; exact search needs neither")

// settings are those of a graph in a file.
type settings struct {
	Links          int    `json:"links"`
	EfConstruction int    `json:"ef_construction"`
	Ef             int    `json:"ef"`
	Seed           uint64 `json:"seed"`
	Entry          int    `json:"entry"` // node where searches begin
}

// Save implements [search.Index]. Links to items that were deleted give way to links to those behind them.
func (x *Index) Save(path string) error {
	s := settings{x.config.Links, x.config.EfConstruction, x.config.Ef, x.config.Seed, 0}
	g := search.Graph{Engine: search.EngineHNSW}
	if n := x.Exact.Stats(); n.Items+n.Deleted != x.n {
		return errors.New("index: its graph was lost in an error: make the index again")
	}
	if x.graph != nil {
		t, err := x.trimmed(x.Deleted)
		if err != nil {
			return err
		}
		g.Links, g.Levels, s.Entry = t.flat(), t.levels, t.entry
	}
	var err error
	if g.Settings, err = json.Marshal(s); err != nil {
		return err
	}
	return x.SaveGraph(path, &g)
}

// trimmed returns the links between nodes that are not gone.
func (x *Index) trimmed(gone func(node int) bool) (*links, error) {
	words, levels, entry, err := x.graph.links()
	if err != nil {
		return nil, err
	}
	t, err := parse(words, levels, entry, x.config.Links)
	if err != nil {
		return nil, fmt.Errorf("index: hnswlib: %w", err)
	}
	return t.without(gone, func(node int) ([]float32, error) {
		z, err := x.Embeddings([]int{node})
		if err != nil {
			return nil, err
		}
		return z.Values, nil
	})
}

// undo makes the graph one of the first n nodes.
func (x *Index) undo(ctx context.Context, n int) error {
	if x.graph == nil || n == 0 {
		x.drop()
		return nil
	}
	t, err := x.trimmed(func(node int) bool { return node >= n })
	x.drop()
	if err == nil {
		err = x.restore(ctx, t)
	}
	if err != nil {
		x.drop()
	}
	return err
}

// restore makes the graph anew from links between all items.
func (x *Index) restore(ctx context.Context, t *links) error {
	n := len(t.levels)
	if n == 0 {
		return nil
	}
	if err := x.reserve(n); err != nil {
		return err
	}
	const some = 4096
	numbers := make([]int, 0, some)
	for from := 0; from < n; from += some {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		to := min(n, from+some)
		numbers = numbers[:0]
		for i := from; i < to; i++ {
			numbers = append(numbers, i)
		}
		z, err := x.Embeddings(numbers)
		if err != nil {
			return err
		}
		part := links{levels: t.levels[from:to], of: t.of[from:to]}
		if err := x.graph.restore(encode(z.Values, z.E), part.flat(), part.levels); err != nil {
			return err
		}
		x.n = to
	}
	x.graph.enter(t.entry)
	return nil
}

// Load reads an index with a graph from a file that [Index.Save] wrote. Besides the errors of [search.Load], a file
// without such a graph is one, and [ErrMissing]. hnswlib reads no files: links are checked, and no code is run.
func Load(ctx context.Context, path string) (*Index, error) {
	found, err := Open(ctx, path)
	if err != nil {
		return nil, err
	}
	if x, ok := found.(*Index); ok {
		return x, nil
	}
	return nil, errors.Join(&search.FileError{Path: path, Err: errors.New("it has no graph: search.Load reads it")},
		found.Close())
}

// Open reads an index of any engine, as [Load] and [search.Load] do.
func Open(ctx context.Context, path string) (search.Index, error) {
	rows, g, err := search.LoadGraph(ctx, path)
	if err != nil || g == nil {
		return rows, err
	}
	x, err := open(ctx, rows, g)
	if err != nil {
		return nil, errors.Join(&search.FileError{Path: path, Err: err}, rows.Close())
	}
	return x, nil
}

func open(ctx context.Context, rows *search.Exact, g *search.Graph) (*Index, error) {
	if g.Engine != search.EngineHNSW {
		return nil, fmt.Errorf("the engine %q is not known: use the program that made it", g.Engine)
	}
	if err := Available(); err != nil {
		return nil, err
	}
	var s settings
	d := json.NewDecoder(bytes.NewReader(g.Settings))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("settings: %w: %w", search.ErrDamaged, err)
	}
	config := Config{Links: s.Links, EfConstruction: s.EfConstruction, Ef: s.Ef, Seed: s.Seed}
	err := config.Validate()
	if s.Links == 0 || s.EfConstruction == 0 || s.Ef == 0 {
		err = errors.New("a number is missing")
	}
	if err != nil {
		return nil, fmt.Errorf("settings: %w: %w", search.ErrDamaged, err)
	}
	t, err := parse(g.Links, g.Levels, s.Entry, s.Links)
	if err != nil {
		return nil, fmt.Errorf("links: %w: %w", search.ErrDamaged, err)
	}
	x := &Index{Exact: rows, config: config.withDefaults(), width: rows.Stats().Width, scan: items}
	if err := x.restore(ctx, t); err != nil {
		x.drop()
		return nil, err
	}
	return x, nil
}
