package encoder

import (
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Layer is one dense layer: y = ReLU(x W + b).
type Layer struct {
	In, Out int
	Weights []float32 // [In, Out], row by row
	Biases  []float32 // [Out]
}

// Init returns the layers, of the given widths, of an encoder of f preprocessed features before any training:
// weights drawn evenly from ±sqrt(6/(in+out)) (Glorot and Bengio 2010) and zero biases. The numbers come from the seed
// alone, so every backend starts from the same ones.
func Init(f int, widths []int, seed uint64) []Layer {
	return InitFrom(streams.Rand(seed, streams.Weights), f, widths)
}

// InitFrom is [Init] with random numbers of the caller's.
func InitFrom(rng *rand.Rand, f int, widths []int) []Layer {
	layers := make([]Layer, len(widths))
	for i, width := range widths {
		layer := Layer{In: f, Out: width, Weights: make([]float32, f*width), Biases: make([]float32, width)}
		limit := math.Sqrt(6 / float64(f+width))
		for k := range layer.Weights {
			layer.Weights[k] = float32((2*rng.Float64() - 1) * limit)
		}
		layers[i], f = layer, width
	}
	return layers
}
