package metric

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/parallel"
)

// Reader reads the rows of a matrix [N, E] that need not be in memory.
type Reader interface {
	Size() (n, e int)
	// Read fills to with rows from the given one on, as many as it has room for. Goroutines call it at the same time.
	Read(to []float32, from int) error
}

const (
	// readKeys is how many bytes of scores of queries are held: of 134 queries with a million items.
	readKeys = 512 << 20
	// readRows is how many rows are read at a time, a multiple of what kernels take.
	readRows = 256
)

// EstimateRead is [EstimatePairs], to the same bits, of the cosines of rows that are read when they are needed: once
// for as many queries as 512 MiB hold the scores of, which are 16 times for 2,000 queries of a million items. It holds
// these scores, the queries, 256 rows a goroutine, some 20 bytes an item and twice 256 MiB for cells. Other
// similarities and a mixture are errors, and so are those of the reader.
func EstimateRead(ctx context.Context, rows Reader, labels []int32, opt EstimateOptions) (*Estimate, error) {
	return estimateRead(ctx, rows, labels, opt, readKeys, listLimit)
}

// ReadBytes returns how much memory [EstimateRead] takes for so many queries against n rows of width e.
func ReadBytes(n, e, queries int) float64 {
	keys := 4 * float64(n) * float64(queries)
	return min(keys, max(readKeys, 4*rowMultiple*float64(n))) + 2*4*float64(parts<<shortBits)*2 +
		4*float64(e)*float64(queries+16*2*readRows) + 20*float64(n)
}

// estimateRead is EstimateRead with the bytes of scores that are held, and the pairs of a batch that are listed.
func estimateRead(ctx context.Context, rows Reader, labels []int32, opt EstimateOptions, bytes int,
	listed int64) (*Estimate, error) {
	opt, err := opt.filled(len(labels))
	if err != nil {
		return nil, err
	}
	n, e := rows.Size()
	switch {
	case opt.Similarity != Cosine || opt.Mixture != nil:
		return nil, errors.New("metric: rows that are read are compared by their cosine: leave out the other similarity " +
			"or the mixture")
	case n != len(labels):
		return nil, fmt.Errorf("metric: %d rows and %d labels: want as many", n, len(labels))
	case opt.Queries >= n: // all of few
		all := make([]float32, n*e)
		if err := rows.Read(all, 0); err != nil {
			return nil, err
		}
		return EstimatePairs(ctx, all, labels, opt)
	}
	m, err := newOrder("embeddings", labels, e)
	if err != nil {
		return nil, err
	}
	defer memory.Tight()()
	r := &readSampler{sampler: sampler{o: &operands{left: m, right: m, unit: 1.0 / keyMax, kernel: dotKernel()},
		opt: opt}, from: rows, e: e, listed: listed, workers: opt.withDefaults().Workers}
	r.o.own = make([]int32, n)
	for p := range r.o.own {
		r.o.own[p] = int32(p)
	}
	return r.run(ctx, bytes)
}

// readSampler is the state of EstimateRead.
type readSampler struct {
	sampler
	from    Reader
	e       int // numbers of a row
	listed  int64
	workers int
	batchOf [][]int32 // places of the queries by batch
	rows    []float32 // of the queries in that order, scaled and padded
	keys    []int32   // of the queries at hand, with all items in the reader's order
	stride  int

	cells *cellTally // of the batch at hand: too large to be made for each; nil = none yet

	open *comparison // of the batch that is being counted; nil = none
	jobs []*job      // its, by goroutine
	own  [][]int32   // a row of keys in the order of places, by goroutine
}

// run takes as many queries at a time as bytes hold the keys of, reads all rows, and counts and ranks these queries.
func (r *readSampler) run(ctx context.Context, bytes int) (*Estimate, error) {
	r.batchOf = r.draw()
	if err := r.queries(); err != nil {
		return nil, err
	}
	n, q := r.o.left.n, r.opt.Queries
	r.stride = roundUp(n, r.o.kernel.cols)
	window := min(roundUp(q, rowMultiple), max(rowMultiple, bytes/(4*r.stride)/rowMultiple*rowMultiple))
	r.keys, r.own = make([]int32, window*r.stride), make([][]int32, r.workers)
	for a := 0; a < q; a += window {
		b := min(q, a+window)
		if err := r.pass(ctx, a, b); err != nil {
			return nil, err
		}
		if err := r.count(ctx, a, b); err != nil {
			return nil, err
		}
	}
	r.keys = nil
	return r.estimate(), nil
}

