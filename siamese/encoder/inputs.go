package encoder

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/gate"
	"github.com/go-siamese/lab/siamese/plda"
)

// Input is an input of [Embed] on the host, row by row.
type Input struct {
	Values []float32
	Dims   []int
}

// String returns the shape.
func (i Input) String() string { return fmt.Sprintf("input %v", i.Dims) }

// Inputs returns the weights and biases of encoders as [Embed] wants them, transposed once because the graph wants
// items as columns, then the numbers of the two PLDA and of the gate, which may be nil.
func Inputs(encoders [][]Layer, ofEncoder, ofFeatures *plda.Model, gated *gate.Model) []Input {
	var out []Input
	for _, l := range slices.Concat(encoders...) {
		out = append(out, Input{TransposeWeights(l.Weights, l.In, l.Out), []int{l.Out, l.In}},
			Input{l.Biases, []int{l.Out}})
	}
	return slices.Concat(out, pldaInputsOf(ofEncoder), pldaInputsOf(ofFeatures), gateInputsOf(gated))
}

// pldaInputs is how many inputs a PLDA has.
const pldaInputs = 4

// pldaInputsOf returns the inputs of a PLDA in the order of the fields of projection; nil for a nil model.
func pldaInputsOf(m *plda.Model) []Input {
	if m == nil {
		return nil
	}
	p, k := m.Projection(), m.K()
	return []Input{{narrow(p.Mean), []int{k}}, {narrow(p.Turn), []int{k, k}}, {narrow(p.Length), []int{k}},
		{narrow([]float64{p.Radius}), []int{1}}}
}

// narrow returns the numbers as float32.
func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}
