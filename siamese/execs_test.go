package siamese

import (
	"sync"
	"testing"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// Steppers share a compiled step unless they differ in what it reads.
func TestStepsAreShared(t *testing.T) {
	backend, cache := devicetest.OwnBackend(t)
	stepperOf := func(items int, change func(c *Config)) *step.Stepper {
		cfg := toyConfig()
		change(&cfg)
		layers := encoder.Init(6, cfg.Layers, cfg.Seed)
		s, err := step.New(backend.Backend, stepOptions(cfg, 100), layers, items, batch.Contents{},
			func(x []float32, _ int) error { clear(x); return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	first := stepperOf(10, func(*Config) {})
	for name, test := range map[string]struct {
		items  int
		change func(c *Config)
		shared bool
	}{
		"the same": {10, func(*Config) {}, true},
		"a seed":   {10, func(c *Config) { c.Seed = 1 << 40 }, true},
		"a rate": {10, func(c *Config) {
			c.LearningRate, c.Schedule, c.WarmupSteps = 0.5, config.ScheduleCosine,
				3
		}, true},
		"more epochs":   {10, func(c *Config) { c.Epochs, c.PairsPerEpoch, c.Patience = 99, 64, 7 }, true},
		"hard pairs":    {10, func(c *Config) { c.HardMining = 0.5 }, true},
		"more items":    {11, func(*Config) {}, false},
		"dropout":       {10, func(c *Config) { c.Dropout += 0.01 }, false},
		"batch norm":    {10, func(c *Config) { c.BatchNorm = true }, false},
		"bfloat16":      {10, func(c *Config) { c.Precision = PrecisionBFloat16 }, false},
		"a loss":        {10, func(c *Config) { c.Loss = labtest.LossOf("contrastive") }, false},
		"its margin":    {10, func(c *Config) { c.Loss.Margin += 0.125 }, false},
		"smooth labels": {10, func(c *Config) { c.LabelSmoothing = 0.1 }, false},
		"an optimizer":  {10, func(c *Config) { c.Optimizer = config.OptimizerAdamW }, false},
		"decay":         {10, func(c *Config) { c.WeightDecay = 0.01 }, false},
		"momentum":      {10, func(c *Config) { c.Momentum = 0.5 }, false},
		"clipping":      {10, func(c *Config) { c.ClipNorm = 1 }, false},
		"an average":    {10, func(c *Config) { c.EMADecay = 0.9 }, false},
		"widths":        {10, func(c *Config) { c.Layers = []int{24, 9} }, false},
		"a layer":       {10, func(c *Config) { c.Layers = []int{24, 8, 8} }, false},
		"a batch":       {10, func(c *Config) { c.BatchPairs++ }, false},
	} {
		if s := stepperOf(test.items, test.change); (s.Exec.Exec == first.Exec.Exec) != test.shared {
			t.Errorf("%s: shared %v, want %v", name, !test.shared, test.shared)
		}
	}
	if n := first.Exec.Exec.Users; n != 6 || len(cache.List) != 16 {
		t.Errorf("%d users of the first of %d executors", n, len(cache.List))
	}
}

// Runs that share compiled graphs at the same time end with the bits of runs by themselves.
func TestSharedAtTheSameTime(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		run := func(seed uint64) *Result {
			cfg := toyConfig()
			cfg.Seed, cfg.Epochs = seed, 2
			result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil {
				t.Error(err)
			}
			return result
		}
		var together [3]*Result
		var group sync.WaitGroup
		for i := range together {
			group.Go(func() { together[i] = run(uint64(i)) })
		}
		group.Wait()
		for i, got := range together {
			if want := run(uint64(i)); got != nil && want != nil {
				wantSameRun(t, got, want)
			}
		}
	})
}
