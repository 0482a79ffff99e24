package metric

import (
	"context"
	"runtime"

	"github.com/go-siamese/lab/data/memory"
)

// mostKept is the most bytes of scores that are kept: those of 8,192 items.
const mostKept = 256 << 20

// Keep computes the scores of all pairs and holds them, 4 N² bytes, so that whatever is computed from these rows
// afterwards computes none of them again. For more than 8,192 items, or some fewer of them with vector instructions,
// and where it would take more than half of the memory that is free, and of a mixture, it does nothing. workers is the
// number of goroutines; 0 means one per core. Every pair is computed once, in N²/2 E steps. Nothing else may use the
// rows meanwhile. The error is the context's, and nothing is held then, or says that the number of workers is negative.
func (r *Rows) Keep(ctx context.Context, workers int) error {
	if err := (Options{Workers: workers}).Validate(); err != nil {
		return err
	}
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	o := r.o
	n, width, cols := o.left.n, o.left.width, o.kernel.cols
	stride, rows := roundUp(n, cols), roundUp(n, rowMultiple)
	bytes := 4 * int64(stride) * int64(rows)
	if o.kept != nil || o.mixture != nil || n == 0 || bytes > mostKept {
		return nil
	}
	if free, known := memory.Free(); known && bytes > free/2 {
		return nil
	}
	workers = max(1, min(workers, n))
	keys := make([]int32, rows*stride)
	// Panels of the right side begin at multiples of cols: from the one with the diagonal on.
	if err := sweep(ctx, n, workers, nil, func(_, a, b int) {
		first := a / cols * cols
		o.kernel.keys(keys[a*stride+first:], stride, o.left.rows[a*width:], roundUp(b-a, rowMultiple),
			o.panels[first*width:], stride-first, width)
	}); err != nil {
		return err
	}
	// The rest is mirrored: a pair has one key wherever it is computed, see kernel. These are the same panels of rows.
	if err := sweep(ctx, n, workers, nil, func(_, a, b int) {
		for q := range a / cols * cols {
			for p, k := range keys[q*stride+a : q*stride+b] {
				keys[(a+p)*stride+q] = k
			}
		}
	}); err != nil {
		return err
	}
	o.kept = keys
	return nil
}

// AllPairs returns what [AllPairs] returns for the items, the similarity and the mixture of r; those of opt are not
// used.
func (r *Rows) AllPairs(ctx context.Context, opt Options) (*Result, error) {
	opt.Similarity, opt.Mixture = r.sim, r.o.mixture
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	return newComparison(r.o, upper, opt).run(ctx)
}
