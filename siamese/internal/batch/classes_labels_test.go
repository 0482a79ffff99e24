package batch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Batches have no item twice and none that is unknown, are full, and go through all items of a class before one of them
// comes again on account of it.
func TestClassSamplerOfSeveralLabels(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 2))
	made := 0
	for range 150 {
		f := labtest.RandomLabels(rng)
		l := itemset.LabelsOf(f, "|")
		known := 0
		for _, list := range l.Of {
			known += min(1, len(list))
		}
		size := 2 * (1 + rng.IntN(8))
		s, err := NewClassSampler(f, "|", 2+rng.IntN(3), size)
		if err != nil {
			if known >= size && len(l.Names) > 1 && !strings.Contains(err.Error(), "two items") {
				t.Fatalf("%q: %v", f.Labels, err)
			}
			continue
		}
		made++
		const draws, batches = 5, 40
		count := make([]int, f.N())
		for epoch := range draws {
			b, err := s.Draw(batches, streams.Rand(uint64(epoch), 7), nil)
			if err != nil || len(b.Items) != batches*size {
				t.Fatalf("%v: %d items", err, len(b.Items))
			}
			for k, item := range b.Items {
				count[item]++
				if first := k / size * size; slices.Contains(b.Items[first:k], item) {
					t.Fatalf("item %d is twice in a batch", item)
				}
				for at := range l.Most {
					want := float32(-1)
					if at < len(l.Of[item]) {
						want = float32(l.Of[item][at])
					}
					if got := b.Labels[k*l.Most+at]; got != want {
						t.Fatalf("item %d has class %v, want %v", item, got, want)
					}
				}
			}
		}
		for i, n := range count {
			if (n == 0) != (len(l.Of[i]) == 0) {
				t.Fatalf("item %d with label %q came %d times", i, f.Labels[i], n)
			}
		}
	}
	if made < 40 {
		t.Errorf("only %d of 150 random frames had batches", made)
	}
}
