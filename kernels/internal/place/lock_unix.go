//go:build unix

package place

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Lock takes the installer's lock, so that two installers never write at once, and returns the function that gives
// it back. It waits while another process holds it, calling waiting (if not nil) once; the lock goes with the process
// that holds it, so a killed installer blocks nobody. It fails when ctx is done first or the directory cannot be made.
// In a directory that is only for reading there is nothing to lock: whoever finds all in place writes nothing.
func (l Lab) Lock(ctx context.Context, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(l.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("installer's directory: %w; name another with --dir", err)
	}
	f, err := os.OpenFile(filepath.Join(l.Dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if readOnly(err) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("installer's lock: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			f.Close()
			return nil, fmt.Errorf("installer's lock %s: %w", f.Name(), err)
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for another installer: %w", ctx.Err())
		// There is no portable way to wait for a lock and for a context at once.
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// readOnly reports whether an error says that nothing can be written there.
func readOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
