package siamese

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/labdevice"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/loss"
)

// Every loss learns a separable problem.
func TestTrainWithEveryLoss(t *testing.T) {
	backend, err := labdevice.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := toyConfig()
			cfg.Monitor = MonitorMAP
			cfg.Loss, cfg.ProxyLRMultiplier = labtest.LossOf(name), 10
			result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			first, best := result.History[0], result.History[result.Best-1]
			if best.ValAUC < 0.9 || result.History[len(result.History)-1].Loss >= first.Loss {
				t.Errorf("ROC-AUC %.3f, losses from %.4f on: %+v", best.ValAUC, first.Loss, result.History)
			}
			again, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil || !cmp.Equal(again.Model.Layers, result.Model.Layers) {
				t.Errorf("%v: the same seed gave other weights", err)
			}
		})
	}
}

// On XLA the loop inside the graph holds a loss on all pairs of a batch as well.
func TestTrainSupConOnEveryBackend(t *testing.T) {
	labdevice.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		cfg := toyConfig()
		cfg.Monitor, cfg.PairsPerEpoch = MonitorMAP, 40*cfg.BatchPairs // more than one call an epoch
		cfg.Loss = labtest.LossOf("supcon")
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if best := result.History[result.Best-1]; best.ValAUC < 0.9 {
			t.Errorf("ROC-AUC %.3f", best.ValAUC)
		}
	})
}

// A class whose items do not all come in an epoch goes on in the next one: all of them come before one comes again.
func TestClassSamplerGoesOn(t *testing.T) {
	frame := labtest.ClassFrame(map[string]int{"a": 3, "b": 1000})
	s, err := batch.NewClassSampler(frame, "", 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	count, cfg := make([]int, frame.N()), DefaultConfig()
	for epoch := 1; epoch <= 60; epoch++ { // some 50 items of b each
		drawn, err := s.Draw(4, streams.Epoch(cfg.Seed, epoch), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range drawn.Items {
			count[item]++
		}
	}
	var of [2][]int
	names, index := frame.Classes()
	for i, n := range count {
		of[index[i]] = append(of[index[i]], n)
	}
	for c, counts := range of {
		if low, high := slices.Min(counts), slices.Max(counts); low < 2 || names[c] == "b" && high > low+1 {
			t.Errorf("class %s: an item came %d times, another %d times", names[c], low, high)
		}
	}
}
