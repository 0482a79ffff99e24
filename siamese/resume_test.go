package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/step"
)

// trainEnv, where it is set, makes the test binary train with its state in the folder of that name until it has
// reported progress killEnv times, and kill itself.
// ensembleEnv makes it train an ensemble.
const trainEnv, killEnv, ensembleEnv = "SIAMESE_TEST_TRAIN", "SIAMESE_TEST_KILL", "SIAMESE_TEST_ENSEMBLE"

// resumeCase is a run of every part that a state holds.
func resumeCase() (cfg Config, train, val *data.Frame) {
	cfg = toyConfig()
	cfg.Epochs, cfg.PairsPerEpoch, cfg.Patience = 5, 160*cfg.BatchPairs, 0 // two calls of XLA an epoch
	cfg.HardMining, cfg.EMADecay, cfg.BatchNorm, cfg.Dropout = 0.25, 0.9, true, 0.2
	return cfg, labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
}

// trainChild is the process that is killed. It saves its state after every call, of which it tells first: it dies while
// it saves, or soon after.
func trainChild(dir string) {
	stateEvery, reportEvery = -1, -1
	left, err := strconv.Atoi(os.Getenv(killEnv))
	if err == nil {
		var backend *device.Backend
		if backend, err = devicetest.GoBackend(); err == nil {
			cfg, train, val := resumeCase()
			if os.Getenv(ensembleEnv) != "" {
				cfg = ensembleOf(cfg)
			}
			_, err = Train(context.Background(), backend, augmented(cfg, 0.3), train, val,
				TrainOptions{State: dir, Views: noisyViews{noise: 0.1}, Progress: func(Progress) {
					if left--; left == 0 {
						go killSelf()
					}
				}})
		}
	}
	fmt.Println("it was not killed:", err)
	os.Exit(3)
}

func killSelf() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
}

// reportAlways has progress reported after every call of steps, while the test runs. Such a test may not be parallel.
func reportAlways(t *testing.T) {
	t.Helper()
	was := reportEvery
	reportEvery = -1
	t.Cleanup(func() { reportEvery = was })
}

// wantSameRun fails unless both runs ended with the same bits.
func wantSameRun(t *testing.T, got, want *Result) {
	t.Helper()
	if diff := cmp.Diff(untimed(want.History), untimed(got.History)); diff != "" {
		t.Errorf("another history: %s", diff)
	}
	if diff := cmp.Diff(want.Model.Calibration, got.Model.Calibration); diff != "" || got.Model.Calibration == nil {
		t.Errorf("another calibration: %s", diff)
	}
	if !slices.EqualFunc(got.Model.tensors(), want.Model.tensors(), sameBits) ||
		got.Model.Threshold != want.Model.Threshold ||
		got.Best != want.Best || got.Stopped != want.Stopped {
		t.Errorf("other weights, threshold %v and %v, best epoch %d and %d", got.Model.Threshold, want.Model.Threshold,
			got.Best, want.Best)
	}
}

func TestResumeAfterKill(t *testing.T) {
	t.Run("one encoder", func(t *testing.T) { resumeAfterKill(t, "") })
	t.Run("ensemble", func(t *testing.T) { resumeAfterKill(t, "1") })
}

// resumeAfterKill kills a run four times, of an ensemble where that is not "", and compares its end with that of one
// that nobody killed.
func resumeAfterKill(t *testing.T, ensemble string) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "state")
	newest := ""
	for _, calls := range []int{3, 30, 200, 7} { // within an epoch, and into the next but one
		child := exec.Command(self, "-test.run=^$")
		child.Env = append(os.Environ(), trainEnv+"="+dir, fmt.Sprintf("%s=%d", killEnv, calls), ensembleEnv+"="+ensemble)
		out, err := child.CombinedOutput()
		if err == nil || child.ProcessState.ExitCode() == 3 {
			t.Fatalf("the run was not killed: %v: %s", err, out)
		}
		files, err := stateFiles(dir)
		if err != nil || len(files) == 0 || files[0] == newest {
			t.Fatalf("%v: states %q after %d calls, the newest was %q before", err, files, calls, newest)
		}
		newest = files[0]
	}
	// What a run leaves that is killed while it writes.
	unfinished := filepath.Join(dir, ".state-0000000001.safetensors.123.tmp")
	if err := os.WriteFile(unfinished, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	if ensemble != "" {
		cfg = ensembleOf(cfg)
	}
	cfg = augmented(cfg, 0.3)
	want, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Views: noisyViews{noise: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir, Views: noisyViews{noise: 0.1}})
	if err != nil {
		t.Fatal(err)
	}
	if got.Resumed == 0 || got.Resumed >= len(cfg.Encoders())*cfg.Epochs*stepsPerEpoch(cfg) {
		t.Errorf("resumed after %d steps", got.Resumed)
	}
	wantSameRun(t, got, want)
	if files, err := os.ReadDir(dir); err != nil || len(files) != statesKept+1 { // and the lock
		t.Errorf("%v: the folder has %v", err, files)
	}
}

