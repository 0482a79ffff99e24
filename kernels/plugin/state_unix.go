//go:build unix

package plugin

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// writable reports whether files can be made in a directory, or it is not there yet.
func writable(dir string) bool {
	err := unix.Access(dir, unix.W_OK)
	return err == nil || errors.Is(err, fs.ErrNotExist)
}

// private reports whether a directory is the user's alone: in the temporary directory another user could have made it.
func private(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.IsDir() && info.Mode().Perm()&0o077 == 0 && int(owner.Uid) == os.Getuid()
}
