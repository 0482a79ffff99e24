package encoder

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/loss"
)

// projection holds the numbers of a plda.Projection as inputs of a graph.
type projection struct {
	mean   *Node // [K]
	turn   *Node // [K, K]
	length *Node // [K]
	radius *Node // [1]
}

// Parts says which parts of an embedding are compared by PLDA.
type Parts struct{ Encoder, Features bool }

// String returns "PLDA of the encoder: true, of the features: false".
func (p Parts) String() string {
	return fmt.Sprintf("PLDA of the encoder: %v, of the features: %v", p.Encoder, p.Features)
}

// split returns the inputs of layers, and those of PLDA that come after them, nil where there are none.
func (p Parts) split(params []*Node) (layers []*Node, ofEncoder, ofFeatures *projection) {
	last := func() *projection {
		first := len(params) - pldaInputs
		in := params[first:]
		params = params[:first]
		return &projection{in[0], in[1], in[2], in[3]}
	}
	if p.Features {
		ofFeatures = last()
	}
	if p.Encoder {
		ofEncoder = last()
	}
	return params, ofEncoder, ofFeatures
}

// of returns what the projection makes of z [N, K], rows of unit length or zero: unit vectors [N, K+1], zero for zero
// rows, as plda.Model.Project has them.
func (p *projection) of(z *Node) *Node {
	v := Dot(Sub(z, InsertAxes(p.mean, 0)), p.turn).Product()
	length := ReduceAndKeep(Mul(Square(v), InsertAxes(p.length, 0)), ReduceSum, -1)
	// Of an item at the mean, which has no direction, the last number alone is left.
	none := LessOrEqual(length, ZerosLike(length))
	v = Mul(v, Reciprocal(Sqrt(Where(none, OnesLike(length), length))))
	out := Concatenate([]*Node{v, Mul(OnesLike(length), InsertAxes(p.radius, 0))}, -1)
	// Lengths of z are 1 or 0: anything between tells them apart.
	known := ReduceAndKeep(Square(z), ReduceSum, -1)
	known = StopGradient(ConvertDType(GreaterThan(known, MulScalar(OnesLike(known), 0.5)), z.DType()))
	return loss.Normalize(Mul(out, known))
}
