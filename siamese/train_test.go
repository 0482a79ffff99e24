package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

// untimed returns a history without the only number in it that depends on the clock.
func untimed(history []Epoch) []Epoch {
	out := slices.Clone(history)
	for i := range out {
		out[i].PairsPerSec = 0
	}
	return out
}

// valLoss returns a model's loss on the validation pairs of training.
func valLoss(t *testing.T, backend *device.Backend, m *Model, val *data.Frame) float64 {
	t.Helper()
	z, err := m.Embed(t.Context(), backend, val)
	if err != nil {
		t.Fatal(err)
	}
	given := labtest.Must(pairstest.SamplerOf(t, val, m.Config.WithinDomain).DrawFrom(
		streams.Rand(m.Config.Seed, streams.ValPairs), m.Config.ValPairs))
	cosines, _ := pairs.Scores(z, given)
	return pairs.SquaredError(cosines, given)
}

func TestTrainLearns(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 5, 24, 12, 0.35, 1), labtest.Toy("v", 5, 12, 12, 0.35, 2)
		result, err := Train(t.Context(), backend, toyConfig(), train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		first, last := result.History[0], result.History[len(result.History)-1]
		if len(result.History) != 4 || last.ValAUC < 0.97 || last.ValMAP < 0.8 || last.Loss >= first.Loss/1.5 {
			t.Errorf("it did not learn: %+v", result.History)
		}
		untrained := &Model{Config: toyConfig(), Transform: result.Model.Transform, Standard: result.Model.Standard,
			Layers: encoder.Init(train.F(), toyConfig().Layers, toyConfig().Seed)}
		defer untrained.Close()
		if before := valLoss(t, backend, untrained, val); before < 2*last.ValLoss {
			t.Errorf("validation loss %v before training and %v after", before, last.ValLoss)
		}
		// The threshold does what it was chosen for.
		z, err := result.Model.Embed(t.Context(), backend, val)
		if err != nil {
			t.Fatal(err)
		}
		scores, same := pairs.Scores(z, labtest.Must(pairstest.SamplerOf(t, val, 0.5).Draw(1000, 8)))
		right := 0
		for k, s := range scores {
			if (float64(s) >= result.Model.Threshold) == same[k] {
				right++
			}
		}
		if right < 900 {
			t.Errorf("threshold %v is right for %d of 1000 pairs", result.Model.Threshold, right)
		}
		text := result.String()
		if !strings.Contains(text, fmt.Sprintf("best epoch: %d of 4 trained (the last epoch)", result.Best)) ||
			!strings.Contains(text, "ROC-AUC 0.9") {
			t.Errorf("the result reads %q", text)
		}
	})
}

func TestTrainIsSeeded(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		run := func(seed uint64) *Result {
			cfg := toyConfig()
			cfg.Seed, cfg.Epochs = seed, 2
			result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		a, b, other := run(3), run(3), run(4)
		if diff := cmp.Diff(untimed(a.History), untimed(b.History)); diff != "" {
			t.Errorf("one seed, two histories: %s", diff)
		}
		if !slices.EqualFunc(a.Model.tensors(), b.Model.tensors(), sameBits) || a.Model.Threshold != b.Model.Threshold {
			t.Error("one seed gave different weights")
		}
		if slices.EqualFunc(a.Model.tensors(), other.Model.tensors(), sameBits) {
			t.Error("two seeds gave the same weights")
		}
	})
}

func sameBits(a, b safetensors.Tensor) bool {
	return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) &&
		slices.EqualFunc(a.Values, b.Values, func(x,
			y float32) bool {
			return math.Float32bits(x) == math.Float32bits(y)
		})
}

