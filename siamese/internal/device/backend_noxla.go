//go:build !cgo

package device

import (
	"errors"

	"github.com/gomlx/compute"
)

// XLAAvailable returns why XLA cannot be had in this build, or nil.
func XLAAvailable() error {
	return errors.New("this build has no XLA: it needs cgo, so install a C compiler (for instance gcc) and set CGO_ENABLED=1")
}

func newXLA(string, int) (compute.Backend, error) { return nil, XLAAvailable() }
