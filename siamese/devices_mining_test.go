//go:build cgo

package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

// recorder draws what its sampler draws, keeps it with the embeddings it was mined from, and may hand out other
// batches.
type recorder struct {
	batch.Sampler
	instead []batch.Batches         // trained on, an epoch each; nil = those drawn
	drawn   []batch.Batches         // an epoch each
	z       []*embedding.Embeddings // the same
}

func (r *recorder) Draw(n int, rng *rand.Rand, embed func() (*embedding.Embeddings, error)) (batch.Batches, error) {
	b, err := r.Sampler.Draw(n, rng, func() (*embedding.Embeddings, error) {
		z, err := embed()
		r.z = append(r.z, z)
		return z, err
	})
	r.drawn = append(r.drawn, b)
	if err == nil && r.instead != nil {
		b = r.instead[len(r.drawn)-1]
	}
	return b, err
}

// Hard pairs are mined on several devices as on one: every device holds the same state to the last bit, and on the
// pairs of one device the losses, the embeddings mined from and the pairs mined from them are those of one device. Only
// pairs that are equally hard but for rounding may be others.
func TestMiningOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	// embeddings were 1e-3 apart where biases beneath batch norm followed rounding
	const lossTolerance, tolerance = 1e-5, 1e-4
	for _, c := range []struct {
		name    string
		change  func(c *Config)
		devices []int
	}{
		{"average, batch norm", func(c *Config) { c.EMADecay, c.BatchNorm = 0.9, true }, []int{2}},
		{"plain", func(*Config) {}, []int{2, 4}},
	} {
		cfg := toyConfig()
		cfg.Layers, cfg.BatchPairs, cfg.Dropout, cfg.LearningRate, cfg.HardMining = []int{32, 16}, 16, 0.1, 0.003, 0.5
		cfg.PairsPerEpoch, cfg.Epochs = 8*cfg.BatchPairs, 5 // 40 steps
		c.change(&cfg)
		train := func(t *testing.T, devices int, instead []batch.Batches) (*run, *recorder) {
			t.Helper()
			cfg.Devices = devices
			// as in TestTrainingOnDevices: no multiple of the devices
			items := labtest.Toy("t", 4, 25, 24, 1, 7).Select(labtest.Seq(99))
			task, err := classTask(cfg, items, labtest.Toy("v", 4, 10, 24, 1, 8), TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			rec := &recorder{Sampler: task.samplers[0], instead: instead}
			task.samplers[0] = rec
			r, err := newRun(t.Context(), backend, cfg, task, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.close)
			for !r.ended() {
				if err := r.epoch(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			return r, rec
		}
		one, want := train(t, 1, nil)
		for _, devices := range c.devices {
			t.Run(fmt.Sprintf("%s/devices=%d", c.name, devices), func(t *testing.T) {
				several, got := train(t, devices, want.drawn)
				for i, on := range several.members[0].stepper.State.Spreads {
					for d := range on {
						if !slices.Equal(tensortest.Flat(t, on[0]), tensortest.Flat(t, on[d])) {
							t.Errorf("%s is another on device %d", several.members[0].stepper.State.Names[i], d)
						}
					}
				}
				var loss, cosine float64
				others := 0
				for i, e := range one.result.History {
					loss = max(loss, math.Abs(several.result.History[i].Loss-e.Loss)/e.Loss)
					for k, v := range want.z[i].Values {
						cosine = max(cosine, math.Abs(float64(got.z[i].Values[k]-v)))
					}
					others += othersMined(t, want.z[i], want.drawn[i], got.drawn[i], cfg.BatchPairs, tolerance)
				}
				t.Logf("losses differ by %.2g at most, embeddings by %.2g, %d pairs", loss, cosine, others)
				if !(loss <= lossTolerance) || !(cosine <= tolerance) {
					t.Errorf("losses differ by %.2g, embeddings by %.2g", loss, cosine)
				}
			})
		}
	}
}

// othersMined returns how many pairs of two epochs have other right sides, which must be as similar to the left one, by
// the embeddings z, to a tolerance.
func othersMined(t *testing.T, z *embedding.Embeddings, a, b batch.Batches, size int, tolerance float64) (others int) {
	t.Helper()
	for k, item := range a.Items {
		other := b.Items[k]
		if item == other {
			continue
		}
		others++
		if k%(2*size) < size {
			t.Errorf("place %d: the left side is %d and %d", k, item, other)
			continue
		}
		left := int(a.Items[k-size])
		if x, y := z.Cosine(left, int(item)), z.Cosine(left, int(other)); !(math.Abs(x-y) <= tolerance) {
			t.Errorf("place %d: %d is paired with %d and %d, of cosines %v and %v", k, left, item, other, x, y)
		}
	}
	return others
}