// cutOff runs until the progress is that of a moment, and leaves two states.
func cutOff(t *testing.T, backend *device.Backend, cfg Config, train, val *data.Frame, dir string,
	moment func(p Progress) bool) *Result {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result, err := Train(ctx, backend, cfg, train, val, TrainOptions{State: dir, Progress: func(p Progress) {
		if moment(p) {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if result == nil || len(result.History) < 2 || len(result.History) >= cfg.Epochs {
		t.Fatalf("result %+v", result)
	}
	if files, err := stateFiles(dir); err != nil || len(files) != statesKept {
		t.Fatalf("%v: states kept: %q", err, files)
	}
	return result
}

func TestResumeAfterCancel(t *testing.T) {
	reportAlways(t)
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		cfg, train, val := resumeCase()
		want, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		between := cutOff(t, backend, cfg, train, val, dir,
			func(p Progress) bool { return p.Epoch == 2 && p.Step == p.Steps })
		amid := cutOff(t, backend, cfg, train, val, dir,
			func(p Progress) bool { return p.Epoch == 4 && p.Step < p.Steps })
		if steps := stepsPerEpoch(cfg); len(between.History) != 2 || len(amid.History) != 3 ||
			amid.Resumed != 2*steps {
			t.Fatalf("cut off after %d and %d epochs, resumed after step %d", len(between.History), len(amid.History),
				amid.Resumed)
		}
		files, err := stateFiles(dir)
		if err != nil {
			t.Fatal(err)
		}
		// The newest is damaged: the one before it is taken.
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		content[len(content)-9] ^= 1
		if err := os.WriteFile(files[0], content, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		wantSameRun(t, got, want)
		if len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], files[0]) {
			t.Errorf("warnings %q", got.Warnings)
		}
		// A run that has ended is returned as it was.
		again, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil || again.Resumed != cfg.Epochs*stepsPerEpoch(cfg) {
			t.Errorf("%v: resumed after %d steps", err, again.Resumed)
		}
		wantSameRun(t, again, want)
	})
}

// Every sampler, optimiser and part of the state resumes where it was cut off, with the batches of the epoch under way.
func TestResumeWithEveryPart(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"short epochs": func(c *Config) {
			c.Loss, c.Monitor, c.PairsPerEpoch, c.Epochs = labtest.LossOf("supcon"), MonitorMAP, c.BatchPairs, 10
		},
		"domains": func(c *Config) {
			c.BatchPairs, c.PairsPerEpoch = 16, c.PairsPerEpoch/2
			c.Loss, c.Monitor, c.DomainBatches, c.AcrossDomains = labtest.LossOf("supcon"), MonitorMAP, 0.5, 0.5
		},
		"cross-batch memory": func(c *Config) {
			c.Loss, c.Monitor, c.XBMSize = labtest.LossOf("supcon"), MonitorMAP,
				4*2*c.BatchPairs
		},
		"centres": func(c *Config) {
			c.Loss, c.Monitor, c.ProxyLRMultiplier, c.EMADecay = labtest.LossOf("arcface"), MonitorMAP, 10, 0.9
		},
		"sgd, scheduled": func(c *Config) {
			c.Optimizer, c.LearningRate, c.Schedule, c.WarmupSteps, c.ClipNorm = config.OptimizerSGD, 0.3,
				config.ScheduleCosine, 9, 1
		},
		"adamw": func(c *Config) {
			c.Optimizer, c.WeightDecay, c.LabelSmoothing = config.OptimizerAdamW, 0.01,
				0.1
		},
		"bfloat16": func(c *Config) { c.Precision, c.EMADecay = PrecisionBFloat16, 0.9 },
		"views":    func(c *Config) { *c = augmented(*c, 0.3) },
		"views, all of a batch": func(c *Config) {
			*c = augmented(*c, 0.3)
			c.Loss, c.Monitor = labtest.LossOf("supcon"), MonitorMAP
		},
		"given pairs": func(c *Config) {
			*c = augmented(*c, 0.2)
			c.HardMining = 0.25
		},
		"given pairs, all of a batch": func(c *Config) {
			c.Loss, c.Monitor, c.BatchPairs, c.PairsPerEpoch = labtest.LossOf("supcon"), MonitorAUC, 16,
				c.PairsPerEpoch/2
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			devicetest.OnOneOfMany(t, name == "cross-batch memory", func(t *testing.T, backend *device.Backend) {
				cfg := toyConfig()
				cfg.Epochs, cfg.PairsPerEpoch, cfg.Patience, cfg.Dropout = 3, someCalls(backend)*cfg.BatchPairs, 0, 0.2
				run := func(ctx context.Context, opts TrainOptions) (*Result, error) {
					train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
					opts.Views = noisyViews{noise: 0.1}
					return Train(ctx, backend, cfg, train, val, opts)
				}
				change(&cfg)
				if strings.HasPrefix(name, "given pairs") {
					items, train, val := pairstest.PairsCase(t)
					train.Weight = make([]float32, train.Len())
					for k := range train.Weight {
						train.Weight[k] = float32(1 + k%3)
					}
					run = func(ctx context.Context, opts TrainOptions) (*Result, error) {
						opts.Views = noisyViews{noise: 0.1}
						return TrainPairs(ctx, backend, cfg, items, train, val, opts)
					}
				}
				undisturbed := newEndingContext(t.Context(), math.MaxInt32)
				want, err := run(undisturbed, TrainOptions{})
				if err != nil {
					t.Fatal(err)
				}
				dir, steps, asked := t.TempDir(), stepsPerEpoch(cfg), math.MaxInt32-undisturbed.left.Load()
				for _, questions := range []int32{asked / 4, asked / 3} { // amid the first epoch, amid a later one
					_, err := run(newEndingContext(t.Context(), questions), TrainOptions{State: dir})
					if !errors.Is(err, context.Canceled) {
						t.Fatal(err)
					}
				}
				got, err := run(t.Context(), TrainOptions{State: dir})
				if err != nil {
					t.Fatal(err)
				}
				if got.Resumed == 0 || got.Resumed >= cfg.Epochs*steps {
					t.Errorf("resumed after %d steps", got.Resumed)
				}
				wantSameRun(t, got, want)
			})
		})
	}
}

