package parallel

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestFor(t *testing.T) {
	for _, n := range []int{0, 1, 1000} {
		seen := make([]atomic.Int32, n)
		For(n, func(i int) { seen[i].Add(1) })
		for i := range seen {
			if times := seen[i].Load(); times != 1 {
				t.Errorf("piece %d of %d ran %d times", i, n, times)
			}
		}
	}
}

func TestEach(t *testing.T) {
	for _, workers := range []int{0, 1, 3, 100} {
		seen := make([]atomic.Int32, 40)
		err := Each(context.Background(), len(seen), workers, func(w, i int) error {
			if w < 0 || workers > 0 && w >= workers {
				t.Errorf("worker %d of %d", w, workers)
			}
			seen[i].Add(1)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range seen {
			if n := seen[i].Load(); n != 1 {
				t.Errorf("%d workers: piece %d ran %d times", workers, i, n)
			}
		}
	}
	boom := errors.New("boom")
	ran := 0
	err := Each(context.Background(), 10, 1, func(_, i int) error {
		ran++
		if i == 2 {
			return boom
		}
		return nil
	})
	if !errors.Is(err, boom) || ran != 3 {
		t.Errorf("error %v after %d pieces, want boom after 3", err, ran)
	}
	if err := Each(context.Background(), 1000, 4, func(_, i int) error {
		if i == 7 {
			return boom
		}
		return nil
	}); !errors.Is(err, boom) {
		t.Errorf("several workers: error %v, want boom", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Each(ctx, 10, 2, func(_, _ int) error { t.Error("runs although cancelled"); return nil }); !errors.Is(err,
		context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Pieces of one worker never overlap, so that it may keep buffers; more workers than pieces, and none, are fine.
func TestEachWorkersOwnTheirBuffers(t *testing.T) {
	busy := make([]atomic.Bool, 8)
	err := Each(context.Background(), 500, len(busy), func(w, _ int) error {
		if !busy[w].CompareAndSwap(false, true) {
			t.Errorf("two pieces of worker %d at once", w)
		}
		busy[w].Store(false)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := Each(context.Background(), 0, 3, func(_, _ int) error { return errors.New("runs") }); err != nil {
		t.Error(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a negative number of workers is accepted")
		}
	}()
	_ = Each(context.Background(), 1, -1, func(_, _ int) error { return nil })
}
