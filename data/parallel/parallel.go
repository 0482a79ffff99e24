// Package parallel runs independent pieces of work on several goroutines.
package parallel

import (
	"context"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls do(i) for every i in [0, n), on one goroutine per core, and waits for all.
func For(n int, do func(i int)) {
	if n == 1 { // a single query row costs less than what follows
		do(0)
		return
	}
	_ = Each(context.Background(), n, 0, func(_, i int) error { // there is no error: neither do nor the context has one
		do(i)
		return nil
	})
}

// Each calls do(worker, i) for every i in [0, n), on several goroutines numbered from 0 to workers-1 (workers 0 means
// one per core), and waits for all. Goroutines take the next i when they are free, so pieces may be small and differ
// in cost. The first error of do, or the context's, stops it and is returned.
func Each(ctx context.Context, n, workers int, do func(worker, i int) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	var next atomic.Int64
	work := func(ctx context.Context, worker int) error {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				break
			}
			if err := do(worker, i); err != nil {
				return err
			}
		}
		return nil
	}
	var err error
	if workers == 1 { // not worth a goroutine
		err = work(ctx, 0)
	} else {
		group, running := errgroup.WithContext(ctx)
		for w := range workers {
			group.Go(func() error { return work(running, w) })
		}
		err = group.Wait()
	}
	if err != nil {
		return err
	}
	return context.Cause(ctx)
}
