//go:build !unix

package ondisk

import (
	"errors"
	"fmt"
	"os"
)

// mapFile returns an error: features stay in memory on this system.
func mapFile(*os.File, int64, int) ([]byte, *os.File, error) {
	return nil, nil, fmt.Errorf("features on disk need a Unix system: %w", errors.ErrUnsupported)
}

func unmap([]byte) error        { return nil }
func giveBack([]byte)           {}
func willNeed([]byte, int, int) {}
