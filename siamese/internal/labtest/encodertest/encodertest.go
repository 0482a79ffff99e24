// Package encodertest gives tests the encoder's oracle and dropout masks.
package encodertest

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Dropped returns what dropout makes of rows x columns ones.
func Dropped(t *testing.T, backend *device.Backend, rows, columns int, rate float64, step, layer uint32) []float32 {
	t.Helper()
	return devicetest.Run1(t, backend, func(in []*Node) []*Node {
		ones := Ones(in[0].Graph(), shapes.Make(dtypes.Float32, rows, columns))
		return []*Node{encoder.Dropout(ones, rate, in[0], layer)}
	}, tensors.FromScalar(step))[0]
}

// OracleLayers returns layers as the oracle has them.
func OracleLayers(layers []encoder.Layer) []labtest.OracleLayer {
	out := make([]labtest.OracleLayer, len(layers))
	for i, l := range layers {
		for r := range l.In {
			out[i].W = append(out[i].W, labtest.Widen(l.Weights[r*l.Out:(r+1)*l.Out]))
		}
		out[i].B = labtest.Widen(l.Biases)
	}
	return out
}
