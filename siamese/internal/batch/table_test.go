package batch

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

// A quarter of every batch comes from the pairs that the embeddings have most wrong, of either kind; a graded label is
// wrong by what the cosine differs from it.
func TestPairTableSamplerHard(t *testing.T) {
	const same, different, b, n = 40, 60, 16, 50
	pairs := pairstest.TableOf(same, different)
	z := &embedding.Embeddings{N: 2 * (same + different), E: 2}
	for k := range same + different { // pair k has the cosine of an angle that grows with k
		angle := float64(k) / 100 * math.Pi / 2
		z.Values = append(z.Values, 1, 0, float32(math.Cos(angle)), float32(math.Sin(angle)))
	}
	pairs.Label[0] = 0.5 // of cosine 1: wrong by a half, and three labels of 1 are wrong by less
	hardest := map[int32]bool{}
	for _, k := range []int32{39, 38, 37, 0, 40, 41, 42, 43, 44, 45} {
		hardest[k] = true
	}
	if wrong := 1 - math.Cos(0.36*math.Pi/2); wrong > 0.5 {
		t.Fatalf("pair 36 is wrong by %v", wrong)
	}
	s, err := newPairTableSampler(pairs, z.N, b, false)
	if err != nil {
		t.Fatal(err)
	}
	items, labels, weights := s.Draw(s.withHard(s.farness(z), 0.25), n, rand.New(rand.NewPCG(1, 2)))
	counts := map[int32]int{}
	for start, drawn := 0, drawnPairs(t, pairs, items, labels, weights, b); start < len(drawn); start += b {
		var hard, positive int
		for _, k := range drawn[start : start+b] {
			counts[int32(k)]++
			if hardest[int32(k)] {
				hard++
			}
			if k < same {
				positive++
			}
		}
		if positive != b/2 || hard < b/4 {
			t.Fatalf("%d of a batch are positive, %d are hard", positive, hard)
		}
	}
	for k := range int32(same + different) {
		if c := counts[k]; hardest[k] != (c > n/5) {
			t.Errorf("pair %d was drawn %d times; hard: %v", k, c, hardest[k])
		}
	}
	// A whole batch of hard pairs, more than there are.
	if strata := s.withHard(s.farness(z), 1); len(strata) != 2 || strata[0].count != b/2 ||
		len(strata[0].Places) != same/10 || len(strata[1].Places) != different/10 {
		t.Errorf("strata %+v", strata)
	}
}

// 3 positive pairs among 10,000 negative ones must be half of every batch, and none drawn twice before the others.
func TestPairTableSamplerImbalance(t *testing.T) {
	pairs := pairstest.TableOf(3, 10_000)
	pairs.Weight = make([]float32, pairs.Len())
	for k := range pairs.Weight {
		pairs.Weight[k] = float32(k + 1)
	}
	s, err := newPairTableSampler(pairs, 20_006, 33, false)
	if err != nil {
		t.Fatal(err)
	}
	const n, b = 1000, 33
	items, labels, weights := s.Draw(s.Strata, n, rand.New(rand.NewPCG(1, 2)))
	drawn := drawnPairs(t, pairs, items, labels, weights, b)
	if len(drawn) != n*b {
		t.Fatalf("%d pairs, want %d", len(drawn), n*b)
	}
	counts := make([]int, pairs.Len())
	for start := 0; start < len(drawn); start += b {
		positive := 0
		for _, k := range drawn[start : start+b] {
			counts[k]++
			if k < 3 {
				positive++
			}
		}
		if positive != b/2 {
			t.Fatalf("%d of %d pairs of a batch are positive, want %d", positive, b, b/2)
		}
	}
	for k, c := range counts {
		want := n * (b - b/2) / 10_000
		if k < 3 {
			want = n * (b / 2) / 3
		}
		if c != want && c != want+1 {
			t.Errorf("pair %d was drawn %d times, want %d or one more", k, c, want)
		}
	}
}

// drawnPairs returns which pair of the table each drawn one is. The pairs of the table have no item twice.
func drawnPairs(t *testing.T, pairs pairs.Pairs, items []int32, labels, weights []float32, b int) []int {
	t.Helper()
	if len(items) != 2*len(labels) || len(weights) != len(labels) || len(labels)%b != 0 {
		t.Fatalf("%d items, %d labels, %d weights for batches of %d", len(items), len(labels), len(weights), b)
	}
	var out []int
	for at := range labels {
		batch, k := at/b, at%b
		l, r := items[2*b*batch+k], items[2*b*batch+b+k]
		place := int(l / 2)
		if pairs.Left[place] != l || pairs.Right[place] != r || pairs.Label[place] != labels[at] ||
			pairs.WeightOf(place) != weights[at] {
			t.Fatalf("pair %d of batch %d is (%d, %d, %v, %v), which the table lacks", k, batch, l, r, labels[at],
				weights[at])
		}
		out = append(out, place)
	}
	return out
}

func TestPairTableSamplerRounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		pairs := pairstest.TableOf(1+rng.IntN(9), 1+rng.IntN(40))
		natural := rng.IntN(2) == 0
		b, n := 1+rng.IntN(20), 1+rng.IntN(12)
		s, err := newPairTableSampler(pairs, 2*pairs.Len(), b, natural)
		if err != nil {
			t.Fatal(err)
		}
		seed := rng.Uint64()
		items, labels, weights := s.Draw(s.Strata, n, rand.New(rand.NewPCG(seed, 0)))
		if s, err = newPairTableSampler(pairs, 2*pairs.Len(), b, natural); err != nil {
			t.Fatal(err)
		}
		again, _, _ := s.Draw(s.Strata, n, rand.New(rand.NewPCG(seed, 0)))
		if !cmp.Equal(items, again) {
			t.Fatal("one seed gave different batches")
		}
		counts := make([]int, pairs.Len())
		for _, k := range drawnPairs(t, pairs, items, labels, weights, b) {
			counts[k]++
		}
		for _, kind := range strataOf(pairs, natural) {
			low, high := counts[kind[0]], counts[kind[0]]
			for _, k := range kind {
				low, high = min(low, counts[k]), max(high, counts[k])
			}
			if high > low+1 {
				t.Fatalf("one pair was drawn %d times and another of its kind %d times", high, low)
			}
		}
	}
}

// Draws too short for all pairs continue where the last one ended: over all of them no pair comes twice more than
// another. A sampler that skips earlier draws continues with the same ones.
func TestPairTableSamplerContinues(t *testing.T) {
	pairs := pairstest.TableOf(50, 700)
	z := &embedding.Embeddings{N: 2 * pairs.Len(), E: 1, Values: make([]float32, 2*pairs.Len())}
	for i := range z.Values {
		z.Values[i] = float32(i%7) - 3
	}
	for _, hard := range []float64{0, 0.25} {
		sampler := func() *tableBatches {
			table, err := newPairTableSampler(pairs, 2*pairs.Len(), 16, false)
			if err != nil {
				t.Fatal(err)
			}
			return &tableBatches{table, hard}
		}
		const n, epochs = 5, 40 // 40 and, with hard pairs, 30 of either kind an epoch
		s, counts := sampler(), make([]int, pairs.Len())
		for epoch := 1; epoch <= epochs; epoch++ {
			drawn, err := s.Draw(n, streams.Epoch(42, epoch), func() (*embedding.Embeddings, error) { return z, nil })
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range drawnPairs(t, pairs, drawn.Items, drawn.Labels, drawn.Weights, 16) {
				counts[k]++
			}
			if epoch%9 != 0 {
				continue
			}
			passed := sampler()
			for before := 1; before <= epoch; before++ {
				if err := passed.Skip(n, streams.Epoch(42, before)); err != nil {
					t.Fatal(err)
				}
			}
			for i, stratum := range s.Strata {
				if diff := cmp.Diff(*stratum.left, *passed.Strata[i].left); diff != "" || len(*stratum.left) == 0 {
					t.Fatalf("hard %v: after epoch %d other pairs are left: %s", hard, epoch, diff)
				}
			}
		}
		if low, high := slices.Min(counts[50:]), slices.Max(counts[50:]); hard == 0 && (low != 2 || high != 3) {
			t.Errorf("one of 700 negative pairs was drawn %d times in 1,600 draws, another %d times", low, high)
		}
	}
}

func strataOf(pairs pairs.Pairs, natural bool) [][]int {
	var kinds [2][]int
	for k := range pairs.Label {
		kind := 0
		if !natural && pairs.Same(k) {
			kind = 1
		}
		kinds[kind] = append(kinds[kind], k)
	}
	if natural {
		return kinds[:1]
	}
	return kinds[:]
}

func TestPairTableSamplerErrors(t *testing.T) {
	weightless := pairstest.TableOf(1, 1)
	weightless.Weight = []float32{0, 0}
	tests := []struct {
		name    string
		pairs   pairs.Pairs
		size    int
		natural bool
		want    string
	}{
		{"none", pairs.Pairs{}, 2, true, "none"},
		{"no weight", weightless, 2, false, "weight"},
		{"one label", pairstest.TableOf(3, 0), 2, false, "natural_pairs: "},
		{"size", pairstest.TableOf(1, 1), 0, false, "at least 1"},
		{"unsound", pairs.Pairs{Left: []int32{1}, Right: []int32{1}, Label: []float32{1}}, 2, true, "pair"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := newPairTableSampler(test.pairs, 10, test.size, test.natural)
			labtest.WantError(t, err, test.want)
		})
	}
	if _, err := newPairTableSampler(pairstest.TableOf(3, 0), 6, 2, true); err != nil {
		t.Errorf("pairs of one label as they come: %v", err)
	}
}
