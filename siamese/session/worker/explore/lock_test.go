package explore

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// TestLock: who has a table of judged pairs has it alone, also by another way to it, and gives it back; waiting ends
// with the context.
func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "judged.csv")
	unlock, err := hold(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 1)
	go func() {
		again, err := hold(ctx, filepath.Join(filepath.Dir(path), ".", "judged.csv"))
		if err == nil {
			again()
		}
		got <- err
	}()
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("a table that another one has: %v", err)
	}
	unlock()
	again, err := hold(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	again()
	both, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	both()
}
