package siamese

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// A class whose items do not all come in an epoch continues in the next one: all of them come before one comes again.
func TestClassSamplerResumes(t *testing.T) {
	frame := labtest.ClassFrame(map[string]int{"a": 3, "b": 1000})
	s, err := batch.NewClassSampler(frame, "", 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	count, cfg := make([]int, frame.N()), DefaultConfig()
	for epoch := 1; epoch <= 60; epoch++ { // some 50 items of b each
		drawn, err := s.Draw(4, streams.Epoch(cfg.Seed, epoch), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range drawn.Items {
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