// someCalls returns steps that are more than one call: an epoch of so many is cut off at its start and amid it.
func someCalls(backend *device.Backend) int {
	if step.CallSteps(backend.Backend) == 1 {
		return 20
	}
	return 100 // 8 and the others, at first
}

// endingContext is cancelled once it was asked so often whether it is.
type endingContext struct {
	context.Context
	left atomic.Int32
}

func newEndingContext(ctx context.Context, questions int32) *endingContext {
	c := &endingContext{Context: ctx}
	c.left.Store(questions)
	return c
}

func (c *endingContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestResumeWithMoreEpochs(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	want, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	short := cfg
	short.Epochs = 2
	if _, err := Train(t.Context(), backend, short, train, val, TrainOptions{State: dir}); err != nil {
		t.Fatal(err)
	}
	got, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
	if err != nil {
		t.Fatal(err)
	}
	wantSameRun(t, got, want)
}

func TestResumeRefuses(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 2, 1024
	full := t.TempDir()
	if _, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: full}); err != nil {
		t.Fatal(err)
	}
	run := func(dir string, cfg Config, train *data.Frame) error {
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		return err
	}
	other := cfg
	other.LearningRate, other.Seed = 0.5, 1
	files, _ := stateFiles(full)
	err = run(full, other, train)
	labtest.WantOptions(t, err, "learning_rate", "seed")
	labtest.WantError(t, err, files[0], "0.01", "0.5", "42")
	changed := train.Select(labtest.Seq(train.N()))
	changed.X[3]++
	var another *otherRunError
	if err := run(full, cfg, changed); !errors.As(err, &another) || len(option.Names(err)) > 0 {
		t.Errorf("other features: %v", err)
	}
	other = cfg
	other.Schedule = config.ScheduleCosine
	dir := t.TempDir()
	if err := run(dir, other, train); err != nil {
		t.Fatal(err)
	}
	other.Epochs = 3
	labtest.WantOptions(t, run(dir, other, train), "epochs")

	for _, path := range files {
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
	}
	err = run(full, cfg, train)
	labtest.WantError(t, err, files[0], files[1])
	if !errors.Is(err, safetensors.ErrTruncated) || errors.As(err, &another) {
		t.Errorf("truncated states: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(file, cfg, train); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("a file as the folder: %v", err)
	}
}

// A warning from before a run was cut off is given once, however often the run is resumed.
func TestResumeWarnsOnce(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := resumeCase()
	cfg.Epochs, cfg.PairsPerEpoch = 2, 1024
	copy(val.X[:val.F()], train.X[:train.F()]) // a copy across the sides
	dir := t.TempDir()
	for range 3 {
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], train.IDs[0]) {
			t.Errorf("warnings %q", result.Warnings)
		}
	}
}
