//go:build !cgo

package device

import (
	"errors"

	"github.com/gomlx/compute"
)

// XLAAvailable returns an error if this build has no XLA.
func XLAAvailable() error {
	return errors.New("this build has no XLA, which needs cgo: " +
		"install a C compiler (for instance gcc) and set CGO_ENABLED=1")
}

// newXLA fails: callers have asked XLAAvailable before.
func newXLA(string, int) (compute.Backend, error) { return nil, XLAAvailable() }
