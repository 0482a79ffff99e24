//go:build unix

package place

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// Claim is a lock on a name that nobody else writes meanwhile. A process that is killed gives it back.
type Claim struct {
	// File is the open lock: a process that inherits it holds the claim too, for as long as it lives.
	File *os.File
	// Unlocked is why nothing is locked: the file system has no locks. nil = it is.
	Unlocked error
}

// locks are what locks files; tests have file systems without.
var locks = syscall.Flock

// noLocks are the errors of file systems that have none, such as some on a network.
var noLocks = []error{syscall.ENOLCK, syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.EINVAL}

// Take claims a path by a file beside it, ".NAME.lock", which is there only meanwhile; missing directories are made. It
// waits while another process, or another claim of this one, has it, and calls waiting (if not nil) once. It fails when
// ctx is done first or the file cannot be made.
func Take(ctx context.Context, path string, waiting func()) (*Claim, error) {
	lock := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".lock")
	f, unlocked, err := open(ctx, lock, os.O_CREATE|os.O_RDWR, 0o644, waiting)
	if err != nil {
		return nil, err
	}
	return &Claim{File: f, Unlocked: unlocked}, nil
}

// patience bounds how long [Open] waits for others, such as one that was halted; a disk may be slow.
var patience = 30 * time.Second

// errHeld is what the error of [Open] matches then.
var errHeld = errors.New("another process does not let go of it")

// Open opens a file that several processes add to, and that may be replaced, as [WriteFile] does, by who has opened it
// so: nobody else has it until it is closed, and it is the one that has the name. Missing directories are made, and the
// file with O_CREATE in flag. Who has it should be done in a moment: others fail after 30 s. On a file system without
// locks all may have it.
func Open(path string, flag int, mode os.FileMode) (*os.File, error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errHeld)
	defer cancel()
	f, _, err := open(ctx, path, flag, mode, nil)
	if ctx.Err() != nil && err != nil {
		return nil, fmt.Errorf("open %s: %w", path, context.Cause(ctx))
	}
	return f, err
}

// open opens a file and locks it, as [Take] does; unlocked is why it is not locked.
func open(ctx context.Context, path string, flag int, mode os.FileMode, waiting func()) (_ *os.File, unlocked, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, nil, err
	}
	for {
		f, err := os.OpenFile(path, flag, mode)
		if err != nil {
			return nil, nil, err
		}
		err = flock(ctx, f, waiting)
		if slices.ContainsFunc(noLocks, func(none error) bool { return errors.Is(err, none) }) {
			return f, err, nil
		}
		if err != nil {
			f.Close()
			return nil, nil, err
		}
		// Whoever had it may have removed or replaced it: what was locked is no longer the one that others open.
		held, err := f.Stat()
		now, gone := os.Stat(path)
		if err == nil && gone == nil && os.SameFile(held, now) {
			return f, nil, nil
		}
		f.Close()
		if err != nil || gone != nil && !errors.Is(gone, os.ErrNotExist) {
			return nil, nil, errors.Join(err, gone)
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
		err := locks(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
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
