package receipt

import (
	"io/fs"
	"syscall"
)

// look returns the number of a file in its file system and when its inode was changed, in nanoseconds: no program can put
// that time back.
func look(info fs.FileInfo) (inode uint64, changed int64) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Ino, stat.Ctim.Nano()
	}
	return 0, 0
}
