package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// oracleMove is one step of an optimiser for one number of a weight matrix, in float64.
func oracleMove(cfg Config, o *oracleAdam, p, grad, rate float64, stepNo int) float64 {
	decay := cfg.WeightDecay
	if cfg.Optimizer != config.OptimizerAdamW {
		grad, decay = grad+decay*p, 0
	}
	if cfg.Optimizer == config.OptimizerSGD {
		o.m = cfg.Momentum*o.m + grad
		return p - rate*o.m
	}
	return o.move(p, grad, rate, stepNo) - rate*decay*p
}

func TestOptimizersAgainstOracle(t *testing.T) {
	plain := func(name string) Config {
		cfg := toyConfig()
		cfg.Optimizer, cfg.LearningRate = name, 0.01
		return cfg
	}
	with := func(name string, change func(*Config)) Config {
		cfg := plain(name)
		change(&cfg)
		return cfg
	}
	for name, cfg := range map[string]Config{
		"adam":       plain(config.OptimizerAdam),
		"adam decay": with(config.OptimizerAdam, func(c *Config) { c.WeightDecay = 0.1 }),
		"adamw":      with(config.OptimizerAdamW, func(c *Config) { c.WeightDecay = 0.1 }),
		"sgd":        with(config.OptimizerSGD, func(c *Config) { c.Momentum = 0 }),
		"momentum":   with(config.OptimizerSGD, func(c *Config) { c.Momentum, c.WeightDecay = 0.9, 0.01 }),
		"clipped":    with(config.OptimizerSGD, func(c *Config) { c.Momentum, c.ClipNorm = 0, 0.5 }),
		"schedule":   with(config.OptimizerAdam, func(c *Config) { c.WarmupSteps, c.Schedule = 3, config.ScheduleCosine }),
	} {
		t.Run(name, func(t *testing.T) {
			devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) { testOptimizer(t, backend, cfg) })
		})
	}
}

