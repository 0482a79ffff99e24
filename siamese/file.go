package siamese

import (
	"io"

	"github.com/go-siamese/lab/siamese/internal/files"
)

// checkWritable is [files.CheckWritable].
func checkWritable(path string) error { return files.CheckWritable(path) }

// writeAtomic is [files.Write].
func writeAtomic(path string, write func(io.Writer) error) error { return files.Write(path, write) }
