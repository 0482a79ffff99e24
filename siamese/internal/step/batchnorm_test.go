package step

import (
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

// Batch norm against plain loops, and a folded layer against the layer and batch norm that it was folded from.
func TestBatchNorm(t *testing.T) {
	const rows, width = 12, 5
	rng := rand.New(rand.NewPCG(3, 1))
	x, scale, shift := labtest.Normals(rng, rows*width, 3), labtest.Normals(rng, width, 1),
		labtest.Normals(rng, width, 1)
	mean, variance := labtest.Normals(rng, width, 1), make([]float32, width)
	for o := range variance {
		variance[o] = rng.Float32() + 0.1
	}
	names := []string{ScaleName(0), ShiftName(0), RunningMeanName(0), RunningVarianceName(0)}
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		out := devicetest.Run1(t, backend, func(in []*Node) []*Node {
			state := NameNodes(names, in[:4])
			y := state.batchNorm(0, in[4])
			return append(state.Nodes(), y)
		}, tensortest.Vector(scale), tensortest.Vector(shift), tensortest.Vector(mean), tensortest.Vector(variance),
			tensortest.Matrix(x, rows, width))
		for o := range width {
			var m, v float64
			for r := range rows {
				m += float64(x[r*width+o]) / rows
			}
			for r := range rows {
				d := float64(x[r*width+o]) - m
				v += d * d / rows
			}
			if want := 0.9*float64(mean[o]) + 0.1*m; !labtest.Near(float64(out[2][o]), want, 1e-5) {
				t.Errorf("running mean %d is %v, want %v", o, out[2][o], want)
			}
			if want := 0.9*float64(variance[o]) + 0.1*v; !labtest.Near(float64(out[3][o]), want, 1e-5) {
				t.Errorf("running variance %d is %v, want %v", o, out[3][o], want)
			}
			for r := range rows {
				want := (float64(x[r*width+o])-m)/math.Sqrt(v+1e-3)*float64(scale[o]) + float64(shift[o])
				if got := float64(out[4][r*width+o]); !labtest.Near(got, want, 1e-5) {
					t.Errorf("unit %d of row %d is %v, want %v", o, r, got, want)
				}
			}
		}
	})
	layer := encoder.Layer{In: 3, Out: width, Weights: labtest.Normals(rng, 3*width, 1),
		Biases: labtest.Normals(rng, width, 1)}
	before := encoder.Layer{In: 3, Out: width, Weights: append([]float32{}, layer.Weights...),
		Biases: append([]float32{}, layer.Biases...)}
	foldNorm(layer, scale, shift, mean, variance)
	row := []float64{0.3, -1, 2}
	dense := func(l encoder.Layer, o int) float64 {
		sum := float64(l.Biases[o])
		for i, v := range row {
			sum += v * float64(l.Weights[i*width+o])
		}
		return sum
	}
	for o := range width {
		want := (dense(before, o)-float64(mean[o]))/math.Sqrt(float64(variance[o])+1e-3)*float64(scale[o]) +
			float64(shift[o])
		if got := dense(layer, o); !labtest.Near(got, want, 1e-5) {
			t.Errorf("the folded unit %d gives %v, want %v", o, got, want)
		}
	}
}
