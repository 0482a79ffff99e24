package data

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls do(0) … do(n-1), on as many cores as there are, and waits for all.
func parallel(n int, do func(int)) {
	_ = parallelContext(context.Background(), n, do) // it has no other error than that of the context
}

// parallelContext is parallel that begins nothing more once ctx is cancelled, and then returns
// its error.
func parallelContext(ctx context.Context, n int, do func(int)) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for k := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			do(k)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				if k >= n || ctx.Err() != nil {
					return
				}
				do(k)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
