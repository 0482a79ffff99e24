package columnar

import (
	"context"
	"runtime"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Room returns n elements of *s, which is replaced by a longer one as needed and is kept
// for the next time. Their values are arbitrary.
func Room[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	return (*s)[:n]
}

// Run runs tasks 0 to n-1 on all cores and returns the first error, or that of ctx. Every
// worker has a memory of its own, made by fresh for its first task, so run needs no lock
// for it. after is called, one at a time, after every task that succeeds; its error stops
// the rest too. A panic becomes an error of the file.
func Run[S any](ctx context.Context, file string, n int, fresh func() *S, run func(s *S, k int) error,
	after func() error) error {
	var mu sync.Mutex
	own := make([]*S, runtime.GOMAXPROCS(0)) // by worker
	return parallel.Each(ctx, n, len(own), func(w, k int) (err error) {
		defer tableerr.Guard(file, &err)
		if own[w] == nil {
			own[w] = fresh()
		}
		if err := run(own[w], k); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		return after()
	})
}

// TileRows is how many rows of a tile are decoded before they are turned into rows: both
// together stay in a core's own cache.
const TileRows = 2048
