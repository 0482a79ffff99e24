package siamese

import (
	"math"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// toyRun returns a run of toy items that was not begun.
func toyRun(t *testing.T, backend *device.Backend, cfg Config) *run {
	t.Helper()
	task, err := classTask(cfg, labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2), TrainOptions{})
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
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		cfg := toyConfig()
		cfg.BatchNorm, cfg.EMADecay, cfg.Epochs = true, 0.8, 2 // the compiled step is that of TestBatchNormAveraged
		r := toyRun(t, backend, cfg)
		for !r.ended() {
			if err := r.epoch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for i := range cfg.Layers {
			if biases := tensortest.Flat(t, r.members[0].stepper.State.Get(encoder.BiasesName(i))); slices.ContainsFunc(biases,
				func(b float32) bool { return b != 0 }) {
				t.Errorf("layer %d: biases are %v", i, biases)
			}
			if shifts := tensortest.Flat(t, r.members[0].stepper.State.Get(step.ShiftName(i))); !slices.ContainsFunc(shifts,
				func(b float32) bool { return b != 0 }) {
				t.Errorf("layer %d: the shifts stayed 0: nothing was trained", i)
			}
		}
	})
}

// The model of a run that averages has averages throughout: the statistics of batch norm belong to the weights beneath.
func TestBatchNormAveraged(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		cfg := toyConfig()
		cfg.BatchNorm, cfg.EMADecay = true, 0.8
		r := toyRun(t, backend, cfg)
		names := []string{encoder.WeightsName(0), step.ScaleName(0), step.ShiftName(0), step.RunningMeanName(0),
			step.RunningVarianceName(0)}
		want := map[string][]float64{}
		for _, name := range names {
			want[name] = labtest.Widen(tensortest.Flat(t, r.members[0].stepper.State.Get(name)))
		}
		const steps = 6
		drawn, err := r.members[0].sampler.Draw(steps, streams.Rand(1, 2), nil)
		if err != nil {
			t.Fatal(err)
		}
		for step := 1; step <= steps; step++ {
			if _, err := r.members[0].stepper.Advance(drawn.Part(step-1, step, steps)); err != nil {
				t.Fatal(err)
			}
			keep := min(0.8, float64(1+step)/float64(10+step))
			for _, name := range names {
				for i, v := range tensortest.Flat(t, r.members[0].stepper.State.Get(name)) {
					want[name][i] = keep*want[name][i] + (1-keep)*float64(v)
				}
			}
		}
		layers, err := r.members[0].stepper.Layers(r.result.Model.Layers)
		if err != nil {
			t.Fatal(err)
		}
		got, last := layers[0], tensortest.Flat(t, r.members[0].stepper.State.Get(step.RunningVarianceName(0)))
		moved := false
		for o := range got.Out {
			factor := want[step.ScaleName(0)][o] / math.Sqrt(want[step.RunningVarianceName(0)][o]+step.NormEpsilon)
			for i := range got.In {
				if w := want[encoder.WeightsName(0)][i*got.Out+o] *
					factor; !labtest.Near(float64(got.Weights[i*got.Out+o]), w, 1e-4) {
					t.Fatalf("weight %d of unit %d is %v, want %v", i, o, got.Weights[i*got.Out+o], w)
				}
			}
			if b := want[step.ShiftName(0)][o] -
				want[step.RunningMeanName(0)][o]*factor; !labtest.Near(float64(got.Biases[o]), b, 1e-4) {
				t.Fatalf("bias of unit %d is %v, want %v", o, got.Biases[o], b)
			}
			moved = moved || !labtest.Near(float64(last[o]), want[step.RunningVarianceName(0)][o], 1e-2)
		}
		if !moved {
			t.Error("the last statistics are the averaged ones: the test shows nothing")
		}
	})
}
