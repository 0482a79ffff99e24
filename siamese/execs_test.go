package siamese

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// ownBackend returns a pure-Go backend for which nothing is compiled yet.
func ownBackend(t *testing.T) (backend *Backend, cache *execCache) {
	t.Helper()
	backend, err := OpenBackend("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	cached, ok := execCaches.Load(backend.Backend)
	if !ok {
		t.Fatal("the backend has no cache")
	}
	return backend, cached.(*execCache)
}

// Steppers share a compiled step unless they differ in what it reads.
func TestStepsAreShared(t *testing.T) {
	backend, cache := ownBackend(t)
	stepperOf := func(items int, change func(c *Config)) *stepper {
		cfg := toyConfig()
		change(&cfg)
		layers := initLayers(6, cfg.Layers, cfg.Seed)
		s, err := newStepper(backend.Backend, cfg.stepOptions(100), layers, items, contents{}, func(x []float32, _ int) error { clear(x); return nil })
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.close() })
		return s
	}
	first := stepperOf(10, func(*Config) {})
	for name, test := range map[string]struct {
		items  int
		change func(c *Config)
		shared bool
	}{
		"the same":      {10, func(*Config) {}, true},
		"a seed":        {10, func(c *Config) { c.Seed = 1 << 40 }, true},
		"a rate":        {10, func(c *Config) { c.LearningRate, c.Schedule, c.WarmupSteps = 0.5, ScheduleCosine, 3 }, true},
		"more epochs":   {10, func(c *Config) { c.Epochs, c.PairsPerEpoch, c.Patience = 99, 64, 7 }, true},
		"hard pairs":    {10, func(c *Config) { c.HardPairs = 0.5 }, true},
		"more items":    {11, func(*Config) {}, false},
		"dropout":       {10, func(c *Config) { c.Dropout += 0.01 }, false},
		"batch norm":    {10, func(c *Config) { c.BatchNorm = true }, false},
		"bfloat16":      {10, func(c *Config) { c.Precision = PrecisionBFloat16 }, false},
		"a loss":        {10, func(c *Config) { c.Loss = lossOf("contrastive") }, false},
		"its margin":    {10, func(c *Config) { c.Loss.Margin += 0.125 }, false},
		"smooth labels": {10, func(c *Config) { c.LabelSmoothing = 0.1 }, false},
		"an optimizer":  {10, func(c *Config) { c.Optimizer = OptimizerAdamW }, false},
		"decay":         {10, func(c *Config) { c.WeightDecay = 0.01 }, false},
		"momentum":      {10, func(c *Config) { c.Momentum = 0.5 }, false},
		"clipping":      {10, func(c *Config) { c.ClipNorm = 1 }, false},
		"an average":    {10, func(c *Config) { c.AverageDecay = 0.9 }, false},
		"widths":        {10, func(c *Config) { c.Layers = []int{24, 9} }, false},
		"a layer":       {10, func(c *Config) { c.Layers = []int{24, 8, 8} }, false},
		"a batch":       {10, func(c *Config) { c.BatchPairs++ }, false},
	} {
		if s := stepperOf(test.items, test.change); (s.exec.exec == first.exec.exec) != test.shared {
			t.Errorf("%s: shared %v, want %v", name, !test.shared, test.shared)
		}
	}
	if n := first.exec.exec.users; n != 6 || len(cache.list) != 16 {
		t.Errorf("%d users of the first of %d executors", n, len(cache.list))
	}
}

// Runs that share compiled graphs at the same time end with the bits of runs by themselves.
func TestSharedAtTheSameTime(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
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

// Of executors without a user only the latest are kept, and none once their backend is closed.
func TestExecsAreBounded(t *testing.T) {
	backend, cache := ownBackend(t)
	take := func(key string) *sharedExec {
		e, err := takeExec(backend.Backend, key, func() (*graph.Exec, error) {
			return graph.NewExec(backend.Backend, func(x *graph.Node) *graph.Node { return x })
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	live := func(e *sharedExec) bool {
		_, err := e.Call1(float32(2))
		return err == nil
	}
	used := take("used")
	var all []*sharedExec
	for i := range execsKept + 2 {
		all = append(all, take(fmt.Sprint("identity ", i)))
	}
	for _, e := range all {
		e.release()
	}
	if len(cache.list) != execsKept+1 || live(all[0]) || live(all[1]) || !live(all[2]) || !live(used) {
		t.Errorf("%d executors; of ten released ones in turn, alive: %v, %v, %v", len(cache.list), live(all[0]), live(all[1]), live(all[2]))
	}
	if e := take("identity 2"); e != all[2] || e.Name() != "identity" {
		t.Errorf("%q was not kept, or has another name", e.Name())
	}
	if e := take("identity 0"); e == all[0] || !live(e) {
		t.Error("an executor that was freed is given out again")
	}
	if take("used") != used || used.users != 2 {
		t.Errorf("%d users", used.users)
	}
	if e := take(""); slices.Contains(cache.list, e) {
		t.Error("what has no key is shared")
	}
	cache.close()
	if live(all[3]) || !live(used) {
		t.Error("closing frees what is in use, or keeps what is not")
	}
	used.release()
	if !live(used) {
		t.Error("one of two users frees what the other uses")
	}
	used.release()
	if live(used) {
		t.Error("the last user leaves an executor of a closed backend behind")
	}
}
