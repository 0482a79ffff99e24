package siamese

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/pairs"
)

func TestTrainPairs(t *testing.T) {
	items, train, val := pairstest.PairsCase(t)
	for _, name := range []string{"mse", "contrastive", "bce"} {
		devicetest.OnOneOfMany(t, name == "bce", func(t *testing.T, backend *device.Backend) {
			cfg := toyConfig()
			cfg.Loss, cfg.Monitor = labtest.LossOf(name), MonitorAUC
			if name == "bce" {
				cfg.HardMining = 0.3
			}
			dir := t.TempDir()
			result, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{State: dir})
			if err != nil {
				t.Fatal(err)
			}
			last := result.History[len(result.History)-1]
			if last.ValAUC < 0.9 || last.ValMAP != 0 {
				t.Errorf("%s: it did not learn, or tells MAP@R without classes: %+v", name, result.History)
			}
			again, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wantSameRun(t, again, result)
			changed := train
			changed.Weight = make([]float32, train.Len())
			for k := range changed.Weight {
				changed.Weight[k] = 1
			}
			_, err = TrainPairs(t.Context(), backend, cfg, items, changed, val, TrainOptions{State: dir})
			var another *otherRunError
			if !errors.As(err, &another) || len(option.Names(err)) > 0 {
				t.Errorf("other weights: %v", err)
			}
		})
	}
}

