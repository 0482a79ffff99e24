package siamese

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/preprocess"
)

// pairsCase returns items without classes and pairs of them whose labels come from classes that are then forgotten.
func pairsCase(t *testing.T) (items *data.Frame, train, val Pairs) {
	t.Helper()
	items = toy("i", 4, 40, 9, 0.5, 1)
	var trainItems, valItems []int
	for i := range items.N() {
		if i%4 == 3 {
			valItems = append(valItems, i)
		} else {
			trainItems = append(trainItems, i)
		}
	}
	drawn := func(rows []int, n int) Pairs {
		p := samplerOf(t, items.Select(rows), 0.5).Draw(n, 3)
		for k := range p.Left {
			p.Left[k], p.Right[k] = int32(rows[p.Left[k]]), int32(rows[p.Right[k]])
		}
		return p
	}
	train, val = drawn(trainItems, 3000), drawn(valItems, 400)
	items.Labels = nil
	return items, train, val
}

func TestTrainPairs(t *testing.T) {
	items, train, val := pairsCase(t)
	for _, name := range []string{"mse", "contrastive", "bce"} {
		onOneOfMany(t, name == "bce", func(t *testing.T, backend *Backend) {
			cfg := toyConfig()
			cfg.Loss, cfg.Monitor = lossOf(name), MonitorAUC
			if name == "bce" {
				cfg.HardPairs = 0.3
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
			wantError(t, err, "of another run", "labels differ")
		})
	}
}

// A pair of weight 0 is as good as none, and weights as good as repetition in what is judged.
func TestTrainPairsWeights(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairsCase(t)
	wrong := train
	wrong.Left, wrong.Right = append(append([]int32{}, train.Left...), train.Right...), append(append([]int32{}, train.Right...), train.Left...)
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
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	type input struct {
		cfg        Config
		train, val Pairs
		opts       TrainOptions
	}
	items, train, val := pairsCase(t)
	for name, test := range map[string]struct {
		spoil func(in *input)
		want  []string
	}{
		"centres": {func(in *input) { in.cfg.Loss, in.cfg.Monitor = lossOf("arcface"), MonitorAUC }, []string{`loss.name: "arcface"`}},
		"memory": {func(in *input) {
			in.cfg.Loss, in.cfg.Monitor, in.cfg.Memory = lossOf("supcon"), MonitorAUC, 2*in.cfg.BatchPairs
		}, []string{"memory: 64"}},
		"across domains": {func(in *input) { in.cfg.AcrossDomains = 0.5 }, []string{"across_domains: 0.5"}},
		"domains":        {func(in *input) { in.cfg.Loss, in.cfg.Monitor, in.cfg.DomainBatches = lossOf("supcon"), MonitorAUC, 1 }, []string{"domain_batches: 1"}},
		"few items":      {func(in *input) { in.cfg.Loss, in.cfg.Monitor, in.cfg.BatchPairs = lossOf("supcon"), MonitorAUC, 64 }, []string{"training pairs: 120 items are fewer than a batch of 2 x batch_pairs = 128"}},
		"MAP@R":          {func(in *input) { in.cfg.Monitor = MonitorMAP }, []string{`monitor: "val_map"`}},
		"unseen":         {func(in *input) { in.opts.Unseen = toy("u", 1, 5, 9, 0.5, 3) }, []string{"unseen items: 1 class(es)"}},
		"unseen monitor": {func(in *input) { in.cfg.Monitor = MonitorUnseenMAP }, []string{`monitor: "unseen_map"`}},
		"on both sides":  {func(in *input) { in.val = in.train }, []string{"in both training and validation"}},
		"out of range":   {func(in *input) { in.train.Left[3] = 10_000 }, []string{"training pairs", "out of range", "10000"}},
		"one label":      {func(in *input) { in.val = in.val.pick(positives(in.val)) }, []string{"validation pairs", "0 negative"}},
		"one label only": {func(in *input) { in.train = in.train.pick(positives(in.train)) }, []string{"training pairs", "0 negative"}},
	} {
		in := &input{toyConfig(), train.pick(places(train)), val.pick(places(val)), TrainOptions{}}
		test.spoil(in)
		_, err := TrainPairs(t.Context(), backend, in.cfg, items, in.train, in.val, in.opts)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		wantError(t, err, test.want...)
	}
}

func places(p Pairs) (all []int32) {
	for k := range p.Len() {
		all = append(all, int32(k))
	}
	return all
}

func positives(p Pairs) (all []int32) {
	for _, k := range places(p) {
		if p.same(int(k)) {
			all = append(all, k)
		}
	}
	return all
}

// The monitor may be items of classes that are not trained on.
func TestTrainWatchesUnseenClasses(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	all := toy("a", 7, 20, 9, 0.4, 1)
	seen, unseen := all.Select(seq(5*20)), all.Select(seq(7 * 20)[5*20:])
	val := toy("v", 5, 10, 9, 0.4, 2)
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
	wantError(t, err, `monitor: "`)
	_, err = Train(t.Context(), backend, cfg, seen, val, TrainOptions{Unseen: all.Select(seq(140)[80:])})
	wantError(t, err, "training and unseen")
	renamed := all.Select(seq(140)[80:])
	for i := range renamed.IDs {
		renamed.IDs[i] = "r" + renamed.IDs[i]
	}
	_, err = Train(t.Context(), backend, cfg, seen, val, TrainOptions{Unseen: renamed})
	wantError(t, err, `class "class 4" is trained on`)
}

// A batch whose loss is not finite is kept, with the names of its items.
func TestNotFiniteBatchIsSaved(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mse", "supcon"} {
		train, val := toy("t", 3, 6, 6, 1, 1), toy("v", 3, 6, 6, 1, 2)
		cfg := toyConfig()
		cfg.Loss, cfg.Monitor, cfg.BatchPairs = lossOf(name), MonitorAUC, 4
		cfg.Preprocess.Scale = preprocess.ScaleNone
		for k := range train.F() {
			train.X[5*train.F()+k] = 3e38
		}
		dir := t.TempDir()
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{State: dir})
		wantError(t, err, "the loss is ", " at step ", "not-finite-step-", "clip_norm")
		files, _ := filepath.Glob(filepath.Join(dir, "not-finite-*.csv"))
		if len(files) != 1 {
			t.Fatalf("files %q", files)
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
		var told *NotFiniteError
		if !errors.As(err, &told) || told.Step < 1 || told.Epoch < 1 || told.Path != "" || strings.Count(told.Batch, "\n") != want {
			t.Fatalf("%s: %+v", name, told)
		}
		wantError(t, err, "its batch begins with t", "NotFiniteError.Batch")
		if told.Batch != string(content) {
			t.Errorf("%s: the file has %q, the error %q", name, content, told.Batch)
		}
	}
}

// The saved batch of pairs with weights has them.
func TestNotFiniteBatchHasWeights(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	items, train, val := pairsCase(t)
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
	var told *NotFiniteError
	if !errors.As(err, &told) || !strings.HasPrefix(told.Batch, "left,right,label,weight\n") || !strings.Contains(told.Batch, ",0.25\n") {
		t.Errorf("%v: %+v", err, told)
	}
}
