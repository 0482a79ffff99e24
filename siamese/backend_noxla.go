//go:build !cgo

package siamese

import (
	"errors"

	"github.com/gomlx/compute"
)

// xlaAvailable returns why XLA cannot be had in this build, or nil.
func xlaAvailable() error {
	return errors.New("this build has no XLA: it needs cgo, so install a C compiler (for instance gcc) and set CGO_ENABLED=1")
}

func newXLA(string, int) (compute.Backend, error) { return nil, xlaAvailable() }