// overfit returns frames whose labels have nothing to do with the features: training loss falls, validation
// loss rises.
func overfit() (cfg Config, train, val *data.Frame) {
	train, val = labtest.Toy("t", 4, 6, 12, 1, 1), labtest.Toy("v", 4, 10, 12, 1, 2)
	shuffle := rand.New(rand.NewPCG(1, 2))
	for _, f := range []*data.Frame{train, val} {
		shuffle.Shuffle(f.N(), func(i, j int) { f.Labels[i], f.Labels[j] = f.Labels[j], f.Labels[i] })
	}
	cfg = toyConfig()
	cfg.Epochs, cfg.Patience, cfg.Dropout = 30, 3, 0
	return cfg, train, val
}

func TestEarlyStoppingKeepsTheBest(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		for _, monitor := range []string{MonitorLoss, MonitorAUC, MonitorMAP} {
			t.Run(monitor, func(t *testing.T) {
				cfg, train, val := overfit()
				cfg.Monitor = monitor
				checkpoint := filepath.Join(t.TempDir(), "best.safetensors")
				var last Progress
				result, err := Train(t.Context(), backend, cfg, train, val,
					TrainOptions{Checkpoint: checkpoint, Progress: func(p Progress) {
						if last.Ended {
							t.Error("progress is reported after its end")
						}
						last = p
					}})
				if err != nil {
					t.Fatal(err)
				}
				if !last.Ended || last.Epoch != len(result.History) {
					t.Errorf("the last progress is %+v", last)
				}
				if n := len(result.History); !result.Stopped || n == cfg.Epochs || result.Best != n-cfg.Patience {
					t.Fatalf("best epoch %d of %d, stopped %v: want it stopped %d epochs after the best", result.Best,
						n, result.Stopped, cfg.Patience)
				}
				value := func(e Epoch) float64 {
					return map[string]float64{MonitorLoss: -e.ValLoss, MonitorAUC: e.ValAUC,
						MonitorMAP: e.ValMAP}[monitor]
				}
				best := math.Inf(-1)
				for i, e := range result.History {
					if e.Number != i+1 || e.Best != (value(e) > best) {
						t.Errorf("epoch %d: %+v", i+1, e)
					}
					best = max(best, value(e))
				}
				if kept := result.History[result.Best-1]; value(kept) != best {
					t.Errorf("epoch %d has %v, the best is %v", result.Best, value(kept), best)
				}
				if got, want := valLoss(t, backend, result.Model, val),
					result.History[result.Best-1].ValLoss; got != want {
					t.Errorf("the model's validation loss is %v, that of epoch %d was %v", got, result.Best, want)
				}
				if !strings.Contains(result.String(), "(stopped early)") {
					t.Errorf("the result reads %q", result)
				}
				saved, err := Load(checkpoint)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.EqualFunc(saved.tensors(), result.Model.tensors(), sameBits) ||
					saved.Threshold != result.Model.Threshold {
					t.Error("the checkpoint is not the best model")
				}
			})
		}
	})
}

func TestNoEarlyStopping(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	cfg, train, val := overfit()
	cfg.Patience, cfg.Epochs = 0, 8
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil || result.Stopped || len(result.History) != 8 || result.Best == 8 {
		t.Errorf("%v: stopped %v after %d of 8 epochs, best %d", err, result.Stopped, len(result.History), result.Best)
	}
}

// countdown is a context that is cancelled when it was asked n times.
type countdown struct {
	context.Context
	n int // negative: never
}

func (c *countdown) Err() error {
	if c.n--; c.n == 0 {
		c.n++
		return context.Canceled
	}
	return nil
}

