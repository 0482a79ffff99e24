package siamese

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// Batch norm against plain loops, and a folded layer against the layer and batch norm that it was folded from.
func TestBatchNorm(t *testing.T) {
	const rows, width = 12, 5
	rng := rand.New(rand.NewPCG(3, 1))
	x, scale, shift := normals(rng, rows*width, 3), normals(rng, width, 1), normals(rng, width, 1)
	mean, variance := normals(rng, width, 1), make([]float32, width)
	for o := range variance {
		variance[o] = rng.Float32() + 0.1
	}
	names := []string{scaleName(0), shiftName(0), runningMeanName(0), runningVarianceName(0)}
	onBackends(t, func(t *testing.T, backend *Backend) {
		out := run1(t, backend, func(in []*Node) []*Node {
			state := nodesOf(names, in[:4])
			y := state.batchNorm(0, in[4])
			return append(state.list(), y)
		}, vector(scale), vector(shift), vector(mean), vector(variance), matrix(x, rows, width))
		for o := range width {
			var m, v float64
			for r := range rows {
				m += float64(x[r*width+o]) / rows
			}
			for r := range rows {
				d := float64(x[r*width+o]) - m
				v += d * d / rows
			}
			if want := 0.9*float64(mean[o]) + 0.1*m; !near(float64(out[2][o]), want, 1e-5) {
				t.Errorf("running mean %d is %v, want %v", o, out[2][o], want)
			}
			if want := 0.9*float64(variance[o]) + 0.1*v; !near(float64(out[3][o]), want, 1e-5) {
				t.Errorf("running variance %d is %v, want %v", o, out[3][o], want)
			}
			for r := range rows {
				want := (float64(x[r*width+o])-m)/math.Sqrt(v+1e-3)*float64(scale[o]) + float64(shift[o])
				if got := float64(out[4][r*width+o]); !near(got, want, 1e-5) {
					t.Errorf("unit %d of row %d is %v, want %v", o, r, got, want)
				}
			}
		}
	})
	layer := Layer{In: 3, Out: width, Weights: normals(rng, 3*width, 1), Biases: normals(rng, width, 1)}
	before := Layer{In: 3, Out: width, Weights: append([]float32{}, layer.Weights...), Biases: append([]float32{}, layer.Biases...)}
	foldNorm(layer, scale, shift, mean, variance)
	row := []float64{0.3, -1, 2}
	dense := func(l Layer, o int) float64 {
		sum := float64(l.Biases[o])
		for i, v := range row {
			sum += v * float64(l.Weights[i*width+o])
		}
		return sum
	}
	for o := range width {
		want := (dense(before, o)-float64(mean[o]))/math.Sqrt(float64(variance[o])+1e-3)*float64(scale[o]) + float64(shift[o])
		if got := dense(layer, o); !near(got, want, 1e-5) {
			t.Errorf("the folded unit %d gives %v, want %v", o, got, want)
		}
	}
}

// Biases beneath batch norm change nothing, and rounding does not move them.
func TestBatchNormKeepsBiases(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		cfg := toyConfig()
		cfg.BatchNorm, cfg.Epochs = true, 2
		task, err := classTask(cfg, toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := newRun(t.Context(), backend, cfg, task, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.close()
		for !r.ended() {
			if err := r.epoch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i := range cfg.Layers {
			if biases := flat(t, r.stepper.state.get(biasesName(i))); slices.ContainsFunc(biases, func(b float32) bool { return b != 0 }) {
				t.Errorf("layer %d: biases are %v", i, biases)
			}
			if shifts := flat(t, r.stepper.state.get(shiftName(i))); !slices.ContainsFunc(shifts, func(b float32) bool { return b != 0 }) {
				t.Errorf("layer %d: the shifts stayed 0: nothing was trained", i)
			}
		}
	})
}
