package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Claim waits until no other worker computes the value of a key, and claims it until release is called or this process
// ends. Who waited looks first whether the value is there by then. Several calls of one process exclude each other too.
func (s *Store) Claim(ctx context.Context, key string) (release func(), err error) {
	path := filepath.Join(s.dir, "work", key[:32]+".lock")
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, err
		}
		switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			// Its last holder may have removed the file meanwhile: then another one waits at a new file.
			if same(file, path) {
				return func() {
					_ = os.Remove(path)
					_ = file.Close()
				}, nil
			}
			_ = file.Close()
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			return nil, errors.Join(err, file.Close())
		}
		_ = file.Close()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// same reports whether path still leads to the open file.
func same(file *os.File, path string) bool {
	a, err := file.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) && err == nil && os.SameFile(a, b)
}
