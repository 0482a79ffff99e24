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
	if err := flock(ctx, f, waiting); err != nil {
		f.Close()
		if ctx.Err() != nil {
			return nil, fmt.Errorf("waiting for another installer: %w", err)
		}
		return nil, fmt.Errorf("installer's lock: %w", err)
	}
	return func() { f.Close() }, nil
}

// readOnly reports whether an error says that nothing can be written there.
func readOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}
