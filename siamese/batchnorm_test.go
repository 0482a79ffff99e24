package siamese

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/streams"
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

// toyRun returns a run of toy items that was not begun.
func toyRun(t *testing.T, backend *Backend, cfg Config) *run {
	t.Helper()
	task, err := classTask(cfg, toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(t.Context(), backend, cfg, task, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.close)
	return r
}

// Biases beneath batch norm change nothing, and rounding does not move them.
func TestBatchNormKeepsBiases(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		cfg := toyConfig()
		cfg.BatchNorm, cfg.AverageDecay, cfg.Epochs = true, 0.8, 2 // the compiled step is that of TestBatchNormAveraged
		r := toyRun(t, backend, cfg)
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

// The model of a run that averages has averages throughout: the statistics of batch norm belong to the weights beneath.
func TestBatchNormAveraged(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		cfg := toyConfig()
		cfg.BatchNorm, cfg.AverageDecay = true, 0.8
		r := toyRun(t, backend, cfg)
		names := []string{weightsName(0), scaleName(0), shiftName(0), runningMeanName(0), runningVarianceName(0)}
		want := map[string][]float64{}
		for _, name := range names {
			want[name] = widen(flat(t, r.stepper.state.get(name)))
		}
		const steps = 6
		drawn, err := r.sampler.draw(steps, streams.Rand(1, 2), nil)
		if err != nil {
			t.Fatal(err)
		}
		for step := 1; step <= steps; step++ {
			if _, err := r.stepper.advance(drawn.part(step-1, step, steps)); err != nil {
				t.Fatal(err)
			}
			keep := min(0.8, float64(1+step)/float64(10+step))
			for _, name := range names {
				for i, v := range flat(t, r.stepper.state.get(name)) {
					want[name][i] = keep*want[name][i] + (1-keep)*float64(v)
				}
			}
		}
		layers, err := r.stepper.layers(r.result.Model.Layers)
		if err != nil {
			t.Fatal(err)
		}
		got, last := layers[0], flat(t, r.stepper.state.get(runningVarianceName(0)))
		moved := false
		for o := range got.Out {
			factor := want[scaleName(0)][o] / math.Sqrt(want[runningVarianceName(0)][o]+normEpsilon)
			for i := range got.In {
				if w := want[weightsName(0)][i*got.Out+o] * factor; !near(float64(got.Weights[i*got.Out+o]), w, 1e-4) {
					t.Fatalf("weight %d of unit %d is %v, want %v", i, o, got.Weights[i*got.Out+o], w)
				}
			}
			if b := want[shiftName(0)][o] - want[runningMeanName(0)][o]*factor; !near(float64(got.Biases[o]), b, 1e-4) {
				t.Fatalf("bias of unit %d is %v, want %v", o, got.Biases[o], b)
			}
			moved = moved || !near(float64(last[o]), want[runningVarianceName(0)][o], 1e-2)
		}
		if !moved {
			t.Error("the last statistics are the averaged ones: the test shows nothing")
		}
	})
}