// queries reads the rows of the queries.
func (r *readSampler) queries() error {
	width := r.o.left.width
	r.rows = make([]float32, roundUp(r.opt.Queries, rowMultiple)*width)
	row, k := make([]float32, r.e), 0
	for _, at := range r.batchOf {
		for _, p := range at {
			item := int(r.o.left.index[p])
			if err := r.from.Read(row, item); err != nil {
				return err
			}
			sum, err := squares("embeddings", item, row)
			if err != nil {
				return err
			}
			scaled(r.rows[k*width:], 1, row, unit(sum))
			k++
		}
	}
	return nil
}

// unit returns what scales a row to length 1, whose squares have this sum; a zero row stays.
func unit(sum float64) float64 {
	if sum == 0 {
		return 1
	}
	return 1 / math.Sqrt(sum)
}

// scaled writes a row, scaled, to every step-th number of to.
func scaled(to []float32, step int, row []float32, scale float64) {
	for k, x := range row {
		to[k*step] = float32(float64(x) * scale)
	}
}

// pass reads all rows and computes the keys of queries a to b-1 with them. The first pass finds the zero rows.
func (r *readSampler) pass(ctx context.Context, a, b int) error {
	type buffers struct{ rows, panels []float32 }
	var mu sync.Mutex // guards zero
	n, width, kernel := r.o.left.n, r.o.left.width, r.o.kernel
	own := make([]*buffers, r.workers)
	err := parallel.Each(ctx, (n+readRows-1)/readRows, r.workers, func(w, k int) error {
		if own[w] == nil {
			own[w] = &buffers{make([]float32, readRows*r.e), make([]float32, readRows*width)}
		}
		first := k * readRows
		count := min(readRows, n-first)
		rows, panels, cols := own[w].rows[:count*r.e], own[w].panels, kernel.cols
		if err := r.from.Read(rows, first); err != nil {
			return err
		}
		if count < readRows {
			clear(panels) // what the last panel is padded with
		}
		for i := range count {
			row := rows[i*r.e : (i+1)*r.e]
			sum, err := squares("embeddings", first+i, row)
			if err != nil {
				return err
			}
			if sum == 0 && a == 0 {
				mu.Lock()
				r.o.left.zero = append(r.o.left.zero, first+i)
				mu.Unlock()
			}
			scaled(panels[i/cols*cols*width+i%cols:], cols, row, unit(sum))
		}
		// Columns of a chunk stay in the cache for all queries.
		kernel.keys(r.keys[first:], r.stride, r.rows[a*width:], roundUp(b-a, rowMultiple), panels,
			roundUp(count, cols), width)
		return nil
	})
	slices.Sort(r.o.left.zero)
	return err
}

// count counts and ranks queries a to b-1, whose keys are known, batch by batch: one is begun where its first query is
// among them, and ended where its last is.
func (r *readSampler) count(ctx context.Context, a, b int) error {
	first := 0 // query of the batch
	for i, at := range r.batchOf {
		from, to := max(a, first), min(b, first+len(at))
		if from < to {
			if r.open == nil {
				o := *r.o
				o.left, o.own = r.o.left.subset(at), at
				o.kept = r.keys // nothing is computed
				r.begin(&o)
			}
			if err := parallel.Each(ctx, to-from, r.workers, func(w, k int) error {
				r.row(w, from+k-first, r.keys[(from+k-a)*r.stride:])
				return nil
			}); err != nil {
				return err
			}
			if to == first+len(at) {
				r.end(i)
			}
		}
		first += len(at)
	}
	return nil
}

// begin opens the batch of queries o.
func (r *readSampler) begin(o *operands) {
	r.open, r.jobs = r.comparison(o, r.workers, true), make([]*job, r.workers)
	if r.opt.NoVerification {
		return
	}
	if r.open.pos+r.open.neg <= r.listed {
		r.open.tally = newTally(r.open.pos, r.open.neg)
		return
	}
	if r.cells == nil {
		r.cells = newCellTally()
	} else {
		r.cells.clear()
	}
	r.open.tally = r.cells
}

// row counts and ranks query p of the open batch, whose keys are in the order of the reader, on goroutine w.
func (r *readSampler) row(w, p int, keys []int32) {
	if r.own[w] == nil {
		r.own[w] = make([]int32, r.o.left.n)
	}
	if r.jobs[w] == nil {
		r.jobs[w] = newJob(r.open)
	}
	row := r.own[w]
	for place, item := range r.o.left.index {
		row[place] = keys[item]
	}
	r.jobs[w].row(p, row)
}

// end ends the open batch, which is the i-th.
func (r *readSampler) end(i int) {
	jobs := slices.DeleteFunc(r.jobs, func(j *job) bool { return j == nil })
	for _, j := range jobs {
		j.flush()
	}
	r.add(r.open, i, r.open.result(jobs))
	r.open, r.jobs = nil, nil
}
