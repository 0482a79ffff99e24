package data

import (
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/atomicfile"
)

// writeFile writes a file through a temporary one beside it; see [atomicfile.Write].
func writeFile(path string, write func(io.Writer) error) error {
	if err := atomicfile.Write(path, write); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	return nil
}
