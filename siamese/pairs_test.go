package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// labelled returns a frame of one feature with the given labels and domains (nil = none).
func labelled(labels, domains []string) *data.Frame {
	rows := make([][]float32, len(labels))
	for i := range rows {
		rows[i] = []float32{float32(i)}
	}
	f := frameOf("i", labels, rows...)
	f.Domains = domains
	return f
}

func repeatLabel(name string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = name
	}
	return out
}

// checkPairs fails where pairs break a promise: half positive, no item with itself, labels as the classes say,
// only labelled items.
func checkPairs(t *testing.T, f *data.Frame, p Pairs, n int) {
	t.Helper()
	if p.Len() != n || len(p.Left) != n || len(p.Right) != n {
		t.Fatalf("%d, %d, %d entries, want %d", len(p.Left), len(p.Right), p.Len(), n)
	}
	positive := 0
	for k := range n {
		l, r := f.Labels[p.Left[k]], f.Labels[p.Right[k]]
		switch {
		case p.Left[k] == p.Right[k]:
			t.Fatalf("pair %d is item %d with itself", k, p.Left[k])
		case l == "" || r == "":
			t.Fatalf("pair %d has an item without a label", k)
		case (l == r) != (p.Label[k] == 1) || p.Label[k] != 0 && p.Label[k] != 1:
			t.Fatalf("pair %d of %q and %q has label %v", k, l, r, p.Label[k])
		}
		positive += int(p.Label[k])
	}
	if positive != n/2 {
		t.Fatalf("%d of %d pairs are positive, want %d", positive, n, n/2)
	}
}

