package encoder

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Layer is one dense layer: y = ReLU(x W + b).
type Layer struct {
	In, Out int
	Weights []float32 // [In, Out], row by row
	Biases  []float32 // [Out]
}

// Init returns the initial layers, of the given widths, of an encoder for f preprocessed features: weights uniform in
// ±sqrt(6/(in+out)) (Glorot and Bengio 2010) and zero biases. They depend on the seed only, not on the backend.
func Init(f int, widths []int, seed uint64) []Layer {
	rng := streams.Rand(seed, streams.Weights)
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

// InitAll returns the initial layers of several encoders, by the widths of the layers of each: those of [Init], each
// with a seed of its own that follows from seed; of the first it is seed.
func InitAll(f int, widths [][]int, seed uint64) [][]Layer {
	out := make([][]Layer, len(widths))
	for k := range widths {
		out[k] = Init(f, widths[k], streams.Encoder(seed, k))
	}
	return out
}

// String returns the sizes of the layer.
func (l Layer) String() string { return fmt.Sprintf("dense layer, %d to %d", l.In, l.Out) }
