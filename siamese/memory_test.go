package siamese

import (
	"errors"
	"slices"
	"testing"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// A run that cannot fit is refused before it allocates, with what it needs, what is free and what to lower.
func TestTrainNeedsMemory(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Pretend(1_000_000_000)()
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for name, c := range map[string]struct {
		change func(*Config)
		need   float64 // bytes, at least
	}{
		"layers":          {func(c *Config) { c.Layers = []int{20000, 20000} }, 6 * 4 * 20000 * 20000},
		"pairs_per_epoch": {func(c *Config) { c.PairsPerEpoch = 400_000_000 }, 8e9},
		"val_pairs":       {func(c *Config) { c.ValPairs = 400_000_000 }, 8e9},
		"batch_pairs": {func(c *Config) {
			c.Loss, c.Monitor, c.BatchPairs, c.PairsPerEpoch = labtest.LossOf("supcon"), MonitorMAP, 1<<16, 1<<16
		}, 4 * (1 << 34)},
		"xbm_size": {func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP, 2*c.BatchPairs*100_000
		}, 1e9},
	} {
		cfg := toyConfig()
		c.change(&cfg)
		if err := cfg.Validate(); err != nil {
			t.Fatal(err)
		}
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		var found *memory.Error
		if !errors.As(err, &found) || found.Need < c.need || found.Need > 20*c.need || found.Free != 1e9 ||
			!slices.Equal(found.Fix.Options(), []string{name}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Counts that no machine holds are errors of the configuration.
func TestConfigBounds(t *testing.T) {
	const most = int(^uint(0) >> 1)
	cfg := DefaultConfig()
	cfg.BatchPairs, cfg.PairsPerEpoch, cfg.ValPairs, cfg.SamplesPerClass, cfg.XBMSize = most, most, most, most, most
	cfg.Epochs, cfg.Patience, cfg.WarmupSteps, cfg.Devices, cfg.Preprocess.Components = most, most, most, most, most
	cfg.Layers = make([]int, 101)
	names := option.Names(cfg.Validate())
	for _, want := range []string{"batch_pairs", "pairs_per_epoch", "val_pairs", "samples_per_class", "xbm_size",
		"epochs",
		"patience", "warmup_steps", "devices", "preprocess.components", "layers"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing in %q", want, names)
		}
	}
	cfg = DefaultConfig()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.BatchPairs = 1_000_000, 1_000_000, 1
	labtest.WantOptions(t, cfg.Validate(), "epochs")
}
