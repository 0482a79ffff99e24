//go:build unix

package place

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Claim is a lock on a name that nobody else writes meanwhile. A process that is killed gives it back.
type Claim struct {
	// File is the open lock: a process that inherits it holds the claim too, for as long as it lives.
	File *os.File
}

// Take claims a path by a file beside it, ".NAME.lock", which is there only meanwhile; missing directories are made. It
// waits while another process, or another claim of this one, has it, and calls waiting (if not nil) once. It fails when
// ctx is done first or the file cannot be made.
func Take(ctx context.Context, path string, waiting func()) (*Claim, error) {
	lock := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
	if err := os.MkdirAll(filepath.Dir(lock), 0o755); err != nil {
		return nil, err
	}
	for {
		f, err := os.OpenFile(lock, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, err
		}
		if err := flock(ctx, f, waiting); err != nil {
			f.Close()
			return nil, err
		}
		// Whoever had it has removed the file since: what was locked is no longer the one that others open.
		held, err := f.Stat()
		now, gone := os.Stat(lock)
		if err == nil && gone == nil && os.SameFile(held, now) {
			return &Claim{f}, nil
		}
		f.Close()
		if err != nil || gone != nil && !errors.Is(gone, os.ErrNotExist) {
			return nil, errors.Join(err, gone)
		}
	}
}

// Release gives the claim back, unless a process that inherited it still lives: then that one's end does.
func (c *Claim) Release() {
	// Before the lock is given up: later the name may be another one's.
	os.Remove(c.File.Name())
	c.File.Close()
}

// flock locks a file, and waits as [Take] says.
func flock(ctx context.Context, f *os.File, waiting func()) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			return fmt.Errorf("locking %s: %w", f.Name(), err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		// There is no portable way to wait for a lock and for a context at once.
		case <-time.After(50 * time.Millisecond):
		}
	}
}
