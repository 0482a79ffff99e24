//go:build cgo

package acceptance_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
)

// Training on 2 devices follows the losses of one device and ends at its weights. Only the order of sums differs. Hard
// pairs, and four devices, are in TestMiningOnDevices of the package siamese.
func TestTrainingOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	train, val := labtest.Toy("t", 4, 25, 24, 1, 7), labtest.Toy("v", 4, 10, 24, 1, 8)
	train = train.Select(labtest.Seq(99)) // no multiple of the devices: the last part of the features is padded
	for _, c := range []struct {
		name      string
		change    func(c *siamese.Config)
		tolerance float64
	}{
		{"mse", func(*siamese.Config) {}, 1e-5},
		{"average, batch norm", func(c *siamese.Config) { c.EMADecay, c.BatchNorm = 0.9, true }, 1e-5},
		// a sum of other last bits may round to the bfloat16 beside
		{"bfloat16", func(c *siamese.Config) { c.Precision = siamese.PrecisionBFloat16 }, 1e-2},
		{"supcon", func(c *siamese.Config) {
			c.Loss, c.Monitor = labtest.LossOf("supcon"), siamese.MonitorMAP
		}, 1e-5},
		{"supcon, memory", func(c *siamese.Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), siamese.MonitorMAP, 64
		}, 1e-5},
	} {
		cfg := toymodel.Config()
		cfg.Layers, cfg.BatchPairs, cfg.Dropout, cfg.LearningRate = []int{32, 16}, 16, 0.1, 0.003
		cfg.PairsPerEpoch, cfg.Epochs = 8*cfg.BatchPairs, 5 // 40 steps
		c.change(&cfg)
		run := func(t *testing.T, devices int) *siamese.Result {
			cfg.Devices = devices
			result, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		want := run(t, 1)
		t.Run(c.name, func(t *testing.T) {
			got := run(t, 2)
			var loss, param float64
			for i, w := range want.History {
				loss = max(loss, math.Abs(got.History[i].Loss-w.Loss)/w.Loss)
			}
			for l, layer := range want.Model.Layers {
				for k, w := range layer.Weights {
					param = max(param, math.Abs(float64(got.Model.Layers[l].Weights[k]-w)))
				}
			}
			if t.Logf("losses differ by %.2g at most, weights by %.2g", loss, param); got.Best != want.Best ||
				!(loss <= c.tolerance) || !(param <= c.tolerance) {
				t.Errorf("losses differ by %.2g, weights by %.2g, best epochs %d and %d", loss, param, got.Best, want.Best)
			}
		})
		first, last := want.History[0].Loss, want.History[len(want.History)-1].Loss
		if cfg.XBMSize == 0 && !(last < 0.9*first) { // pairs get harder with the model
			t.Errorf("%s: the loss went from %.4f to %.4f: nothing was learned that could differ", c.name, first, last)
		}
	}
}

// A run on two devices that was cut off resumes to the same bits, on two devices only.
func TestResumeOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toymodel.Config()
	cfg.Devices = 2
	want, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	opts := siamese.TrainOptions{State: t.TempDir()}
	ctx, cancel := context.WithCancel(t.Context())
	opts.Progress = func(p siamese.Progress) {
		if p.Last != nil && p.Last.Number == 2 {
			cancel()
		}
	}
	if _, err := siamese.Train(ctx, backend, cfg, train, val, opts); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	got, err := siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{State: opts.State})
	if err != nil {
		t.Fatal(err)
	}
	if got.Resumed == 0 {
		t.Error("nothing was resumed")
	}
	if diff := cmp.Diff(want.Model.Layers, got.Model.Layers); diff != "" {
		t.Errorf("weights differ: %s", diff)
	}
	cfg.Devices = 1
	_, err = siamese.Train(t.Context(), backend, cfg, train, val, siamese.TrainOptions{State: opts.State})
	labtest.WantOptions(t, err, "devices")
}
