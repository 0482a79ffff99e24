package scan

import (
	"context"
	"math/bits"
	"runtime"

	"github.com/go-siamese/lab/data/parallel"
)

// operand is the rows and queries of a scan with their kernel.
type operand interface {
	shape() (rows, cols int) // of a call of panel
	tileRows() int           // a multiple of rows
	// tile makes rows [from, to) ready.
	tile(b *buffers, from, to int)
	// panel scores the tile's rows from i on, shape's number of them or those that are left, with panel p.
	panel(b *buffers, i, p int, limits []float32) (any uint32)
	// line writes the scores of all rows of the tile with one query to b.line.
	line(b *buffers, query int)
}

// buffers of one goroutine.
type buffers struct {
	n           int // rows in the tile
	scores      []float32
	masks       []uint32
	line        []float32
	rows, tail  []float32 // own memory
	tile        []float32 // the rows: own memory or the caller's
	codes, last CodeTile  // own memory
	own         CodeTile  // the rows: own memory or the caller's
	products    []int32
}

const (
	// few is the number of queries up to which one after the other is faster than a panel that is mostly empty.
	few = 8
	// panelsAtOnce is how many panels go over a tile while it is in the cache, and stay there themselves.
	panelsAtOnce = 8
	tileBytes    = 128 << 10
)

// run scans n rows for q queries.
func run(ctx context.Context, o operand, q, n int, want *Want) ([]Found, error) {
	out := make([]Found, q)
	if q == 0 || n == 0 {
		return out, context.Cause(ctx)
	}
	workers := runtime.GOMAXPROCS(0)
	rows, cols := o.shape()
	group := q // queries of a piece of the work
	if q > few {
		panels := (q + cols - 1) / cols
		group = cols * max(1, min(panelsAtOnce, (panels+workers-1)/workers))
	}
	groups := (q + group - 1) / group
	// With few groups the rows are divided too.
	ranges := 1
	if groups < 2*workers {
		ranges = max(1, min((2*workers+groups-1)/groups, n/(4*want.K+1024)))
	}
	parts := make([][]Found, q)
	for i := range parts {
		parts[i] = make([]Found, ranges)
	}
	all := make([]buffers, workers)
	err := parallel.Each(ctx, groups*ranges, workers, func(worker, piece int) error {
		b := &all[worker]
		if b.masks == nil {
			b.masks, b.scores = make([]uint32, rows), make([]float32, rows*cols)
			b.line = make([]float32, o.tileRows()+4)
		}
		g, r := piece/ranges, piece%ranges
		first, last := g*group, min(q, (g+1)*group)
		w := &work{o, b, first, pickers(want, first, last, cols)}
		from, to := r*n/ranges, (r+1)*n/ranges
		for ; from < to; from += o.tileRows() {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			o.tile(b, from, min(to, from+o.tileRows()))
			if q > few {
				w.panels(from, rows, cols)
			} else {
				w.lines(from)
			}
		}
		for i := range w.all.of {
			parts[first+i][r] = w.all.of[i].finish()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i] = merge(parts[i], want.K)
	}
	return out, nil
}

// chosen are the pickers of some queries and their limits, padded to whole panels.
type chosen struct {
	of     []picker
	limits []float32
}

// pickers returns those of queries [first, last).
func pickers(want *Want, first, last, cols int) chosen {
	n := last - first
	c := chosen{make([]picker, n), make([]float32, (n+cols-1)/cols*cols)}
	for i := range c.limits {
		c.limits[i] = 1 // of no query: the scores are 0
	}
	for i := range c.of {
		c.of[i] = picker{Want: want, query: first + i, limit: &c.limits[i]}
		c.of[i].start()
	}
	return c
}

// work is a piece of the work: some queries.
type work struct {
	o     operand
	b     *buffers
	first int // query
	all   chosen
}

// panels scores the tile, whose first row is number from, with the piece's queries.
func (w *work) panels(from, rows, cols int) {
	for p := 0; p < len(w.all.limits); p += cols {
		limits := w.all.limits[p : p+cols]
		for i := 0; i < w.b.n; i += rows {
			if w.o.panel(w.b, i, (w.first+p)/cols, limits) == 0 {
				continue
			}
			for r := range min(rows, w.b.n-i) {
				for mask := w.b.masks[r]; mask != 0; mask &= mask - 1 {
					if c := bits.TrailingZeros32(mask); p+c < len(w.all.of) {
						w.all.of[p+c].add(int32(from+i+r), w.b.scores[r*cols+c])
					}
				}
			}
		}
	}
}

// lines scores the tile with the piece's queries one by one.
func (w *work) lines(from int) {
	for i := range w.all.of {
		w.o.line(w.b, w.first+i)
		p := &w.all.of[i]
		for r, score := range w.b.line[:w.b.n] {
			if score >= *p.limit {
				p.add(int32(from+r), score)
			}
		}
	}
}
