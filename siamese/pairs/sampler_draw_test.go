package pairs_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/pairstest"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/pairs"
)

func TestPairsAreSeeded(t *testing.T) {
	f := labtest.Toy("i", 5, 8, 1, 1, 1)
	s := pairstest.SamplerOf(t, f, 0.5)
	draw := func(n int, seed uint64) pairs.Pairs { return labtest.Must(s.Draw(n, seed)) }
	for _, n := range []int{0, 1, 2, 7, 1000} {
		pairstest.CheckPairs(t, f, draw(n, 3), n)
	}
	again := labtest.Must(pairstest.SamplerOf(t, f, 0.5).Draw(1000, 3))
	if diff := cmp.Diff(draw(1000, 3), again); diff != "" {
		t.Errorf("one seed gave different pairs: %s", diff)
	}
	if cmp.Equal(draw(1000, 3), draw(1000, 4)) {
		t.Error("two seeds gave the same pairs")
	}
	if cmp.Equal(labtest.Must(s.DrawFrom(streams.Rand(3, streams.Draw), 100)),
		labtest.Must(s.DrawFrom(streams.Epoch(3, 1), 100))) {
		t.Error("two streams of a seed gave the same pairs")
	}
	// Positives do not come first: batches are cut in order.
	first := draw(1000, 3).Label[:100]
	var sum float32
	for _, l := range first {
		sum += l
	}
	if sum < 30 || sum > 70 {
		t.Errorf("%v of the first 100 of 1000 pairs are positive: they are not shuffled", sum)
	}
}

// A class of 3 must be drawn as often as one of 5,000.
func TestPairsBalanceClasses(t *testing.T) {
	f := labtest.Labelled(append(append(labtest.RepeatLabel("rare", 3), labtest.RepeatLabel("common", 5000)...),
		labtest.RepeatLabel("lone", 1)...), nil)
	const n = 20_000
	p := labtest.Must(pairstest.SamplerOf(t, f, 0.5).Draw(n, 1))
	pairstest.CheckPairs(t, f, p, n)
	positive, left := map[string]float64{}, map[string]float64{}
	seen := map[int32]bool{}
	for k := range n {
		if p.Label[k] == 1 {
			positive[f.Labels[p.Left[k]]]++
		} else {
			left[f.Labels[p.Left[k]]]++
		}
		seen[p.Left[k]], seen[p.Right[k]] = true, true
	}
	labtest.WantShare(t, "positive pairs of the rare class", positive["rare"], n/2, 0.5)
	labtest.WantShare(t, "positive pairs of the common class", positive["common"], n/2, 0.5)
	if positive["lone"] > 0 {
		t.Error("a class of one item has positive pairs")
	}
	for _, class := range []string{"rare", "common", "lone"} {
		labtest.WantShare(t, "negative pairs that start in "+class, left[class], n/2, 1.0/3)
	}
	if len(seen) < 4500 {
		t.Errorf("%d of 5,004 items were drawn", len(seen))
	}
}

func TestPairsWithinDomain(t *testing.T) {
	f := labtest.Toy("i", 6, 30, 1, 1, 1)
	// Items whose label is unknown are not drawn, and neither is a domain that has no others.
	f.Labels[0], f.Domains[0] = "", "nowhere"
	const n = 20_000
	for _, share := range []float64{0, 0.25, 0.5, 1} {
		p := labtest.Must(pairstest.SamplerOf(t, f, share).Draw(n, 1))
		pairstest.CheckPairs(t, f, p, n)
		within := 0.0
		for k := range n {
			if p.Label[k] == 0 && f.Domains[p.Left[k]] == f.Domains[p.Right[k]] {
				within++
			}
		}
		labtest.WantShare(t, fmt.Sprintf("negative pairs within a domain, asked for %v", share), within, n/2, share)
	}
}

// Where a domain has no other class, a negative pair is drawn from all items instead.
func TestPairsDomainIsClass(t *testing.T) {
	f := labtest.Labelled([]string{"a", "a", "b", "b", "b"}, []string{"x", "x", "y", "y", "y"})
	for _, share := range []float64{0, 1} {
		pairstest.CheckPairs(t, f, labtest.Must(pairstest.SamplerOf(t, f, share).Draw(500, 1)), 500)
	}
	one := labtest.Labelled([]string{"a", "a", "b", "b", "b"}, nil) // a frame of one domain
	if diff := cmp.Diff(labtest.Must(pairstest.SamplerOf(t, one, 1).Draw(50, 1)).Label,
		labtest.Must(pairstest.SamplerOf(t, one, 0).Draw(50, 1)).Label); diff != "" {
		t.Errorf("the share changes a frame of one domain: %s", diff)
	}
}

func TestPairsProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	drawn := 0
	for range 300 {
		n := 2 + rng.IntN(40)
		labels, domains := make([]string, n), make([]string, n)
		classes, places := 1+rng.IntN(6), 1+rng.IntN(4)
		for i := range n {
			if c := rng.IntN(classes + 1); c > 0 { // 0 = unknown
				labels[i] = fmt.Sprint(c)
			}
			domains[i] = fmt.Sprint(rng.IntN(places))
		}
		f := labtest.Labelled(labels, domains)
		s, err := pairs.NewSampler(f, pairs.SamplerOptions{WithinDomain: rng.Float64()})
		_, counts := f.ClassCounts()
		possible := len(counts) > 1 && maxOf(counts) > 1
		if possible != (err == nil) {
			t.Fatalf("class sizes %v: error %v", counts, err)
		}
		if err == nil {
			size := rng.IntN(200)
			pairstest.CheckPairs(t, f, labtest.Must(s.Draw(size, rng.Uint64())), size)
			drawn++
		}
	}
	if drawn < 100 {
		t.Errorf("only %d of 300 random frames had pairs to draw", drawn)
	}
}

func maxOf(counts []int) int {
	m := 0
	for _, c := range counts {
		m = max(m, c)
	}
	return m
}
