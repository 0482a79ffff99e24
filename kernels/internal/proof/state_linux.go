package proof

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
)

// state returns what the system knows of a file and changes with each write to it.
func state(info fs.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprint(s.Dev, s.Ino, s.Size, s.Mtim.Nano(), s.Ctim.Nano())
}

// changed returns when the inode of a file was changed last.
func changed(info fs.FileInfo) time.Time {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return time.Unix(0, s.Ctim.Nano())
	}
	return time.Now()
}
