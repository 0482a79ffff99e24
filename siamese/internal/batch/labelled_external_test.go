package batch_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/labtest/batchtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// A batch has no item twice and every label that is known of its items, and no other; every pair comes before one
// comes again, over draws too; the same seeds give the same batches.
func TestLabelledSampler(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	for range 40 {
		n := 12 + rng.IntN(60)
		p := pairstest.LabelledTable(rng, n, 30+rng.IntN(300))
		size := 2 * (1 + rng.IntN(5))
		s, again := batchtest.LabelledSamplerOf(t, p, n, size), batchtest.LabelledSamplerOf(t, p, n, size)
		want := map[[2]int32][2]float32{} // of all items
		for k := range p.Label {
			key := [2]int32{min(p.Left[k], p.Right[k]), max(p.Left[k], p.Right[k])}
			was := want[key]
			if w := p.Weight[k]; w > 0 {
				want[key] = [2]float32{was[0] + w*p.Label[k], was[1] + w*(1-p.Label[k])}
			}
		}
		all := len(want)
		came := map[[2]int32]bool{}
		const batches = 60
		for draw := uint64(0); len(came) < all; draw++ {
			if draw > 40 {
				t.Fatalf("%d of %d pairs came in %d draws", len(came), all, draw)
			}
			drawn, err := s.Draw(batches, streams.Rand(draw, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			if other, err := again.Draw(batches, streams.Rand(draw, 1), nil); err != nil ||
				!cmp.Equal(other, drawn, cmp.AllowUnexported(drawn)) {
				t.Fatalf("%v: the same seeds gave other batches", err)
			}
			for b := range batches {
				items := drawn.Items[b*size : (b+1)*size]
				found, known := batchtest.LabelsOf(s, t, drawn, b), map[[2]int32][2]float32{}
				for i, item := range items {
					for _, other := range items[:i] {
						if item == other {
							t.Fatalf("item %d is twice in a batch", item)
						}
						key := [2]int32{min(item, other), max(item, other)}
						if amounts, ok := want[key]; ok {
							known[key], came[key] = amounts, true
						}
					}
				}
				if diff := cmp.Diff(known, found); diff != "" {
					t.Fatalf("the labels of the batch are not those of the pairs: %s", diff)
				}
			}
		}
	}
}

// Items that were labelled with each other come together: there are more labelled pairs than in batches of pairs drawn
// at random.
func TestLabelledSamplerIsDense(t *testing.T) {
	const n, size, batches = 2000, 64, 50
	p := pairstest.LabelledTable(rand.New(rand.NewPCG(2, 2)), n, 20_000)
	s := batchtest.LabelledSamplerOf(t, p, n, size)
	drawn, err := s.Draw(batches, streams.Rand(1, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for b := range batches {
		found += len(batchtest.LabelsOf(s, t, drawn, b))
	}
	if mean := float64(found) / batches; mean < 1.5*size/2 {
		t.Errorf("a batch of %d items has %v labelled pairs", size, mean)
	}
}

// Where more pairs of a batch are labelled than fit, those that brought items into it are kept.
func TestLabelledSamplerLimit(t *testing.T) {
	const n, size = 40, 16
	p := pairstest.LabelledTable(rand.New(rand.NewPCG(2, 2)), n, 3000)
	s := batchtest.LabelledSamplerOf(t, p, n, size)
	s.MaxPairs = 9
	d := &batch.LabelledDraw{LabelledSampler: s, Rng: streams.Rand(3, 3), Place: make([]int, n)}
	for _, stratum := range s.Table.Strata {
		d.Queues = append(d.Queues, batch.NewQueue(stratum.Places, nil, d.Rng))
	}
	for range 50 {
		d.Next()
		b := batch.Batches{Items: slices.Clone(d.Items), Labels: make([]float32, 3*s.MaxPairs),
			Weights: make([]float32, 3*s.MaxPairs)}
		d.Label(b.Labels, b.Weights)
		found := batchtest.LabelsOf(s, t, b, 0)
		for _, k := range d.Drawn {
			if _, ok := found[[2]int32{min(p.Left[k], p.Right[k]), max(p.Left[k], p.Right[k])}]; !ok {
				t.Fatalf("pair %d was drawn and is not in the batch", k)
			}
		}
		if len(d.Drawn) == 0 || len(found) != s.MaxPairs {
			t.Fatalf("%d pairs were drawn, %d are in the batch", len(d.Drawn), len(found))
		}
	}
}
