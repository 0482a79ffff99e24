package show

import (
	"os"

	"golang.org/x/sys/unix"
)

// unread reports whether a pipe holds what its reader has not read yet. It is false for what is no pipe.
func unread(f *os.File) bool {
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	return err == nil && n > 0
}