func TestCancelInTheFirstEpoch(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		cfg := toyConfig()
		cfg.PairsPerEpoch *= 16 // some calls an epoch on every backend
		before := &countdown{t.Context(), -1}
		task, err := classTask(cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		run, err := newRun(before, backend, cfg, task, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		run.close()
		preparing := -1 - before.n // times that is asked before the first step
		if result, err := Train(&countdown{t.Context(), preparing}, backend, cfg, train, val,
			TrainOptions{}); result != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while features are prepared: %v, result %v", err, result)
		}
		for _, asked := range []int{1, 6} {
			checkpoint := filepath.Join(t.TempDir(), "best.safetensors")
			if err := os.WriteFile(checkpoint, []byte("an older model"), 0o644); err != nil {
				t.Fatal(err)
			}
			result, err := Train(&countdown{t.Context(), preparing + asked}, backend, cfg, train, val,
				TrainOptions{Checkpoint: checkpoint, BeforeCheckpoint: func() error {
					t.Error("what belongs beside the model would be written")
					return nil
				}})
			if result == nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("%v, %v", result, err)
			}
			// Nobody has judged these weights: they are not worth a file, least of all one that holds a model.
			if content, err := os.ReadFile(checkpoint); err != nil || string(content) != "an older model" {
				t.Errorf("the older model is %q, %v", content, err)
			}
			if _, err := result.Model.Embed(t.Context(), backend, val); err != nil || result.Saved != 0 {
				t.Errorf("%v, epoch %d is saved", err, result.Saved)
			}
			if len(result.History) != 0 || result.Best != 0 || len(result.Warnings) != 1 {
				t.Fatalf("history %v, best %d, warnings %q", result.History, result.Best, result.Warnings)
			}
			var stepNo int // of asked-1 calls, whose lengths follow the time they take
			_, after, _ := strings.Cut(result.Warnings[0], "those of step ")
			if _, err := fmt.Sscanf(after, "%d", &stepNo); err != nil {
				t.Errorf("%q names no step: %v", result.Warnings[0], err)
			}
			if most := (asked - 1) * step.CallSteps(backend.Backend); stepNo < asked-1 || stepNo > most {
				t.Errorf("%q after %d calls of up to %d steps in all", result.Warnings[0], asked-1, most)
			}
			start := encoder.Init(9, cfg.Layers, cfg.Seed)
			if cmp.Equal(start, result.Model.Layers) != (asked == 1) {
				t.Errorf("after %d calls the weights are those of the start, or the other way round", asked-1)
			}
		}
	})
}

func TestCancelLater(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		ctx := &countdown{t.Context(), -1}
		cfg := toyConfig()
		cfg.PairsPerEpoch *= 16 // some calls an epoch on every backend
		checkpoint := filepath.Join(t.TempDir(), "best.safetensors")
		result, err := Train(ctx, backend, cfg, train, val,
			TrainOptions{Checkpoint: checkpoint, Progress: func(p Progress) {
				if p.Epoch == 2 && p.Step == p.Steps {
					ctx.n = 4 // in the third epoch
				}
			}})
		checkCancelled(t, backend, result, err, checkpoint, val)
		if len(result.History) != 2 || result.Best == 0 || len(result.Warnings) != 0 {
			t.Fatalf("history %v, best %d, warnings %q", result.History, result.Best, result.Warnings)
		}
		if got, want := valLoss(t, backend, result.Model, val), result.History[result.Best-1].ValLoss; got != want {
			t.Errorf("validation loss %v, want that of the best epoch %v", got, want)
		}
	})
}

