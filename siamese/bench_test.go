package siamese

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/go-siamese/lab/data"
)

// benchFrame is 4,096 items of 2,000 random features: the work on which other libraries are compared.
func benchFrame() *data.Frame {
	const n, f = 4096, 2000
	rng := rand.New(rand.NewPCG(1, 1))
	frame := &data.Frame{X: make([]float32, n*f), Blocks: []data.Block{{Name: "f", Start: 0, End: f}}}
	for i := range frame.X {
		frame.X[i] = rng.Float32()
	}
	for i := range n {
		frame.IDs = append(frame.IDs, strconv.Itoa(i))
		frame.Labels = append(frame.Labels, strconv.Itoa(i%20))
	}
	for k := range f {
		frame.Columns = append(frame.Columns, "f"+strconv.Itoa(k))
	}
	return frame
}

// BenchmarkTrain measures training on the backend that OpenBackend("") chooses, pair sampling included,
// compilation not.
func BenchmarkTrain(b *testing.B) {
	b.Run("B=128/F=2000", func(b *testing.B) {
		backend, err := OpenBackend("")
		if err != nil {
			b.Fatal(err)
		}
		frame, cfg := benchFrame(), DefaultConfig()
		sampler, err := NewPairSampler(frame, cfg.WithinDomain)
		if err != nil {
			b.Fatal(err)
		}
		scaler, err := fitScaler(cfg.Scaling, frame)
		if err != nil {
			b.Fatal(err)
		}
		mean, inverse := affine(scaler)
		layers := initLayers(frame.F(), cfg.Layers, newRand(cfg.Seed, streamWeights))
		s, err := newStepper(backend.Backend, cfg, layers, frame.X, frame.F(), mean, inverse)
		if err != nil {
			b.Fatal(err)
		}
		defer s.close()
		size, rng := cfg.BatchPairs, newRand(1, 1)
		call := func() {
			pairs := sampler.draw(size*s.perCall, rng)
			var items []int32
			for k := 0; k < pairs.Len(); k += size {
				items = append(append(items, pairs.Left[k:k+size]...), pairs.Right[k:k+size]...)
			}
			if err := s.advance(items, pairs.Label); err != nil {
				b.Fatal(err)
			}
			if _, err := s.takeLoss(); err != nil {
				b.Fatal(err)
			}
		}
		call()
		var pairs int
		for b.Loop() {
			call()
			pairs += size * s.perCall
		}
		b.ReportMetric(float64(pairs)/b.Elapsed().Seconds(), "pairs/s")
	})
}

// BenchmarkEmbed measures embedding on the backend that OpenBackend("") chooses, compilation not included.
func BenchmarkEmbed(b *testing.B) {
	backend, err := OpenBackend("")
	if err != nil {
		b.Fatal(err)
	}
	frame, cfg := benchFrame(), DefaultConfig()
	scaler, err := fitScaler(cfg.Scaling, frame)
	if err != nil {
		b.Fatal(err)
	}
	model := &Model{Config: cfg, Scaler: scaler, Layers: initLayers(frame.F(), cfg.Layers, newRand(cfg.Seed, streamWeights))}
	defer model.Close()
	embed := func() {
		if _, err := model.Embed(context.Background(), backend, frame); err != nil {
			b.Fatal(err)
		}
	}
	embed()
	var items int
	for b.Loop() {
		embed()
		items += frame.N()
	}
	b.ReportMetric(float64(items)/b.Elapsed().Seconds(), "items/s")
}
