package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/encodertest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// stepCase is a stepper on a tiny network with everything an oracle needs.
type stepCase struct {
	cfg     Config
	layers  []encoder.Layer
	x       []float32
	f       int
	items   []int32
	labels  []float32
	masks   [][][]float64 // of every row of the batch, of every layer
	rows    [][]float64   // of the batch
	stepper *step.Stepper
	batch   int
}

func newStepCase(t *testing.T, backend *device.Backend, dropout float64, nested ...int) *stepCase {
	t.Helper()
	rng := rand.New(rand.NewPCG(6, 1))
	c := &stepCase{cfg: toyConfig(), f: 6, batch: 4}
	c.cfg.Layers, c.cfg.Dropout, c.cfg.Seed, c.cfg.LearningRate = []int{7, 5}, dropout, 1<<33+5, 0.003
	c.cfg.Nested = nested
	const n = 10
	c.x = labtest.Normals(rng, n*c.f, 2)
	c.layers = encoder.Init(c.f, c.cfg.Layers, 3) // with this seed no unit is within rounding of the kink of ReLU
	for i := range c.layers {
		copy(c.layers[i].Biases, labtest.Normals(rng, c.layers[i].Out, 0.2))
	}
	c.cfg.BatchPairs = c.batch
	c.items = []int32{0, 3, 9, 7 /* right: */, 1, 3, 2, 8}
	c.labels = []float32{1, 1, 0, 0}
	for _, i := range c.items {
		c.rows = append(c.rows, labtest.Widen(c.x[int(i)*c.f:(int(i)+1)*c.f]))
	}
	var err error
	c.stepper, err = step.New(backend.Backend, stepOptions(c.cfg, 100), c.layers, n, batch.Contents{},
		func(x []float32, start int) error { copy(x, c.x[start*c.f:]); return nil })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.stepper.Close(); err != nil {
			t.Error(err)
		}
	})
	c.masks = stepMasks(t, backend, c.cfg, 2*c.batch, 1)
	return c
}

// batches returns the case's only batch.
func (c *stepCase) batches() batch.Batches { return batch.Batches{Items: c.items, Labels: c.labels} }

// stepMasks returns the factors that dropout applies to the rows of a batch in a step.
func stepMasks(t *testing.T, backend *device.Backend, cfg Config, rows int, step uint32) [][][]float64 {
	t.Helper()
	masks := make([][][]float64, rows)
	for i, width := range cfg.Layers {
		units := make([]float32, rows*width)
		for k := range units {
			units[k] = 1
		}
		if cfg.Dropout > 0 {
			units = encodertest.Dropped(t, backend, rows, width, cfg.Dropout,
				step+(uint32(cfg.Seed)^uint32(cfg.Seed>>32)), uint32(2*i))
		}
		for r := range rows {
			masks[r] = append(masks[r], labtest.Widen(units[r*width:(r+1)*width]))
		}
	}
	return masks
}

// One whole step, from rows of the resident features to the new weights, against an oracle that differentiates
// the loss numerically.
func TestStepAgainstOracle(t *testing.T) {
	for _, with := range []struct {
		dropout float64
		nested  []int
	}{{0, nil}, {0.3, nil}, {0, []int{2, 4}}} {
		t.Run(fmt.Sprintf("dropout=%v,nested=%v", with.dropout, with.nested), func(t *testing.T) {
			devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
				c := newStepCase(t, backend, with.dropout, with.nested...)
				losses, err := c.stepper.Advance(c.batches())
				if err != nil {
					t.Fatal(err)
				}
				layers := encodertest.OracleLayers(c.layers)
				loss := func() float64 { return oracleLoss(c.rows, c.labels, layers, c.masks, with.nested...) }
				want := loss()
				grads := differences(layers, loss)
				for p, name := range c.stepper.Program.Parameters() {
					// 0.1 of the gradient after the first step
					first := tensortest.Flat(t, c.stepper.State.Get(step.FirstMomentName(name)))
					// 0.001 of its square: the root has the gradient's scale
					root := tensortest.Flat(t, c.stepper.State.Get(step.SecondMomentName(name)))
					moment, size := make([]float64, len(first)), make([]float64, len(first))
					for k, g := range grads[p] {
						moment[k], size[k] = 0.1*g, math.Abs(g)
						root[k] = float32(math.Sqrt(float64(root[k]) / 0.001))
					}
					labtest.WantNear(t, "first moment of "+name, first, moment, 2e-6)
					labtest.WantNear(t, "root of the second moment of "+name, root, size, 2e-5)
				}
				if labtest.MaxAbs(grads[0]) < 1e-3 {
					t.Errorf("the gradients are too small to test anything: %v", grads[0])
				}
				after, err := c.stepper.Layers(c.layers)
				if err != nil {
					t.Fatal(err)
				}
				for l := range after {
					checkMoved(t, c.layers[l].Weights, after[l].Weights, grads[2*l], c.cfg.LearningRate)
					checkMoved(t, c.layers[l].Biases, after[l].Biases, grads[2*l+1], c.cfg.LearningRate)
				}
				if len(losses) != 1 || !labtest.Near(float64(losses[0]), want, 1e-5) {
					t.Errorf("losses %v, want %v", losses, want)
				}
			})
		})
	}
}