// checkCancelled fails unless a cancelled run left a model that can be used, in memory and on disk.
func checkCancelled(t *testing.T, backend *device.Backend, result *Result, err error, checkpoint string,
	val *data.Frame) {
	t.Helper()
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if result == nil {
		t.Fatal("no result")
	}
	if _, err := result.Model.Embed(t.Context(), backend, val); err != nil {
		t.Error(err)
	}
	saved, err := Load(checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(saved.tensors(), result.Model.tensors(), sameBits) {
		t.Error("the checkpoint is not the model")
	}
	if files, _ := filepath.Glob(filepath.Join(filepath.Dir(checkpoint), ".*")); len(files) > 0 {
		t.Errorf("files are left over: %q", files)
	}
}

func TestTrainRefuses(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	type input struct {
		cfg        Config
		train, val *data.Frame
		opts       TrainOptions
		noBackend  bool
	}
	tests := []struct {
		name  string
		spoil func(in *input)
		want  []string // names of options first, as "option NAME", in any order
	}{
		{"three faults at once", func(in *input) { in.cfg.Epochs, in.cfg.Dropout, in.cfg.BatchPairs = 0, 2, -1 },
			[]string{"option epochs", "option dropout", "option batch_pairs"}},
		{"faults of both frames", func(in *input) {
			in.train.X[5] = float32(math.NaN())
			in.val.IDs[1] = in.val.IDs[0]
			in.cfg.Epochs = 0
		}, []string{"option epochs", "NaN", `"t0"`, `"x/5"`, `"v0"`}},
		{"no frames", func(in *input) { in.train, in.val = nil, nil }, []string{"nil"}},
		{"shared item", func(in *input) { in.val.IDs[3] = "t7" },
			[]string{"training and validation", `"t7"`}},
		{"no labels", func(in *input) { in.train.Labels = nil }, []string{"training items", "no labels"}},
		{"one class to validate on", func(in *input) { in.val.Labels = labtest.RepeatLabel("class 1", in.val.N()) },
			[]string{"validation items", "1 class"}},
		{"other columns", func(in *input) { in.val.Columns[2], in.val.Columns[4] = "y/2", "y/4" },
			[]string{"validation items", `"x/2", "x/4"`, `"y/2", "y/4"`}},
		{"checkpoint in no directory", func(in *input) { in.opts.Checkpoint = filepath.Join(dir, "none", "m") },
			[]string{"checkpoint", "none"}},
		{"checkpoint under a file", func(in *input) { in.opts.Checkpoint = filepath.Join(file, "m") },
			[]string{"checkpoint", syscall.ENOTDIR.Error()}},
		{"checkpoint is a directory", func(in *input) { in.opts.Checkpoint = dir },
			[]string{"checkpoint", dir}},
		{"no backend", func(in *input) { in.noBackend = true }, []string{device.ErrNoBackend.Error()}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in := &input{cfg: toyConfig(), train: labtest.Toy("t", 3, 6, 6, 1, 1), val: labtest.Toy("v", 3, 6, 6, 1, 2)}
			test.spoil(in)
			b := backend
			if in.noBackend {
				b = nil
			}
			result, err := Train(t.Context(), b, in.cfg, in.train, in.val, in.opts)
			if result != nil {
				t.Error("there is a result")
			}
			for len(test.want) > 0 && strings.HasPrefix(test.want[0], "option ") {
				if name := test.want[0][len("option "):]; !slices.Contains(option.Names(err), name) {
					t.Errorf("%v does not name the option %s", err, name)
				}
				test.want = test.want[1:]
			}
			labtest.WantError(t, err, test.want...)
		})
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("files are left over: %q", left)
	}
}

// Numbers that run away end training with the step, and with a model that is whole.
func TestTrainStopsAtNaN(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 3, 6, 6, 1, 1), labtest.Toy("v", 3, 6, 6, 1, 2)
		for i := range train.X {
			train.X[i] = float32(math.Copysign(3e38, float64(train.X[i])))
		}
		for _, norm := range []bool{false, true} {
			cfg := toyConfig()
			cfg.Preprocess.Scale, cfg.BatchNorm = preprocess.ScaleNone, norm
			checkpoint := filepath.Join(t.TempDir(), "m")
			result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Checkpoint: checkpoint})
			var found *NotFiniteError
			if !errors.As(err, &found) || !math.IsNaN(found.Loss) || found.Step != 1 || found.Epoch != 1 ||
				filepath.Base(found.Path) != "not-finite-step-1.csv" {
				t.Errorf("%v", err)
			}
			labtest.WantError(t, err, "NaN", "learning_rate", found.Path)
			if result == nil || !encoder.Finite(result.Model.Layers) || len(result.Warnings) != 1 {
				t.Fatalf("batch norm %v: result %+v: want the weights of the start and a warning", norm, result)
			}
			if _, err := Load(checkpoint); err == nil {
				t.Errorf("batch norm %v: a checkpoint was written", norm)
			}
		}
	})
}

