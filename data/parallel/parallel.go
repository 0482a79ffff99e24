// Package parallel runs independent pieces of work on several goroutines: [For] where a piece cannot fail, [Each] where
// it can, where the work can be cancelled, and where a goroutine keeps buffers from piece to piece.
//
// Both wait for all that they have started, so that no goroutine outlives the call. Which goroutine does which piece is
// left to chance: results are the same on any number of cores only where a piece writes to places of its own, or
// where the order of what it adds does not matter. The package collects no results and reports no progress.
package parallel

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls do(i) for every i in [0, n), on one goroutine per core, and waits for all. Calls run at the same time, in
// no particular order. A call for a tiny piece costs more than the piece: give do a range of them.
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

// Each calls do(worker, i) for every i in [0, n) and waits for all. It runs on several goroutines numbered from 0 to
// workers-1, and on no more than n; workers 0 means one per core. Calls with the same worker never overlap, so that
// do may keep buffers by that number. Goroutines take the next i when they are free, so pieces may be small and
// differ in cost.
//
// The first error of do ends the work: pieces that have begun are finished, no others begin, and it is returned. When
// ctx ends, the same happens with its cause ([context.Cause]), even if all pieces were done by then. It panics
// when workers is negative.
func Each(ctx context.Context, n, workers int, do func(worker, i int) error) error {
	if workers < 0 {
		panic(fmt.Sprintf("parallel.Each: %d workers", workers))
	}
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	// A shared counter instead of a range for each worker: where pieces differ in cost, none waits for the slowest.
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
