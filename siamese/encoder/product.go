package encoder

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/device"
)

// product returns the matrix product [N, out] of x [N, in] and weights [in, out] in the type of x. With bfloat16 the
// factors of this product and of its gradients are rounded to bfloat16; sums are float32.
func product(x, weights *Node, bfloat16 bool) *Node {
	if !bfloat16 && device.Fuses(x.Graph().Backend()) {
		return Dot(x, weights).Product()
	}
	// GoMLX would take the gradients of a product of bfloat16 in float32, half as fast, and the Go backend is slow at
	// the weights' gradient, which sums over the first axis of both factors. So these gradients are our own: the
	// reverse pass comes by the product first, which sets back, and then by the factors.
	var back *Node
	x = IdentityWithCustomGradient(x, func(*Node, *Node) *Node { return dotGraph(back, weights, 1, bfloat16) })
	weights = IdentityWithCustomGradient(weights,
		func(*Node, *Node) *Node { return dotGraph(transposeGraph(x), back, 0, bfloat16) })
	return IdentityWithCustomGradient(dotGraph(x, weights, 0, bfloat16), func(_, v *Node) *Node {
		back = v
		return v
	})
}

// dotGraph returns the float32 sums of products over the last axis of a and an axis of b, both matrices, their numbers
// rounded to bfloat16 if asked for. No type of the sums is named: for that, go-xla would add a dependency to the
// factors that makes XLA convert them back to float32.
func dotGraph(a, b *Node, axis int, bfloat16 bool) *Node {
	of := a.DType()
	if !bfloat16 {
		return Dot(a, b).General([]int{1}, nil, []int{axis}, nil)
	}
	a, b = ConvertDType(a, dtypes.BFloat16), ConvertDType(b, dtypes.BFloat16)
	if !device.Fuses(a.Graph().Backend()) { // the Go backend has fast products of float32 only
		return Dot(ConvertDType(a, of), ConvertDType(b, of)).General([]int{1}, nil, []int{axis}, nil)
	}
	return Dot(a, b).WithAccumulatorDType(dtypes.InvalidDType).WithOutputDType(of).General([]int{1}, nil, []int{axis},
		nil)
}

// transposeGraph returns the transpose of x [N, F]. XLA has fast products of bfloat16 only of a left factor that is
// summed over its last axis, and takes a plain transpose into the product; where N is even, this one it cannot.
func transposeGraph(x *Node) *Node {
	n, features := x.Shape().Dim(0), x.Shape().Dim(1)
	if n%2 != 0 {
		return Transpose(x, 0, 1)
	}
	return Reshape(TransposeAllAxes(Reshape(x, n/2, 2, features), 2, 0, 1), features, n)
}
