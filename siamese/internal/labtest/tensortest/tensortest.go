// Package tensortest has GoMLX's tensors for tests. It is not in labtest so that tests of packages without GoMLX do not
// link it.
package tensortest

import (
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// Matrix returns a tensor [rows, columns].
func Matrix(values []float32, rows, columns int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, rows, columns)
}

// Vector returns a tensor [N].
func Vector(values []float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// Flat returns the numbers of a tensor, or fails the test.
func Flat(t *testing.T, x *tensors.Tensor) []float32 {
	t.Helper()
	values, err := tensors.CopyFlatData[float32](x)
	if err != nil {
		t.Fatal(err)
	}
	return values
}