func testOptimizer(t *testing.T, backend *device.Backend, cfg Config) {
	const steps = 12
	// Ordinary gradients, ones of very different sizes, of changing sign, and none at all.
	scales := []float64{1, 1e-6, 1, 0, 3e-7, 100}
	rng := rand.New(rand.NewPCG(5, 1))
	n := len(scales)
	name := encoder.WeightsName(0)
	names := []string{name, step.FirstMomentName(name)}
	if cfg.Optimizer != config.OptimizerSGD {
		names = append(names, step.SecondMomentName(name))
	}
	exec, err := NewExec(backend.Backend, func(in []*Node) []*Node {
		state := step.NameNodes(names, in[:len(names)])
		step.UpdateGraph(stepOptions(cfg, steps).GraphOptions, state, []string{name}, []*Node{in[len(names)]},
			step.NameStepNumbers(in[len(names)+1]))
		return state.Nodes()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	state := []*tensors.Tensor{tensortest.Vector(labtest.Normals(rng, n, 1))}
	for range names[1:] {
		state = append(state, tensortest.Vector(make([]float32, n)))
	}
	start := tensortest.Flat(t, state[0])
	want, oracle := labtest.Widen(start), make([]oracleAdam, n)
	for step := 1; step <= steps; step++ {
		grads := make([]float32, n)
		var norm float64
		for i, s := range scales {
			grads[i] = float32(s * (1 + 0.3*rng.NormFloat64()))
			if i == 2 && step%2 == 0 {
				grads[i] = -grads[i]
			}
			norm += float64(grads[i]) * float64(grads[i])
		}
		clip := 1.0
		if cfg.ClipNorm > 0 {
			clip = math.Min(1, cfg.ClipNorm/math.Sqrt(norm))
		}
		numbers := stepOptions(cfg, steps).NumbersOf(step).Values()
		args := make([]any, 0, len(state)+2)
		for _, s := range state {
			args = append(args, s)
		}
		if state, err = exec.Call(append(args, tensortest.Vector(grads), tensortest.Vector(numbers[:]))...); err != nil {
			t.Fatal(err)
		}
		params := tensortest.Flat(t, state[0])
		for i := range want {
			rate := cfg.LearningRate * stepOptions(cfg, steps).Scheduled(step)
			want[i] = oracleMove(cfg, &oracle[i], want[i], clip*float64(grads[i]), rate, step)
			moved := math.Abs(want[i] - float64(start[i]))
			if math.Abs(float64(params[i])-want[i]) > 2e-5*moved+2e-6 {
				t.Errorf("step %d: parameter %d (gradients near %g) is %v, want %v", step, i, scales[i], params[i],
					want[i])
			}
		}
	}
	if params := tensortest.Flat(t, state[0]); cfg.WeightDecay == 0 && params[3] != start[3] {
		t.Error("a parameter without gradient moved")
	}
}

func TestSchedule(t *testing.T) {
	cfg := toyConfig()
	cfg.WarmupSteps, cfg.Schedule = 4, config.ScheduleCosine
	const steps = 24
	want := map[int]float64{1: 0.25, 2: 0.5, 4: 1, 5: 1, 15: 0.5, 25: 0, 30: 0}
	for step, share := range want {
		if got := stepOptions(cfg, steps).Scheduled(step); math.Abs(got-share) > 1e-12 {
			t.Errorf("step %d of %d takes %v of the rate, want %v", step, steps, got, share)
		}
	}
	for step := 5; step < steps; step++ {
		if stepOptions(cfg, steps).Scheduled(step+1) >= stepOptions(cfg, steps).Scheduled(step) {
			t.Errorf("the rate does not fall after step %d", step)
		}
	}
	cfg.WarmupSteps, cfg.Schedule = 0, config.ScheduleConstant
	for _, step := range []int{1, 7, 1000} {
		if got := stepOptions(cfg, steps).Scheduled(step); got != 1 {
			t.Errorf("a constant rate is %v at step %d", got, step)
		}
	}
	if first, late := cfg, cfg; true {
		first.EMADecay, late.EMADecay = 0.99, 0.99
		if a, b := stepOptions(first, steps).NumbersOf(1).Average,
			stepOptions(late, steps).NumbersOf(100_000).Average; a > 0.2 || b != 0.99 {
			t.Errorf("the average keeps %v at first and %v late", a, b)
		}
	}
}

// What a run does with every option at once is what it does with each: it learns, and its model does on the host what
// the last state on the device does.
func TestTrainWithEveryOption(t *testing.T) {
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	for name, change := range map[string]func(*Config){
		"adamw":           func(c *Config) { c.Optimizer, c.WeightDecay = config.OptimizerAdamW, 0.01 },
		"sgd":             func(c *Config) { c.Optimizer, c.LearningRate = config.OptimizerSGD, 0.3 },
		"cosine schedule": func(c *Config) { c.Schedule, c.WarmupSteps = config.ScheduleCosine, 10 },
		"clipping":        func(c *Config) { c.ClipNorm = 0.1 },
		"average":         func(c *Config) { c.EMADecay = 0.95 },
		"batch norm":      func(c *Config) { c.BatchNorm = true },
		"label smoothing": func(c *Config) { c.LabelSmoothing = 0.1 },
		"hard pairs":      func(c *Config) { c.HardMining = 0.5 },
		"bfloat16":        func(c *Config) { c.Precision = PrecisionBFloat16 },
		"cross-batch memory": func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP, 4*2*c.BatchPairs
		},
		"everything": func(c *Config) {
			c.Optimizer, c.WeightDecay, c.ClipNorm, c.EMADecay = config.OptimizerAdamW, 0.01, 1, 0.9
			c.Schedule, c.WarmupSteps, c.BatchNorm, c.Dropout = config.ScheduleCosine, 5, true, 0.1
			c.HardMining, c.LabelSmoothing = 0.25, 0.05
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.OnOneOfMany(t, name == "everything", func(t *testing.T, backend *device.Backend) {
				cfg := toyConfig()
				change(&cfg)
				result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
				if err != nil {
					t.Fatal(err)
				}
				last := result.History[len(result.History)-1]
				if last.ValAUC < 0.9 {
					t.Errorf("it did not learn: ROC-AUC %.3f: %+v", last.ValAUC, result.History)
				}
				again, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
				if err != nil || fmt.Sprint(again.Model.Layers) != fmt.Sprint(result.Model.Layers) {
					t.Errorf("%v: the same seed gave other weights", err)
				}
			})
		})
	}
}
