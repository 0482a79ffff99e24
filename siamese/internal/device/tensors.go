package device

import (
	"errors"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Fuses says whether backend makes one loop of many operations, as XLA does.
func Fuses(backend compute.Backend) bool { return strings.HasPrefix(backend.Name(), "xla") }

// Finalize frees tensors without waiting for the garbage collector, which does not see the device's memory.
func Finalize(list ...*tensors.Tensor) error {
	var errs []error
	for _, t := range list {
		if t != nil {
			errs = append(errs, t.FinalizeAll())
		}
	}
	return errors.Join(errs...)
}
