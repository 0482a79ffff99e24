//go:build !linux

package store

import "io/fs"

// lookOf returns what the system says of a file.
func lookOf(info fs.FileInfo) look {
	return look{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}
