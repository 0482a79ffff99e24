package batch

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

func TestClassSampler(t *testing.T) {
	frame := labtest.ClassFrame(map[string]int{"a": 3, "b": 500, "c": 1, "d": 40, "": 7})
	s, err := NewClassSampler(frame, "", 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	const batches = 200
	drawn, err := s.Draw(batches, streams.Rand(1, 2), nil)
	if err != nil {
		t.Fatal(err)
	}
	items, classes := drawn.Items, drawn.Labels
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
	again, _ := s.Draw(batches, streams.Rand(1, 2), nil)
	other, _ := s.Draw(batches, streams.Rand(2, 2), nil)
	if !cmp.Equal(items, again.Items) || cmp.Equal(items, other.Items) {
		t.Error("the same seed must give the same batches, another one others")
	}
}

func TestClassSamplerErrors(t *testing.T) {
	for name, test := range map[string]struct {
		frame *data.Frame
		want  string
	}{
		"no labels":   {&data.Frame{}, "no labels"},
		"one class":   {labtest.ClassFrame(map[string]int{"a": 30}), "two classes"},
		"no positive": {labtest.ClassFrame(map[string]int{"a": 1, "b": 1, "c": 1}), "two items"},
		"too few":     {labtest.ClassFrame(map[string]int{"a": 5, "b": 5}), "batch_pairs: "},
	} {
		_, err := NewClassSampler(test.frame, "", 4, 16)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}
