package metric

import (
	"context"
	"sync"
	"sync/atomic"
)

const (
	panelRows = 64   // rows a goroutine takes at a time where there are many
	chunkCols = 2048 // columns computed at a time, so that keys are still in the cache when they are looked at
)

// each runs f(worker, i) for every i below n on several goroutines. The first error, or the context's, stops it.
func each(ctx context.Context, n, workers int, f func(worker, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var group sync.WaitGroup
	for w := range min(workers, n) {
		group.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(w, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// sweep runs visit over all panels of rows on several goroutines: visit(worker, first row, one past the last row).
func sweep(ctx context.Context, rows, workers int, progress func(float64), visit func(worker, a, b int)) error {
	size := min(panelRows, roundUp(rows/(4*workers)+1, rowMultiple))
	panels := (rows + size - 1) / size
	var mu sync.Mutex
	done := 0
	return each(ctx, panels, workers, func(w, p int) error {
		visit(w, p*size, min(rows, (p+1)*size))
		if progress != nil {
			mu.Lock()
			defer mu.Unlock()
			done++
			progress(float64(done) / float64(panels))
		}
		return nil
	})
}
