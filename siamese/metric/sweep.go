package metric

import (
	"context"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
)

const (
	panelRows = 64   // rows a goroutine takes at a time, if there are many
	chunkCols = 2048 // columns computed at a time, so that keys stay in the cache
)

// sweep runs visit over all panels of rows on several goroutines: visit(worker, first row, one past the last row),
// where worker is the goroutine's number from 0. Panels are smaller if there are few rows, so that each goroutine has
// several and none waits long for the last. progress, if not nil, is called from one goroutine at a time. The error is
// the context's; some panels have not been visited then.
func sweep(ctx context.Context, rows, workers int, progress func(float64), visit func(worker, a, b int)) error {
	size := min(panelRows, roundUp(rows/(4*workers)+1, rowMultiple))
	panels := (rows + size - 1) / size
	// The lock is held during progress, and a panel takes long enough that goroutines do not wait for it.
	var mu sync.Mutex
	done := 0
	return parallel.Each(ctx, panels, workers, func(w, p int) error {
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
