// Package parallel runs independent pieces of work on several goroutines.
package parallel

import (
	"context"
	"sync"
	"sync/atomic"
)

// Each runs f(worker, i) for every i below n on several goroutines, numbered from 0 to workers-1. The first error, or the
// context's, stops it and is returned.
func Each(ctx context.Context, n, workers int, f func(worker, i int) error) error {
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
