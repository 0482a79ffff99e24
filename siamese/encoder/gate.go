package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/gate"
)

// gateInputs is how many inputs a gate has.
const gateInputs = 4

// gateInputsOf returns the inputs of a gate, for each of its parts: the class means [K, width], and centre and spread
// [2]; nil for a nil gate.
func gateInputsOf(m *gate.Model) []Input {
	if m == nil {
		return nil
	}
	var out []Input
	for _, p := range []gate.Part{m.Encoder, m.Features} {
		out = append(out, Input{p.Means, []int{m.Classes, p.Width}}, Input{narrow([]float64{p.Centre, p.Spread}), []int{2}})
	}
	return out
}

// known returns by how much each item is known by a part z [N, width] of it, [N, 1], as package gate has it.
func known(z *Node, in []*Node) *Node {
	cosines := Dot(z, in[0]).General([]int{1}, nil, []int{1}, nil)
	nearest := ReduceAndKeep(cosines, ReduceMax, -1)
	centre, spread := Slice(in[1], AxisRange(0, 1)), Slice(in[1], AxisRange(1, 2))
	return Logistic(Div(Sub(nearest, InsertAxes(centre, 0)), InsertAxes(spread, 0)))
}

// weights returns the square roots of the shares of the encoder and of the features in the cosine, each [N, 1]: of an
// item that is known by k the features' share is k FeatureShare + (1-k) UnknownShare.
func (d Design) weights(z, x *Node, in []*Node) (ofEncoder, ofFeatures *Node) {
	share := AddScalar(MulScalar(Mul(known(z, in[:2]), known(x, in[2:])), d.FeatureShare-d.UnknownShare), d.UnknownShare)
	return Sqrt(OneMinus(share)), Sqrt(share)
}

// beside returns the parts next to each other, each scaled by its share of the cosine. z and x are the encoder's output
// and the features before PLDA, by which a gate goes.
func (d Design) beside(z, x, encoders, features *Node, in []*Node) *Node {
	if d.UnknownShare == 0 {
		return Concatenate([]*Node{MulScalar(encoders, math.Sqrt(1-d.FeatureShare)),
			MulScalar(features, math.Sqrt(d.FeatureShare))}, -1)
	}
	ofEncoder, ofFeatures := d.weights(z, x, in)
	return Concatenate([]*Node{Mul(encoders, ofEncoder), Mul(features, ofFeatures)}, -1)
}
