package store

import (
	"io/fs"
	"syscall"
)

// lookOf returns what the system says of a file.
func lookOf(info fs.FileInfo) look {
	out := look{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		out.Changed, out.Inode, out.Device = s.Ctim.Nano(), s.Ino, s.Dev
	}
	return out
}
