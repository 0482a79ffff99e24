package device

import (
	"errors"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
)

// Fuses reports whether backend fuses operations, as XLA does.
func Fuses(backend compute.Backend) bool { return strings.HasPrefix(backend.Name(), "xla") }

// Finalize frees tensors at once; nil ones are skipped. The garbage collector does not see the device's memory.
func Finalize(list ...*tensors.Tensor) error {
	var errs []error
	for _, t := range list {
		if t != nil {
			errs = append(errs, t.FinalizeAll())
		}
	}
	return errors.Join(errs...)
}
