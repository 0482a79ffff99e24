package loss

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

func (r Relation) check() {
	if r.Positive == nil || r.Negative == nil {
		exceptions.Panicf("relation: Positive and Negative must both be given")
	}
	checkDims("relation: Negative", r.Negative, r.Positive.Shape().Dimensions)
	for _, x := range []*Node{r.Positive, r.Negative} {
		if x.DType() != dtypes.Bool && !x.DType().IsFloat() {
			exceptions.Panicf("relation: the weights of pairs must be bool or float, got %s", x.Shape())
		}
	}
}

func checkDims(what string, x *Node, want []int) {
	if !slices.Equal(x.Shape().Dimensions, want) {
		exceptions.Panicf("%s must have the shape %s, got %s", what, shapes.Make(x.DType(), want...), x.Shape())
	}
}

func checkMatrix(what string, x *Node) {
	if x.Rank() != 2 {
		exceptions.Panicf("%s must have rank 2, got %s", what, x.Shape())
	}
}

func checkClasses(class *Node) {
	if class.Rank() != 1 || !class.DType().IsInt() {
		exceptions.Panicf("relation: classes must be integers of shape [N], got %s", class.Shape())
	}
}

func unknownName(what, name string, known []string) error {
	return fmt.Errorf("%s %q is not known: use one of %s", what, name, strings.Join(known, ", "))
}

// upTo returns 0, 1, … n-1.
func upTo(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// epsilon returns the distance from 1 to the next number of the type of x.
func epsilon(x *Node) float64 {
	switch x.DType() {
	case dtypes.Float64:
		return 0x1p-52
	case dtypes.Float32:
		return 0x1p-23
	case dtypes.BFloat16:
		return 0x1p-7
	}
	return 0x1p-10 // float16
}
