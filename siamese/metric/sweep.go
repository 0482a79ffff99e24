package metric

import (
	"context"
	"sync"
	"sync/atomic"
)

const (
	panelRows = 64   // rows a goroutine takes at a time
	chunkCols = 2048 // columns computed at a time, so that keys are still in the cache when they are looked at
)

// sweep runs visit over all panels of rows on several goroutines: visit(worker, first row, one past the last row). The
// first error, or the context's, stops it.
func sweep(ctx context.Context, rows, workers int, progress func(float64), visit func(worker, a, b int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	panels := (rows + panelRows - 1) / panelRows
	var next atomic.Int64
	done := 0
	var mu sync.Mutex
	var group sync.WaitGroup
	for w := range min(workers, panels) {
		group.Go(func() {
			for {
				p := int(next.Add(1)) - 1
				if p >= panels || ctx.Err() != nil {
					return
				}
				if err := visit(w, p*panelRows, min(rows, (p+1)*panelRows)); err != nil {
					cancel(err)
					return
				}
				if progress != nil {
					mu.Lock()
					done++
					progress(float64(done) / float64(panels))
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}