func samplerOf(t *testing.T, f *data.Frame, withinDomain float64) *PairSampler {
	t.Helper()
	s, err := NewPairSampler(f, SamplerOptions{WithinDomain: withinDomain})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPairsAreSeeded(t *testing.T) {
	f := toy("i", 5, 8, 1, 1, 1)
	s := samplerOf(t, f, 0.5)
	for _, n := range []int{0, 1, 2, 7, 1000} {
		checkPairs(t, f, s.Draw(n, 3), n)
	}
	if diff := cmp.Diff(s.Draw(1000, 3), samplerOf(t, f, 0.5).Draw(1000, 3)); diff != "" {
		t.Errorf("one seed gave different pairs: %s", diff)
	}
	if cmp.Equal(s.Draw(1000, 3), s.Draw(1000, 4)) {
		t.Error("two seeds gave the same pairs")
	}
	if cmp.Equal(s.DrawFrom(streams.Rand(3, streams.Draw), 100), s.DrawFrom(streams.Epoch(3, 1), 100)) {
		t.Error("two streams of a seed gave the same pairs")
	}
	// Positives do not come first: batches are cut in order.
	first := s.Draw(1000, 3).Label[:100]
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
	f := labelled(append(append(repeatLabel("rare", 3), repeatLabel("common", 5000)...), repeatLabel("lone", 1)...), nil)
	const n = 20_000
	p := samplerOf(t, f, 0.5).Draw(n, 1)
	checkPairs(t, f, p, n)
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
	wantShare(t, "positive pairs of the rare class", positive["rare"], n/2, 0.5)
	wantShare(t, "positive pairs of the common class", positive["common"], n/2, 0.5)
	if positive["lone"] > 0 {
		t.Error("a class of one item has positive pairs")
	}
	for _, class := range []string{"rare", "common", "lone"} {
		wantShare(t, "negative pairs that start in "+class, left[class], n/2, 1.0/3)
	}
	if len(seen) < 4500 {
		t.Errorf("%d of 5,004 items were drawn", len(seen))
	}
}

// wantShare fails when count of n lies more than five standard deviations from the share p.
func wantShare(t *testing.T, what string, count, n, p float64) {
	t.Helper()
	if math.Abs(count-n*p) > 5*math.Sqrt(n*p*(1-p)) {
		t.Errorf("%s: %v of %v, want about %.0f", what, count, n, n*p)
	}
}

func TestPairsWithinDomain(t *testing.T) {
	f := toy("i", 6, 30, 1, 1, 1)
	// Items whose label is unknown are not drawn, and neither is a domain that has no others.
	f.Labels[0], f.Domains[0] = "", "nowhere"
	const n = 20_000
	for _, share := range []float64{0, 0.25, 0.5, 1} {
		p := samplerOf(t, f, share).Draw(n, 1)
		checkPairs(t, f, p, n)
		within := 0.0
		for k := range n {
			if p.Label[k] == 0 && f.Domains[p.Left[k]] == f.Domains[p.Right[k]] {
				within++
			}
		}
		wantShare(t, fmt.Sprintf("negative pairs within a domain, asked for %v", share), within, n/2, share)
	}
}

// Positive pairs across domains come as often as is asked for at least, and from every item of the other domains alike.
func TestPairsAcrossDomains(t *testing.T) {
	f := toy("i", 6, 30, 1, 1, 1)
	for i, label := range f.Labels { // one class is of a single domain
		if label == f.Labels[0] {
			f.Domains[i] = f.Domains[0]
		}
	}
	const n = 40_000
	natural := 0.0
	for _, share := range []float64{0, 0.5, 1} {
		cfg := DefaultConfig()
		cfg.AcrossDomains = share
		s, err := NewPairSampler(f, cfg.samplerOptions())
		if err != nil {
			t.Fatal(err)
		}
		p := s.Draw(n, 1)
		checkPairs(t, f, p, n)
		across, all := 0.0, 0.0
		right := map[int32]float64{}
		for k := range n {
			if p.Label[k] == 1 && f.Labels[p.Left[k]] != f.Labels[0] {
				all++
				right[p.Right[k]]++
				if f.Domains[p.Left[k]] != f.Domains[p.Right[k]] {
					across++
				}
			}
		}
		if share == 0 {
			natural = across / all
		}
		if got, want := across/all, share+(1-share)*natural; math.Abs(got-want) > 0.02 {
			t.Errorf("%.3f of the positive pairs are of two domains, want %.3f", got, want)
		}
		want := all / (5 * 30) // every domain has half of each class
		for item, count := range right {
			if math.Abs(count-want) > 6*math.Sqrt(want) {
				t.Errorf("item %d came %v times, want about %.0f", item, count, want)
			}
		}
	}
	if natural < 0.2 || natural > 0.8 {
		t.Errorf("%.3f of the positive pairs are of two domains without asking", natural)
	}
}

// Where a domain has no other class, a negative pair is drawn from all items instead.
func TestPairsDomainIsClass(t *testing.T) {
	f := labelled([]string{"a", "a", "b", "b", "b"}, []string{"x", "x", "y", "y", "y"})
	for _, share := range []float64{0, 1} {
		checkPairs(t, f, samplerOf(t, f, share).Draw(500, 1), 500)
	}
	one := labelled([]string{"a", "a", "b", "b", "b"}, nil) // a frame of one domain
	if diff := cmp.Diff(samplerOf(t, one, 1).Draw(50, 1).Label, samplerOf(t, one, 0).Draw(50, 1).Label); diff != "" {
		t.Errorf("the share changes a frame of one domain: %s", diff)
	}
}

func TestPairsErrors(t *testing.T) {
	short := labelled([]string{"a", "b", "b"}, nil)
	short.Labels = short.Labels[:2]
	shortDomains := labelled([]string{"a", "b", "b"}, []string{"x"})
	tests := []struct {
		name  string
		frame *data.Frame
		want  string
	}{
		{"nil", nil, "no labels"},
		{"no labels", frameOf("i", nil, []float32{1}, []float32{2}), "no labels"},
		{"unknown labels", labelled([]string{"", "", ""}, nil), "0 class(es)"},
		{"one class", labelled([]string{"a", "a", ""}, nil), "1 class(es) among 3 items"},
		{"no class with two", labelled([]string{"a", "b", "c"}, nil), "none of the 3 classes has two items"},
		{"too few labels", short, "2 labels and 0 domains for 3 items"},
		{"too few domains", shortDomains, "3 labels and 1 domains for 3 items"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewPairSampler(test.frame, SamplerOptions{WithinDomain: 0.5})
			wantError(t, err, "pairs: ", test.want)
		})
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
		f := labelled(labels, domains)
		s, err := NewPairSampler(f, SamplerOptions{WithinDomain: rng.Float64()})
		_, counts := f.ClassCounts()
		possible := len(counts) > 1 && maxOf(counts) > 1
		if possible != (err == nil) {
			t.Fatalf("class sizes %v: error %v", counts, err)
		}
		if err == nil {
			size := rng.IntN(200)
			checkPairs(t, f, s.Draw(size, rng.Uint64()), size)
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
