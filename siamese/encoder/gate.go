package encoder

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/gate"
)

// gateInputs is how many inputs a gate has.
const gateInputs = 2

// gateInputsOf returns the inputs of a gate: the class means [K, E], and centre and spread [2]; nil for a nil gate.
func gateInputsOf(m *gate.Model) []Input {
	if m == nil {
		return nil
	}
	return []Input{{m.Means, []int{m.Classes, m.E}}, {narrow([]float64{m.Centre, m.Spread}), []int{2}}}
}

// known returns by how much each item with the encoder's output z [N, E] is known, [N, 1], as gate.Model.Known has it.
func known(z *Node, in []*Node) *Node {
	cosines := Dot(z, in[0]).General([]int{1}, nil, []int{1}, nil)
	nearest := ReduceAndKeep(cosines, ReduceMax, -1)
	centre, spread := Slice(in[1], AxisRange(0, 1)), Slice(in[1], AxisRange(1, 2))
	return Logistic(Div(Sub(nearest, InsertAxes(centre, 0)), InsertAxes(spread, 0)))
}

// weights returns the square roots of the shares of the encoder and of the features in the cosine, each [N, 1]: of an
// item that is known by k the features' share is k FeatureShare + (1-k) UnknownShare.
func (d Design) weights(z *Node, in []*Node) (ofEncoder, ofFeatures *Node) {
	share := AddScalar(MulScalar(known(z, in), d.FeatureShare-d.UnknownShare), d.UnknownShare)
	return Sqrt(OneMinus(share)), Sqrt(share)
}

// beside returns the parts next to each other, each scaled by its share of the cosine. z is the encoder's output before
// PLDA, by which a gate goes.
func (d Design) beside(z, encoders, features *Node, in []*Node) *Node {
	if d.UnknownShare == 0 {
		return Concatenate([]*Node{MulScalar(encoders, math.Sqrt(1-d.FeatureShare)),
			MulScalar(features, math.Sqrt(d.FeatureShare))}, -1)
	}
	ofEncoder, ofFeatures := d.weights(z, in)
	return Concatenate([]*Node{Mul(encoders, ofEncoder), Mul(features, ofFeatures)}, -1)
}
