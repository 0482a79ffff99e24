//go:build unix

package place

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// held are the files that Use has locked, by directory.
var held = struct {
	sync.Mutex
	files map[string]*os.File
}{files: map[string]*os.File{}}

// Use says that this process uses a directory of the lab, such as one of tools, until it ends: Remove leaves it alone.
// Where that cannot be said, because the lab's directory is only for reading, nobody can remove it either.
func Use(dir string) {
	held.Lock()
	defer held.Unlock()
	if f := held.files[dir]; f != nil {
		now := time.Now()
		_ = os.Chtimes(f.Name(), now, now)
		return
	}
	f, err := os.OpenFile(filepath.Join(dir, used), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return
	}
	now := time.Now()
	_ = os.Chtimes(f.Name(), now, now)
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		f.Close()
		return
	}
	held.files[dir] = f
}

// Remove removes a directory of the lab that no process uses, and reports whether it did.
func Remove(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, used), os.O_RDWR, 0)
	if err == nil {
		defer f.Close()
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			return false
		}
	} else if !os.IsNotExist(err) {
		return false
	}
	return os.RemoveAll(dir) == nil
}
