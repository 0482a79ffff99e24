package siamese

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/loss"
)

// Every loss learns a separable problem.
func TestTrainWithEveryLoss(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
	for _, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := toyConfig()
			cfg.Monitor = MonitorMAP
			cfg.Loss, cfg.CentreRate = lossOf(name), 10
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
	onBackends(t, func(t *testing.T, backend *Backend) {
		train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
		cfg := toyConfig()
		cfg.Monitor, cfg.PairsPerEpoch = MonitorMAP, 40*cfg.BatchPairs // more than one call an epoch
		cfg.Loss = lossOf("supcon")
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if best := result.History[result.Best-1]; best.ValAUC < 0.9 {
			t.Errorf("ROC-AUC %.3f", best.ValAUC)
		}
	})
}

// classFrame is a frame with so many items of each class; names are a, b, c, …; "" is unknown.
func classFrame(counts map[string]int) *data.Frame {
	f := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}
	for name, n := range counts {
		for range n {
			f.X = append(f.X, float32(len(f.IDs)))
			f.IDs = append(f.IDs, string(rune('A'+len(f.IDs)%26))+strings.Repeat("x", len(f.IDs)/26))
			f.Labels = append(f.Labels, name)
		}
	}
	return f
}

func TestClassSampler(t *testing.T) {
	frame := classFrame(map[string]int{"a": 3, "b": 500, "c": 1, "d": 40, "": 7})
	s, err := newClassSampler(frame, "", 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	const batches = 200
	drawn, err := s.draw(batches, streams.Rand(1, 2), nil)
	if err != nil {
		t.Fatal(err)
	}
	items, classes := drawn.items, drawn.labels
	names, index := frame.Classes()
	count := map[int32]int{}
	inBatches := make([]int, len(names))
	for b := range batches {
		seen, has := map[int32]bool{}, make([]bool, len(names))
		for k := b * 16; k < (b+1)*16; k++ {
			item := items[k]
			if seen[item] {
				t.Fatalf("batch %d has item %d twice", b, item)
			}
			if c := index[item]; c < 0 || float32(c) != classes[k] {
				t.Fatalf("item %d is of class %d, not %v", item, c, classes[k])
			}
			seen[item] = true
			has[index[item]] = true
			count[item]++
		}
		for c, yes := range has {
			if yes {
				inBatches[c]++
			}
		}
	}
	for c, n := range inBatches {
		if n < batches/2 {
			t.Errorf("class %s is in %d of %d batches", names[c], n, batches)
		}
	}
	least, most := map[int]int{}, map[int]int{} // appearances of an item, by class
	for i, c := range index {
		if c < 0 {
			if count[int32(i)] > 0 {
				t.Errorf("item %d has no label and was drawn", i)
			}
			continue
		}
		if n, ok := least[c]; !ok || count[int32(i)] < n {
			least[c] = count[int32(i)]
		}
		most[c] = max(most[c], count[int32(i)])
	}
	for c, name := range names {
		if most[c]-least[c] > 1 {
			t.Errorf("class %s: an item came %d times, another %d times", name, least[c], most[c])
		}
	}
	again, _ := s.draw(batches, streams.Rand(1, 2), nil)
	other, _ := s.draw(batches, streams.Rand(2, 2), nil)
	if !cmp.Equal(items, again.items) || cmp.Equal(items, other.items) {
		t.Error("the same seed must give the same batches, another one others")
	}
}

// A class whose items do not all come in an epoch goes on in the next one: all of them come before one comes again.
func TestClassSamplerGoesOn(t *testing.T) {
	frame := classFrame(map[string]int{"a": 3, "b": 1000})
	s, err := newClassSampler(frame, "", 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	count, cfg := make([]int, frame.N()), DefaultConfig()
	for epoch := 1; epoch <= 60; epoch++ { // some 50 items of b each
		drawn, err := s.draw(4, streams.Epoch(cfg.Seed, epoch), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range drawn.items {
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

func TestClassSamplerErrors(t *testing.T) {
	for name, test := range map[string]struct {
		frame *data.Frame
		want  string
	}{
		"no labels":   {&data.Frame{}, "no labels"},
		"one class":   {classFrame(map[string]int{"a": 30}), "two classes"},
		"no positive": {classFrame(map[string]int{"a": 1, "b": 1, "c": 1}), "two items"},
		"too few":     {classFrame(map[string]int{"a": 5, "b": 5}), "lower batch_pairs"},
	} {
		_, err := newClassSampler(test.frame, "", 4, 16)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// One class of 3 items beside one of 5,000: losses on pairs and on batches train on both, and the rare class is told
// from the frequent ones.
func TestTrainOnNaturalImbalance(t *testing.T) {
	backend, err := goBackend()
	if err != nil {
		t.Fatal(err)
	}
	all := toy("t", 3, 5000, 9, 0.3, 1) // class by class
	var items []int
	for i := range all.N() {
		if class, k := i/5000, i%5000; class == 0 || class == 1 && k < 40 || class == 2 && k < 3 {
			items = append(items, i)
		}
	}
	train, val := all.Select(items), toy("v", 3, 12, 9, 0.3, 2)
	for _, name := range []string{"mse", "supcon", "triplet", "proxy-anchor"} {
		cfg := toyConfig()
		cfg.Loss, cfg.Monitor, cfg.CentreRate, cfg.Dropout = lossOf(name), MonitorMAP, 10, 0
		result, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		if err != nil {
			t.Fatal(err)
		}
		report, err := Evaluate(t.Context(), backend, result.Model, name, toy("w", 3, 12, 9, 0.3, 4), val)
		if err != nil {
			t.Fatal(err)
		}
		if report.Trained.MAPAtR < 0.9 || report.Trained.MAPAtR <= report.Baseline.MAPAtR {
			t.Errorf("%s: %v", name, report)
		}
	}
}