// A pair of weight 0 is as good as none, and weights as good as repetition in what is validated.
func TestTrainPairsWeights(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairstest.PairsCase(t)
	wrong := train
	wrong.Left, wrong.Right = append(append([]int32{}, train.Left...), train.Right...),
		append(append([]int32{}, train.Right...), train.Left...)
	wrong.Label, wrong.Weight = append([]float32{}, train.Label...), make([]float32, 2*train.Len())
	for k := range train.Label {
		wrong.Label, wrong.Weight[k] = append(wrong.Label, 1-train.Label[k]), 1
	}
	cfg := toyConfig()
	a, err := TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := TrainPairs(t.Context(), backend, cfg, items, wrong, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if a.History[0].Loss != b.History[0].Loss {
		t.Errorf("wrong labels of weight 0 change the loss from %v to %v", a.History[0].Loss, b.History[0].Loss)
	}
	if len(b.Warnings) == 0 || !strings.Contains(b.Warnings[0], "occur again") {
		t.Errorf("warnings %q", b.Warnings)
	}
}

func TestTrainPairsRefuses(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	type input struct {
		cfg        Config
		train, val pairs.Pairs
		opts       TrainOptions
	}
	items, train, val := pairstest.PairsCase(t)
	for name, test := range map[string]struct {
		spoil func(in *input)
		want  []string // names of options first, as "option NAME"
	}{
		"centres": {func(in *input) { in.cfg.Loss, in.cfg.Monitor = labtest.LossOf("arcface"), MonitorAUC },
			[]string{"option loss.name", `"arcface"`}},
		"cross-batch memory": {func(in *input) {
			in.cfg.Loss, in.cfg.Monitor, in.cfg.XBMSize = labtest.LossOf("supcon"), MonitorAUC, 2*in.cfg.BatchPairs
		}, []string{"option xbm_size", "64"}},
		"across domains": {func(in *input) { in.cfg.AcrossDomains = 0.5 }, []string{"option across_domains", "0.5"}},
		"domains": {func(in *input) {
			in.cfg.Loss, in.cfg.Monitor, in.cfg.DomainBatches = labtest.LossOf("supcon"), MonitorAUC, 1
		}, []string{"option domain_batches", "1"}},
		"few items": {func(in *input) {
			in.cfg.Loss, in.cfg.Monitor, in.cfg.BatchPairs = labtest.LossOf("supcon"), MonitorAUC, 64
		}, []string{"option batch_pairs", "training", "120", "128"}},
		"MAP@R": {func(in *input) { in.cfg.Monitor = MonitorMAP }, []string{"option monitor", `"val_map"`}},
		"unseen": {func(in *input) { in.opts.Unseen = labtest.Toy("u", 1, 5, 9, 0.5, 3) },
			[]string{"unseen", "1 class"}},
		"unseen monitor": {func(in *input) { in.cfg.Monitor = MonitorUnseenMAP },
			[]string{"option monitor", `"unseen_map"`}},
		"on both sides": {func(in *input) { in.val = in.train }, []string{"training and validation"}},
		"out of range": {func(in *input) { in.train.Left[3] = 10_000 },
			[]string{"training", "10000"}},
		"one label": {func(in *input) { in.val = in.val.Pick(positives(in.val)) },
			[]string{"validation", "0 negative"}},
		"one label only": {func(in *input) { in.train = in.train.Pick(positives(in.train)) },
			[]string{"option natural_pairs", "training", "0 negative"}},
	} {
		in := &input{toyConfig(), train.Pick(pairstest.Places(train)), val.Pick(pairstest.Places(val)), TrainOptions{}}
		test.spoil(in)
		_, err := TrainPairs(t.Context(), backend, in.cfg, items, in.train, in.val, in.opts)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		var options []string
		for len(test.want) > 0 && strings.HasPrefix(test.want[0], "option ") {
			options, test.want = append(options, test.want[0][len("option "):]), test.want[1:]
		}
		labtest.WantOptions(t, err, options...)
		labtest.WantError(t, err, test.want...)
	}
}

func positives(p pairs.Pairs) (all []int32) {
	for _, k := range pairstest.Places(p) {
		if p.Same(int(k)) {
			all = append(all, k)
		}
	}
	return all
}

// The monitor may be items of classes that are not trained on.
func TestTrainWatchesUnseenClasses(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	all := labtest.Toy("a", 7, 20, 9, 0.4, 1)
	seen, unseen := all.Select(labtest.Seq(5*20)), all.Select(labtest.Seq(7 * 20)[5*20:])
	val := labtest.Toy("v", 5, 10, 9, 0.4, 2)
	for _, monitor := range []string{MonitorUnseenAUC, MonitorUnseenMAP} {
		cfg := toyConfig()
		cfg.Monitor = monitor
		result, err := Train(t.Context(), backend, cfg, seen, val, TrainOptions{Unseen: unseen})
		if err != nil {
			t.Fatal(err)
		}
		best := math.Inf(-1)
		for _, e := range result.History {
			if e.UnseenAUC <= 0.5 || e.UnseenMAP <= 0 {
				t.Errorf("epoch %+v", e)
			}
			score := map[string]float64{MonitorUnseenAUC: e.UnseenAUC, MonitorUnseenMAP: e.UnseenMAP}[monitor]
			if e.Best != (score > best) {
				t.Errorf("%s: epoch %d is best %v", monitor, e.Number, e.Best)
			}
			best = math.Max(best, score)
		}
		if !strings.Contains(result.String(), "unseen classes: ROC-AUC") {
			t.Errorf("the result reads %q", result)
		}
	}
	cfg := toyConfig()
	cfg.Monitor = MonitorUnseenMAP
	_, err = Train(t.Context(), backend, cfg, seen, val, TrainOptions{})
	labtest.WantOptions(t, err, "monitor")
	_, err = Train(t.Context(), backend, cfg, seen, val, TrainOptions{Unseen: all.Select(labtest.Seq(140)[80:])})
	labtest.WantError(t, err, "training and unseen")
	renamed := all.Select(labtest.Seq(140)[80:])
	for i := range renamed.IDs {
		renamed.IDs[i] = "r" + renamed.IDs[i]
	}
	_, err = Train(t.Context(), backend, cfg, seen, val, TrainOptions{Unseen: renamed})
	labtest.WantError(t, err, `"class 4"`)
}

// A batch whose loss is not finite is kept, with the names of its items.
func TestNotFiniteBatchIsSaved(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mse", "supcon"} {
		train, val := labtest.Toy("t", 3, 6, 6, 1, 1), labtest.Toy("v", 3, 6, 6, 1, 2)
		cfg := toyConfig()
		cfg.Loss, cfg.Monitor, cfg.BatchPairs = labtest.LossOf(name), MonitorAUC, 4
		cfg.Preprocess.Scale = preprocess.ScaleNone
		for k := range train.F() {
			train.X[5*train.F()+k] = 3e38
		}
		dir := t.TempDir()
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		var found *NotFiniteError
		if !errors.As(err, &found) || found.Err != nil {
			t.Fatal(err)
		}
		labtest.WantError(t, err, found.Path, fmt.Sprint(found.Step), "clip_norm")
		files, _ := filepath.Glob(filepath.Join(dir, "not-finite-*.csv"))
		if len(files) != 1 || files[0] != found.Path {
			t.Fatalf("files %q, want %s", files, found.Path)
		}
		content, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(content)), "\n")
		want := map[string]int{"mse": 5, "supcon": 9}[name]
		if len(lines) != want || !strings.Contains(string(content), "t5") {
			t.Errorf("%s: %q", name, content)
		}
		_, err = Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if !errors.As(err, &found) || found.Step < 1 || found.Epoch < 1 || found.Path != "" ||
			strings.Count(found.Batch, "\n") != want {
			t.Fatalf("%s: %+v", name, found)
		}
		labtest.WantError(t, err, strings.Split(found.Batch, "\n")[1], "NotFiniteError.Batch")
		if found.Batch != string(content) {
			t.Errorf("%s: the file has %q, the error %q", name, content, found.Batch)
		}
	}
}

// The saved batch of pairs with weights has them.
func TestNotFiniteBatchHasWeights(t *testing.T) {
	backend, err := devicetest.GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairstest.PairsCase(t)
	train.Weight = make([]float32, train.Len())
	for k := range train.Weight {
		train.Weight[k] = 0.25
	}
	cfg := toyConfig()
	cfg.Preprocess.Scale = preprocess.ScaleNone
	for k := range items.F() {
		items.X[int(train.Left[0])*items.F()+k] = 3e38
	}
	_, err = TrainPairs(t.Context(), backend, cfg, items, train, val, TrainOptions{})
	var found *NotFiniteError
	if !errors.As(err, &found) || !strings.HasPrefix(found.Batch, "left,right,label,weight\n") ||
		!strings.Contains(found.Batch, ",0.25\n") {
		t.Errorf("%v: %+v", err, found)
	}
}
