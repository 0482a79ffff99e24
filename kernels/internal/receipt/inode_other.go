//go:build !unix

package receipt

import "io/fs"

// inode returns 0: files have no number here.
func inode(fs.FileInfo) uint64 { return 0 }
