package safetensors

import (
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data/quote"
)

// ErrTruncated is in the error of [Read] for a file that ends too early, or that never was a file of tensors, which
// looks alike.
var ErrTruncated = errors.New("it is not a file of tensors or is truncated")

// ErrChecksum is the error of [File.Verify] for a file whose checksum is another: a bit flipped, or somebody edited it.
var ErrChecksum = errors.New("the checksum does not match: the file was damaged after it was saved")

// TensorError is a fault of one tensor in a file. Callers that find one in a tensor's numbers return it as well.
type TensorError struct {
	Tensor string // name
	Err    error
}

// Error returns "tensor NAME: FAULT".
func (e *TensorError) Error() string { return "tensor " + quote.Text(e.Tensor) + ": " + e.Err.Error() }

// Unwrap returns the fault.
func (e *TensorError) Unwrap() error { return e.Err }

// tensorErrorf returns a [TensorError] whose fault is formatted as by [fmt.Errorf].
func tensorErrorf(name, format string, args ...any) error {
	return &TensorError{name, fmt.Errorf(format, args...)}
}
