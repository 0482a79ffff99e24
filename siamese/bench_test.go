package siamese

import (
	"context"
	"fmt"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

// BenchmarkTrain measures training on the backend that OpenBackend("") chooses, pair sampling included,
// compilation not.
func BenchmarkTrain(b *testing.B) {
	b.Run("B=128/F=2000", func(b *testing.B) {
		backend, err := device.Open("")
		if err != nil {
			b.Fatal(err)
		}
		benchTrain(b, backend, 1)
	})
}

func benchTrain(b *testing.B, backend *device.Backend, devices int) {
	b.Helper()
	frame, cfg := labtest.BenchFrame(), DefaultConfig()
	cfg.Devices = devices
	sampler, err := pairs.NewSampler(frame, samplerOptions(cfg))
	if err != nil {
		b.Fatal(err)
	}
	model, err := Untrained(b.Context(), cfg, frame)
	if err != nil {
		b.Fatal(err)
	}
	s, err := step.New(backend.Backend, stepOptions(cfg, 1_000_000), model.Layers, frame.N(), batch.Contents{},
		func(x []float32, start int) error {
			return model.Transform.Apply(x, frame.X[start*frame.F():start*frame.F()+len(x)])
		})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	size, rng := cfg.BatchPairs, streams.Rand(1, 1)
	call := func() {
		pairs := labtest.Must(sampler.DrawFrom(rng, size*s.PerCall))
		if _, err := s.Advance(batch.Batches{Items: batch.Sides(pairs.Left, pairs.Right, size),
			Labels: pairs.Label}); err != nil {
			b.Fatal(err)
		}
	}
	call()
	var pairs int
	for b.Loop() {
		call()
		pairs += size * s.PerCall
	}
	b.ReportMetric(float64(pairs)/b.Elapsed().Seconds(), "pairs/s")
}

// BenchmarkEmbed measures embedding on the backend that OpenBackend("") chooses, compilation not included: of many
// items, and of one, as a query has it.
func BenchmarkEmbed(b *testing.B) {
	backend, err := device.Open("")
	if err != nil {
		b.Fatal(err)
	}
	frame, cfg := labtest.BenchFrame(), DefaultConfig()
	model, err := Untrained(b.Context(), cfg, frame)
	if err != nil {
		b.Fatal(err)
	}
	defer model.Close()
	for _, f := range []*data.Frame{frame, frame.Select([]int{7})} {
		b.Run(fmt.Sprintf("N=%d/F=%d", f.N(), f.F()), func(b *testing.B) {
			embed := func() {
				if _, err := model.Embed(context.Background(), backend, f); err != nil {
					b.Fatal(err)
				}
			}
			embed()
			var items int
			for b.Loop() {
				embed()
				items += f.N()
			}
			b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
		})
	}
}