// checkMoved fails unless every parameter moved as Adam's first step does for its gradient.
func checkMoved(t *testing.T, before, after []float32, grads []float64, rate float64) {
	t.Helper()
	for k, g := range grads {
		if g != 0 && math.Abs(g) < 1e-5 {
			continue // the numeric gradient's own error decides the direction
		}
		want := (&oracleAdam{}).move(float64(before[k]), g, rate, 1)
		if math.Abs(float64(after[k])-want) > 1e-3*rate {
			t.Errorf("parameter %d went from %v to %v, want %v (gradient %v)", k, before[k], after[k], want, g)
		}
	}
}

// Several steps: the loss of each follows the oracle's, which differentiates numerically and keeps its own
// moments; new masks are drawn at every step.
func TestStepsAgainstOracle(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		c := newStepCase(t, backend, 0.3)
		layers := encodertest.OracleLayers(c.layers)
		var moments [][]oracleAdam
		for step := 1; step <= 6; step++ {
			masks := stepMasks(t, backend, c.cfg, 2*c.batch, uint32(step))
			loss := func() float64 { return oracleLoss(c.rows, c.labels, layers, masks) }
			want, grads := loss(), differences(layers, loss)
			losses, err := c.stepper.Advance(c.batches())
			if err != nil {
				t.Fatal(err)
			}
			if !labtest.Near(float64(losses[0]), want, 2e-4) {
				t.Errorf("step %d: loss %v, want %v", step, losses[0], want)
			}
			if moments == nil {
				for _, g := range grads {
					moments = append(moments, make([]oracleAdam, len(g)))
				}
			}
			for l := range layers {
				k := 0
				for _, row := range layers[l].W {
					for o := range row {
						row[o] = moments[2*l][k].move(row[o], grads[2*l][k], c.cfg.LearningRate, step)
						k++
					}
				}
				for o := range layers[l].B {
					layers[l].B[o] = moments[2*l+1][o].move(layers[l].B[o], grads[2*l+1][o], c.cfg.LearningRate, step)
				}
			}
		}
	})
}

// The host's slices stay the host's: no step writes into the weights or features that it was given.
func TestStepLeavesItsInputsAlone(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		c := newStepCase(t, backend, 0.1)
		fresh := newStepCase(t, backend, 0.1)
		for range 3 {
			if _, err := c.stepper.Advance(c.batches()); err != nil {
				t.Fatal(err)
			}
		}
		kept, err := c.stepper.Layers(c.layers)
		if err != nil {
			t.Fatal(err)
		}
		before := fmt.Sprint(kept)
		if _, err := c.stepper.Advance(c.batches()); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(kept) != before {
			t.Error("weights that were read out changed with the next step")
		}
		if diff := cmp.Diff(fresh.layers, c.layers); diff != "" {
			t.Errorf("the first weights changed: %s", diff)
		}
		if !cmp.Equal(fresh.x, c.x) || !cmp.Equal(fresh.items, c.items) || !cmp.Equal(fresh.labels, c.labels) {
			t.Error("features, items or labels changed")
		}
	})
}

func TestBackendsAgree(t *testing.T) {
	var want []encoder.Layer
	for _, backend := range devicetest.SeveralBackends(t) {
		c := newStepCase(t, backend, 0.2)
		for range 5 {
			if _, err := c.stepper.Advance(c.batches()); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.stepper.Layers(c.layers)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		for l := range got {
			labtest.WantNear(t, fmt.Sprintf("%s: weights of layer %d", backend.Name(), l), got[l].Weights,
				labtest.Widen(want[l].Weights), 1e-4)
			labtest.WantNear(t, fmt.Sprintf("%s: biases of layer %d", backend.Name(), l), got[l].Biases,
				labtest.Widen(want[l].Biases), 1e-4)
		}
	}
}
