//go:build unix

package place

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestTake: of many at once only one has a name at a time, and nothing stays of them.
func TestTake(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "name")
	var holders, most atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			c, err := Take(t.Context(), path, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if n := holders.Add(1); n > most.Load() {
				most.Store(n)
			}
			holders.Add(-1)
			c.Release()
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d had it at once", most.Load())
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestTakeWaits: who waits is told once, gets it when it is given back, and can be stopped.
func TestTakeWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "name")
	first, err := Take(t.Context(), path, func() { t.Error("nobody has it") })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Take(ctx, path, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	second, err := Take(t.Context(), path, first.Release)
	if err != nil {
		t.Fatal(err)
	}
	second.Release()
	// A file that a killed process has left is no lock.
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), ".name.lock"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	third, err := Take(t.Context(), path, func() { t.Error("a file alone was a lock") })
	if err != nil {
		t.Fatal(err)
	}
	third.Release()
}

// TestTakeFaults: where the file cannot be made that is an error, and where nothing can be locked it is told.
func TestTakeFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := Take(t.Context(), filepath.Join(file, "name"), nil); err == nil {
		c.Release()
		t.Error("taken below a file")
	}
	was := locks
	defer func() { locks = was }()
	for fault, goes := range map[syscall.Errno]bool{syscall.ENOLCK: true, syscall.EOPNOTSUPP: true, syscall.EIO: false} {
		locks = func(int, int) error { return fault }
		c, err := Take(t.Context(), file, nil)
		switch {
		case goes && (err != nil || !errors.Is(c.Unlocked, fault)):
			t.Errorf("%v: %+v, %v", fault, c, err)
		case !goes && !errors.Is(err, fault):
			t.Errorf("%v: %v", fault, err)
		}
		if c != nil {
			c.Release()
		}
	}
}

// TestOpen: one at a time has a file, also one that replaces it, and nobody gets the old one.
func TestOpen(t *testing.T) {
	was := patience
	patience = time.Hour
	defer func() { patience = was }()
	path := filepath.Join(t.TempDir(), "new", "list")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			f, err := Open(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			if i%2 == 0 {
				_, err = f.WriteString("x")
			} else {
				var text []byte
				if text, err = os.ReadFile(path); err == nil {
					err = WriteFile(path, append(text, 'y'), 0o600)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "x") != 10 || strings.Count(string(text), "y") != 10 {
		t.Errorf("%s, %v", text, err)
	}
}

// TestOpenHeld: a file that nobody lets go of is told by its name.
func TestOpenHeld(t *testing.T) {
	was := patience
	patience = time.Millisecond
	defer func() { patience = was }()
	path := filepath.Join(t.TempDir(), "list")
	c, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := locks(int(c.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, os.O_RDWR, 0o600)
	if err == nil {
		f.Close()
	}
	if !errors.Is(err, errHeld) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}
