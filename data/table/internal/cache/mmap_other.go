//go:build !unix

package cache

import (
	"io"
	"os"

	"github.com/go-siamese/lab/data/table/internal/raw"
)

// mapFile reads a part of a file, where it cannot be mapped. The result is aligned for
// float32. release does nothing.
func mapFile(file *os.File, offset int64, length int) (b []byte, release func(), err error) {
	b = raw.BytesOf(make([]float32, length/4))
	_, err = io.ReadFull(io.NewSectionReader(file, offset, int64(length)), b)
	return b, func() {}, err
}

// identityOf returns size and time alone.
func identityOf(info os.FileInfo) identity {
	return identity{Size: info.Size(), Modified: info.ModTime().UnixNano()}
}
