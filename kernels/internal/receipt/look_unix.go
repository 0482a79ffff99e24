//go:build unix && !linux

package receipt

import (
	"io/fs"
	"syscall"
)

// look returns the number of a file in its file system; when its inode was changed is not known here.
func look(info fs.FileInfo) (inode uint64, changed int64) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Ino), 0 //nolint:unconvert // another type on some systems
	}
	return 0, 0
}
