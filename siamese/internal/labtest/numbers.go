package labtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
)

// MaxAbs returns the greatest absolute value of x, 0 where x is empty.
func MaxAbs(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

// Matrix returns a tensor [rows, columns].
func Matrix(values []float32, rows, columns int) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, rows, columns)
}

// Vector returns a tensor [N].
func Vector(values []float32) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(values, len(values))
}

// Normals returns n numbers with mean 0 and deviation scale.
func Normals(rng *rand.Rand, n int, scale float64) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(scale * rng.NormFloat64())
	}
	return out
}

// Widen returns values in float64.
func Widen(values []float32) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
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

// Seq returns 0 to n-1.
func Seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
