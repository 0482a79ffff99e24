package encoder

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// Finite reports whether all weights and biases are finite.
func Finite(layers []Layer) bool {
	for _, l := range layers {
		if FirstNotFinite(l.Weights) >= 0 || FirstNotFinite(l.Biases) >= 0 {
			return false
		}
	}
	return true
}

// WeightsSuffix ends the names of weights, which decay, and of no other tensor.
const WeightsSuffix = ".weights"

// WeightsName is the name of a layer's weights [in, out] in files and training states.
func WeightsName(layer int) string { return fmt.Sprintf("layers.%d", layer) + WeightsSuffix }

// BiasesName is the name of a layer's biases [out].
func BiasesName(layer int) string { return fmt.Sprintf("layers.%d.biases", layer) }

// Prefix precedes the names of tensors of encoder k, from 0, of an ensemble; those of the first have none.
func Prefix(k int) string {
	if k == 0 {
		return ""
	}
	return fmt.Sprintf("ensemble.%d.", k)
}

// NamedLayers returns the weights and biases of layers as tensors; prefix precedes their names.
func NamedLayers(prefix string, layers []Layer) []safetensors.Tensor {
	var out []safetensors.Tensor
	for i, l := range layers {
		out = append(out,
			safetensors.Tensor{Name: prefix + WeightsName(i), Shape: []int{l.In, l.Out}, Values: l.Weights},
			safetensors.Tensor{Name: prefix + BiasesName(i), Shape: []int{l.Out}, Values: l.Biases})
	}
	return out
}

// FirstNotFinite returns the index of the first NaN or infinity, or -1.
func FirstNotFinite(values []float32) int {
	return slices.IndexFunc(values, func(v float32) bool { return v-v != 0 })
}
