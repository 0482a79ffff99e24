package report

import (
	"slices"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/pairs"
)

func TestItemsHash(t *testing.T) {
	f := labtest.PositiveToy("e", 3, 4, 1)
	order := []int{3, 1, 0, 2, 11, 10, 9, 8, 7, 6, 5, 4}
	if ItemsHash(f) != ItemsHash(f.Select(order)) {
		t.Error("the hash depends on the order of items")
	}
	bare := labtest.PositiveToy("e", 3, 4, 1)
	bare.Labels = nil
	empty := labtest.PositiveToy("e", 3, 4, 1)
	empty.Labels = make([]string, empty.N())
	if ItemsHash(bare) != ItemsHash(empty) {
		t.Error("no labels and labels that are not known differ")
	}
	other, moved := labtest.PositiveToy("e", 3, 4, 1), labtest.PositiveToy("e", 3, 4, 1)
	other.IDs[2] = "x"
	moved.IDs[0], moved.Labels[0] = "e0c", "lass 0" // the same letters
	hashes := []string{ItemsHash(f), ItemsHash(bare), ItemsHash(other), ItemsHash(moved),
		ItemsHash(f.Select(order[:5]))}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 5 {
		t.Errorf("%d hashes of 5 lists", n)
	}
}

func TestPairsHash(t *testing.T) {
	f := &data.Frame{IDs: []string{"a", "b", "c", "d"}}
	p := pairs.Pairs{Left: []int32{0, 1, 2}, Right: []int32{1, 2, 3}, Label: []float32{1, 0, .5}}
	hash := func(change func(p *pairs.Pairs, f *data.Frame)) string {
		q := pairs.Pairs{Left: slices.Clone(p.Left), Right: slices.Clone(p.Right), Label: slices.Clone(p.Label)}
		g := &data.Frame{IDs: slices.Clone(f.IDs)}
		change(&q, g)
		return PairsHash(ItemPairs{g, q})
	}
	first := hash(func(*pairs.Pairs, *data.Frame) {})
	for name, change := range map[string]func(p *pairs.Pairs, f *data.Frame){
		"order": func(p *pairs.Pairs, _ *data.Frame) {
			slices.Reverse(p.Left)
			slices.Reverse(p.Right)
			slices.Reverse(p.Label)
		},
		"sides":   func(p *pairs.Pairs, _ *data.Frame) { p.Left, p.Right = p.Right, p.Left },
		"weights": func(p *pairs.Pairs, _ *data.Frame) { p.Weight = []float32{1, 1, 1} },
		"numbers": func(p *pairs.Pairs, f *data.Frame) {
			f.IDs = []string{"d", "c", "b", "a"}
			p.Left, p.Right = []int32{3, 2, 1}, []int32{2, 1, 0}
		},
	} {
		if hash(change) != first {
			t.Errorf("%s: the hash is another", name)
		}
	}
	hashes := []string{first,
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Weight = []float32{1, 2, 1} }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Label[2] = .25 }),
		hash(func(_ *pairs.Pairs, f *data.Frame) { f.IDs[3] = "e" }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Right[0] = 2 }),
		hash(func(p *pairs.Pairs, _ *data.Frame) { p.Left, p.Right, p.Label = p.Left[:2], p.Right[:2], p.Label[:2] })}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 6 {
		t.Errorf("%d hashes of 6 lists", n)
	}
}
