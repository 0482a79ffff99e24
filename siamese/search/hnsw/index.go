package hnsw

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/scan"
	"github.com/go-siamese/lab/siamese/search"
)

// Config says how an index is made. The zero value is usable.
type Config struct {
	search.Config // of the rows that candidates are scored with
	// Links is how many others an item is linked to on every level above the lowest, which has twice as many (M of the
	// paper): from 4 to 256, 0 means 16. More find more, and take more memory and time.
	Links int
	// EfConstruction is how many of the nearest are kept while the links of an item are chosen; 0 means 200.
	EfConstruction int
	Ef             int    // Options.Ef of searches that have none; 0 means 100
	Seed           uint64 // of the levels of items
	// Threads is how many items are added at a time; 0 means 1. With more the links depend on which comes first, so that
	// two indexes of the same items can differ.
	Threads int
	// Progress is told how many of the items of an [Index.Add] are linked; nil = silent. It is called by one goroutine at
	// a time.
	Progress func(done, total int)
}

// Validate returns every fault of the configuration at once, or nil.
func (c Config) Validate() error {
	within := func(name string, n, least, most, otherwise int) error {
		if n != 0 && (n < least || n > most) {
			return option.Errorf(name, "%d: it must be from %d to %d, or 0 for %d", n, least, most, otherwise)
		}
		return nil
	}
	return errors.Join(within("Links", c.Links, 4, 256, 16),
		within("EfConstruction", c.EfConstruction, 4, search.MaxEf, 200),
		within("Ef", c.Ef, 1, search.MaxEf, 100), within("Threads", c.Threads, 1, 1024, 1))
}

// withDefaults returns c with defaults for zeros.
func (c Config) withDefaults() Config {
	c.Links, c.EfConstruction = cmp.Or(c.Links, 16), cmp.Or(c.EfConstruction, 200)
	c.Ef, c.Threads = cmp.Or(c.Ef, 100), cmp.Or(c.Threads, 1)
	return c
}

// Index is a [search.Index] with a graph. [New], [Load] and [Open] make it. Exact answers, ranges, pairs and what is
// known of items are those of the rows that it is built on.
type Index struct {
	*search.Exact
	config Config
	width  int
	graph  graph // nodes have the numbers of items; nil = there are none
	room   int   // of the graph
	n      int   // nodes
	scan   float64
}

// items is how many items in a row are compared in the time in which a graph is asked for one of the ef nearest.
const items = 200

var _ search.Index = (*Index)(nil)

// graph is what hnswlib does.
type graph interface {
	reserve(room int) error
	// add adds the rows as nodes from number first on. Calls may run at the same time once there is a node.
	add(first int, rows scan.CodeTile, levels []uint8) error
	// search returns up to ef nodes for each of n queries, the nearest first.
	search(queries scan.CodeTile, n, ef int) ([][]int32, error)
	links() (links []uint32, levels []uint8, entry int, err error)
	// restore appends nodes with links that were checked; enter ends it.
	restore(rows scan.CodeTile, links []uint32, levels []uint8) error
	enter(entry int)
	bytes() int64
	free()
}

// New returns an empty index of embeddings of some width. Errors are those of [search.New], faults of the
// configuration, and [ErrMissing].
func New(width int, config Config) (*Index, error) {
	if err := errors.Join(config.Validate(), Available()); err != nil {
		return nil, err
	}
	rows, err := search.New(width, config.Config)
	if err != nil {
		return nil, err
	}
	return &Index{Exact: rows, config: config.withDefaults(), width: width, scan: items}, nil
}

// chunk is how many items are given to hnswlib at once: some hundredths of a second of work.
const chunk = 64

// Add implements [search.Index]. It takes O(log N) searches for each item, and longer than all else; Config.Progress is
// told. After an error, such as that of a cancelled ctx, there are the items that were there; links between them may
// have changed. Where they cannot be read any more, for want of memory, searches compare all items.
func (x *Index) Add(ctx context.Context, z *embedding.Embeddings, like *data.Frame) error {
	if err := x.Check(z, like); err != nil {
		return err
	}
	if s := x.Exact.Stats(); s.Items+s.Deleted != x.n {
		return errors.New("index: its graph was lost in an error: make the index again")
	}
	if z.N == 0 {
		return context.Cause(ctx)
	}
	before := x.n
	err := x.link(ctx, z)
	if err == nil {
		err = x.Exact.Add(ctx, z, like)
	}
	if err != nil {
		return errors.Join(err, x.undo(context.WithoutCancel(ctx), before))
	}
	return nil
}

// link adds nodes for the rows of z.
func (x *Index) link(ctx context.Context, z *embedding.Embeddings) error {
	first := x.n
	if err := x.reserve(first + z.N); err != nil {
		return err
	}
	x.n += z.N // what undo counts from
	done := make(chan int, 1)
	done <- 0
	add := func(from, to int) error {
		levels := make([]uint8, to-from)
		for i := range levels {
			levels[i] = level(x.config.Seed, first+from+i, x.config.Links)
		}
		if err := x.graph.add(first+from, encode(z.Values[from*z.E:to*z.E], z.E), levels); err != nil {
			return err
		}
		n := <-done + to - from
		if x.config.Progress != nil {
			x.config.Progress(n, z.N)
		}
		done <- n
		return nil
	}
	from := 0
	if first == 0 { // alone: others begin at it
		from = 1
		if err := add(0, 1); err != nil {
			return err
		}
	}
	return parallel.Each(ctx, (z.N-from+chunk-1)/chunk, x.config.Threads, func(_, i int) error {
		at := from + i*chunk
		return add(at, min(z.N, at+chunk))
	})
}

// reserve makes room for n nodes.
func (x *Index) reserve(n int) error {
	if n <= x.room {
		return nil
	}
	var err error
	if x.graph == nil {
		x.graph, err = newGraph(scan.CodeWidth(x.width), x.config.Links, x.config.EfConstruction, n)
	} else {
		n = max(n, x.room+x.room/4) // all nodes are moved
		err = x.graph.reserve(n)
	}
	if err == nil {
		x.room = n
	}
	return err
}

// level returns the highest level of a node: geometric, so that each has 1/links of the nodes of the one below.
func level(seed uint64, node, links int) uint8 {
	u := 1 - rand.New(rand.NewPCG(seed, uint64(node))).Float64() //nolint:gosec // a drawing, no secret
	return uint8(min(-math.Log(u)/math.Log(float64(links)), 255))
}

// encode returns the codes of rows.
func encode(values []float32, width int) scan.CodeTile {
	n, wide := len(values)/width, scan.CodeWidth(width)
	t := scan.NewCodeTile(n, width)
	for i := range n {
		t.Sums[i], t.Scales[i] = scan.Encode(t.Codes[i*wide:(i+1)*wide], values[i*width:(i+1)*width])
	}
	return t
}

// Stats implements [search.Index].
func (x *Index) Stats() search.Stats {
	s := x.Exact.Stats()
	s.Engine = search.EngineHNSW
	if x.graph != nil {
		s.Memory += x.graph.bytes()
	}
	return s
}

// Close implements [search.Index]: it frees the graph.
func (x *Index) Close() error {
	x.drop()
	return x.Exact.Close()
}

// drop frees the graph.
func (x *Index) drop() {
	if x.graph != nil {
		x.graph.free()
	}
	x.graph, x.room, x.n = nil, 0, 0
}
