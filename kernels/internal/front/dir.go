package front

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-siamese/lab/data/openfile"

	"github.com/go-siamese/lab/kernels/internal/wire"
)

// ErrPath is the error of a temporary directory whose path is too long for sockets.
var ErrPath = errors.New("the path of the temporary directory is too long for sockets: name a shorter one in TMPDIR")

// Names in the temporary directory, and in the kernel's folder.
const (
	dirPrefix = "siamese-kernel-"
	lockFile  = "lock" // locked as long as the kernel lives
)

// privateDir makes the kernel's folder, which is the user's alone, and returns a function that removes it. Folders that
// killed kernels have left are removed.
func privateDir() (dir string, remove func(), err error) {
	for _, in := range []string{os.TempDir(), "/tmp"} {
		removeStale(in)
		if dir, err = os.MkdirTemp(in, dirPrefix); err != nil {
			return "", nil, fmt.Errorf("the kernel's folder: %w", err)
		}
		if !wire.Fits(filepath.Join(dir, gonbDir, "0123456789")) {
			if err := os.Remove(dir); err != nil {
				return "", nil, err
			}
			continue
		}
		lock, err := locked(dir)
		if err != nil {
			return "", nil, fmt.Errorf("the kernel's folder: %w", err)
		}
		remove = func() {
			_ = os.RemoveAll(dir) // what stays is removed by the next kernel
			_ = lock.Close()
		}
		return dir, remove, os.Mkdir(filepath.Join(dir, gonbDir), 0o700)
	}
	return "", nil, ErrPath
}

// locked locks a kernel's folder; an error says that another process has. The lock ends with the file.
func locked(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// young is the age until which a folder may belong to a kernel that has not locked it yet.
const young = time.Minute

// removeStale removes the user's own folders in a directory whose kernels are gone. What cannot be removed stays.
func removeStale(in string) {
	dirs, err := openfile.Glob(in, dirPrefix+"*")
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || time.Since(info.ModTime()) < young {
			continue
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || int(owner.Uid) != os.Getuid() {
			continue
		}
		if lock, err := locked(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		}
	}
}
