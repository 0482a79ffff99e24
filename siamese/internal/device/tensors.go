package device

import (
	"errors"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Fuses reports whether backend fuses operations, as XLA does, and updates donated buffers in place. Where the
// fastest form of a graph differs, the packages above choose it by this.
func Fuses(backend compute.Backend) bool { return strings.HasPrefix(backend.Name(), "xla") }

// Finalize frees tensors at once; nil ones are skipped. The garbage collector does not see the device's memory, and
// would run far too late. It frees all even if one fails, and joins the errors.
func Finalize(list ...*tensors.Tensor) error {
	var errs []error
	for _, t := range list {
		if t != nil {
			errs = append(errs, t.FinalizeAll())
		}
	}
	return errors.Join(errs...)
}
