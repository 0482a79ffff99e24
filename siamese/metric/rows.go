package metric

import (
	"context"
	"runtime"
)

// Rows is the similarity matrix of all items of an embedding matrix, computed row by row and never held as a whole.
// Items are sorted by class, those of a class in the given order: the number in that order is the item's place.
//
// It serves metrics that this package does not have, and several passes over the same items ([Rows.Keep]). The scores
// are those of AllPairs to the last bit. Several goroutines may use it at once.
type Rows struct {
	o   *operands
	sim Similarity
}

// Mixed has the rows, which must be of cosines, score a mixture, and forgets what [Rows.Keep] holds; nil changes nothing.
// Nothing else may use the rows meanwhile. It returns them.
func (r *Rows) Mixed(m Mixture) *Rows {
	if m != nil {
		r.o.kept = nil
		r.o.mix(m)
	}
	return r
}

// NewRows returns the rows of emb (N x E numbers, row after row) with N labels. The error is that of AllPairs.
func NewRows(emb []float32, labels []int32, sim Similarity) (*Rows, error) {
	if err := (Options{Similarity: sim}).Validate(); err != nil {
		return nil, err
	}
	m, err := newMatrix("embeddings", emb, labels, sim)
	if err != nil {
		return nil, err
	}
	return &Rows{newOperands(m, m, true, sim), sim}, nil
}

// N returns the number of items, which is that of places.
func (r *Rows) N() int { return r.o.left.n }

// Item returns the number of the item, as given, at a place.
func (r *Rows) Item(place int) int { return int(r.o.left.index[place]) }

// Class returns the range of places [a, b) of the class of the item at a place, its own included.
func (r *Rows) Class(place int) (a, b int) {
	return int(r.o.left.begin[place]), int(r.o.left.end[place])
}

// Sweep calls visit once for every place, in no order, from several goroutines (workers; 0 means one per core):
// worker is the goroutine's number from 0, and scores holds the similarities of the item at place with all N places,
// its own included. scores is reused after the call. progress, if not nil, is called from one goroutine at a time
// with the share of the work done (0 to 1). Time grows as N^2 E, memory as 256 N bytes a goroutine. A negative number
// of workers is an error; any other is the context's.
func (r *Rows) Sweep(ctx context.Context, workers int, progress func(done float64),
	visit func(worker, place int, scores []float32)) error {
	if err := (Options{Workers: workers}).Validate(); err != nil {
		return err
	}
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	type buffers struct {
		keys   []int32 // panelRows x stride; none where all are kept
		scores []float32
	}
	o := r.o
	n, width, stride := o.left.n, o.left.width, roundUp(o.left.n, o.kernel.cols)
	// Made by each goroutine when it begins: there may be fewer panels than workers.
	workers = max(1, min(workers, n))
	own := make([]*buffers, workers)
	return sweep(ctx, n, workers, progress, func(w, a, b int) {
		if own[w] == nil {
			own[w] = &buffers{scores: make([]float32, n)}
			if o.kept == nil {
				own[w].keys = make([]int32, panelRows*stride)
			}
		}
		// Kernels compute whole panels of rows; visit sees one row at a time.
		keys, scores := own[w].keys, own[w].scores
		if o.kept != nil {
			keys = o.kept[a*stride:]
		} else {
			o.kernel.keys(keys, stride, o.left.rows[a*width:], roundUp(b-a, rowMultiple), o.panels, stride, width)
		}
		for p := a; p < b; p++ {
			o.mixed(p, keys[(p-a)*stride:][:n])
			for q, k := range keys[(p-a)*stride:][:n] {
				scores[q] = float32(float64(k) * o.unit) // exact: keys have 24 bits and the unit is a power of two
			}
			visit(w, p, scores)
		}
	})
}