func TestBatchLargerThanData(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 2, 2, 4, 0.1, 1), labtest.Toy("v", 2, 2, 4, 0.1, 2)
		cfg := toyConfig()
		cfg.BatchPairs, cfg.PairsPerEpoch, cfg.Epochs = 100, 250, 2 // and 50 pairs that fill no batch
		steps := 0
		result, err := Train(t.Context(), backend, cfg, train, val,
			TrainOptions{Progress: func(p Progress) { steps = p.Steps }})
		if err != nil || len(result.History) != 2 || steps != 2 {
			t.Errorf("%v: %d steps an epoch, %+v", err, steps, result)
		}
	})
}

func TestProgress(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	reportAlways(t)
	cfg, train, val := overfit()
	const steps = 12
	cfg.PairsPerEpoch, cfg.Epochs = steps*cfg.BatchPairs, 6
	var all []Progress
	result, err := Train(t.Context(), backend, cfg, train, val,
		TrainOptions{Progress: func(p Progress) { all = append(all, p) }})
	if err != nil {
		t.Fatal(err)
	}
	epoch, step, ends := 1, 0, 0
	for i, p := range all {
		if p.Epoch == epoch+1 && step == p.Steps {
			epoch, step = p.Epoch, 0
		}
		if p.Epoch != epoch || p.Step <= step || p.Step > p.Steps || p.Steps != steps || p.Epochs != 6 {
			t.Fatalf("call %d: %+v after epoch %d, step %d", i, p, epoch, step)
		}
		first := i == 0 && p.Step == 1 // it compiles: nothing is known of a step's time
		if !(p.PairsPerSec > 0 || first) || math.IsInf(p.PairsPerSec, 0) || p.Left < 0 || !(p.Loss >= 0) {
			t.Errorf("call %d: %+v", i, p)
		}
		finished := p.Epoch - 1
		if p.Step == p.Steps {
			finished, ends = p.Epoch, ends+1
			if p.Loss != result.History[p.Epoch-1].Loss {
				t.Errorf("epoch %d ends with loss %v and is reported with %v", p.Epoch, result.History[p.Epoch-1].Loss,
					p.Loss)
			}
		}
		if (p.Last == nil) != (finished == 0) || p.Last != nil && p.Last.Number != finished {
			t.Errorf("call %d of epoch %d: the last finished epoch is %+v", i, p.Epoch, p.Last)
		}
		if p.Ended != (i == len(all)-1) {
			t.Errorf("call %d of %d: ended is %v", i+1, len(all), p.Ended)
		}
		step = p.Step
	}
	if ends != len(result.History) || len(all) != steps*ends { // the Go backend takes a step a call
		t.Errorf("%d epochs, %d reported in %d calls", len(result.History), ends, len(all))
	}
}

// A collapsed encoder gives cosine 0 to everything: that is reported, and nothing is NaN.
func TestTrainWarnsOfZeroEmbeddings(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := labtest.Toy("t", 3, 8, 4, 1, 1), labtest.Toy("v", 3, 8, 4, 1, 2)
	cfg := toyConfig()
	cfg.Layers, cfg.Epochs = []int{1}, 2 // one unit is zero for about half of the items
	result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Warnings) == 0 || !strings.Contains(result.Warnings[0], "have a zero embedding") ||
		!strings.Contains(result.String(), "warning: epoch 1") {
		t.Errorf("warnings %q", result.Warnings)
	}
	for _, e := range result.History {
		if math.IsNaN(e.Loss + e.ValLoss + e.ValAUC + e.ValMAP) {
			t.Errorf("%+v", e)
		}
	}
}
