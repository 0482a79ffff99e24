package pairs

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/embeddingtest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// Mined pairs are among the ten hardest by the cosines, found here by sorting all of them.
func TestMine(t *testing.T) {
	const perClass, classes, e = 30, 5, 8
	frame := labtest.Toy("t", classes, perClass, 6, 0.5, 1)
	frame.Labels[3], frame.Labels[77] = "", "alone"
	s, err := NewSampler(frame, SamplerOptions{WithinDomain: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	z := embeddingtest.RandomEmbeddings(rng, frame.N(), e)
	pairs := labtest.Must(s.Mine(streams.Rand(7, 1), z, 500))
	again, other := labtest.Must(s.Mine(streams.Rand(7, 1), z, 500)), labtest.Must(s.Mine(streams.Rand(8, 1), z, 500))
	if !cmp.Equal(pairs, again) || cmp.Equal(pairs, other) {
		t.Error("the same seed must mine the same pairs, another one others")
	}
	positives := 0
	for k := range pairs.Label {
		left, right := int(pairs.Left[k]), int(pairs.Right[k])
		same := frame.Labels[left] == frame.Labels[right]
		if left == right || frame.Labels[left] == "" || frame.Labels[right] == "" || same != (pairs.Label[k] == 1) {
			t.Fatalf("pair %d: %d (%q) and %d (%q) with label %v", k, left, frame.Labels[left], right,
				frame.Labels[right], pairs.Label[k])
		}
		var others []float64
		for i := range frame.N() {
			if i != left && frame.Labels[i] != "" && (frame.Labels[i] == frame.Labels[left]) == same {
				c := z.Cosine(left, i)
				if same {
					c = -c
				}
				others = append(others, c)
			}
		}
		slices.Sort(others)
		slices.Reverse(others)
		c := z.Cosine(left, right)
		if same {
			positives++
			c = -c
		}
		if limit := others[min(minedFrom, len(others))-1]; c < limit-1e-6 {
			t.Errorf("pair %d has hardness %v, the tenth hardest %v", k, c, limit)
		}
	}
	if positives != 250 {
		t.Errorf("%d of 500 mined pairs are positive", positives)
	}
}
