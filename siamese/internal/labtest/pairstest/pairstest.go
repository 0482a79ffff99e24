// Package pairstest gives tests tables of pairs, and checks them.
package pairstest

import (
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/pairs"
)

// TableOf returns positive and negative pairs, all different, of items 0 to 2·(positive+negative)-1.
func TableOf(positive, negative int) pairs.Pairs {
	var p pairs.Pairs
	for k := range int32(positive + negative) {
		p.Left, p.Right, p.Label = append(p.Left, 2*k), append(p.Right, 2*k+1), append(p.Label, 0)
		if int(k) < positive {
			p.Label[k] = 1
		}
	}
	return p
}

// LabelledTable returns n random pairs of the given number of items. Some occur again the other way round, some labels
// are graded, and some weights are 0.
func LabelledTable(rng *rand.Rand, items, n int) pairs.Pairs {
	var p pairs.Pairs
	for k := range n {
		left := int32(rng.IntN(items))
		right := (left + 1 + int32(rng.IntN(items-1))) % int32(items)
		if k > 0 && rng.IntN(10) == 0 {
			left, right = p.Right[k-1], p.Left[k-1]
		}
		p.Left, p.Right = append(p.Left, left), append(p.Right, right)
		p.Label, p.Weight = append(p.Label, []float32{0, 0.25, 1}[rng.IntN(3)]),
			append(p.Weight, float32(rng.IntN(4))/2)
	}
	return p
}

// CheckPairs fails where pairs break a promise: half positive, no item with itself, labels as the classes say,
// only labelled items.
func CheckPairs(t *testing.T, f *data.Frame, p pairs.Pairs, n int) {
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

// SamplerOf returns a sampler over f, or fails the test.
func SamplerOf(t *testing.T, f *data.Frame, withinDomain float64) *pairs.Sampler {
	t.Helper()
	s, err := pairs.NewSampler(f, pairs.SamplerOptions{WithinDomain: withinDomain})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// PairsCase returns items without classes, and training and validation pairs of them that share no item. The pairs'
// labels follow from classes, which the frame no longer has.
func PairsCase(t *testing.T) (items *data.Frame, train, val pairs.Pairs) {
	t.Helper()
	items = labtest.Toy("i", 4, 40, 9, 0.5, 1)
	var trainItems, valItems []int
	for i := range items.N() {
		if i%4 == 3 {
			valItems = append(valItems, i)
		} else {
			trainItems = append(trainItems, i)
		}
	}
	drawn := func(rows []int, n int) pairs.Pairs {
		p := labtest.Must(SamplerOf(t, items.Select(rows), 0.5).Draw(n, 3))
		for k := range p.Left {
			p.Left[k], p.Right[k] = int32(rows[p.Left[k]]), int32(rows[p.Right[k]])
		}
		return p
	}
	train, val = drawn(trainItems, 3000), drawn(valItems, 400)
	items.Labels = nil
	return items, train, val
}

// Places returns the numbers of all pairs.
func Places(p pairs.Pairs) (all []int32) {
	for k := range p.Len() {
		all = append(all, int32(k))
	}
	return all
}
