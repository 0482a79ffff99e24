package hnsw

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// ring returns n nodes in a ring, each linked to both of its neighbours on level 0, and every third to the next such
// node on level 1.
func ring(n int) (words []uint32, levels []uint8) {
	for i := range n {
		words = append(words, 2, uint32((i+1)%n), uint32((i+n-1)%n))
		levels = append(levels, 0)
		if i%3 == 0 {
			words, levels[i] = append(words, 1, uint32((i/3+1)%(n/3)*3)), 1
		}
	}
	return words, levels
}

func TestParse(t *testing.T) {
	words, levels := ring(12)
	x, err := parse(words, levels, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	if got := x.at(3, 1); !slices.Equal(got, []uint32{6}) {
		t.Errorf("links of node 3 on level 1: %v", got)
	}
	if !slices.Equal(x.flat(), words) {
		t.Errorf("%v, want %v", x.flat(), words)
	}
	for name, wrong := range map[string]func(words []uint32, levels []uint8) ([]uint32, []uint8, int){
		"of no node":    func(w []uint32, l []uint8) ([]uint32, []uint8, int) { w[1] = 12; return w, l, 0 },
		"huge":          func(w []uint32, l []uint8) ([]uint32, []uint8, int) { w[0] = 1<<32 - 1; return w, l, 0 },
		"itself":        func(w []uint32, l []uint8) ([]uint32, []uint8, int) { w[1] = 0; return w, l, 0 },
		"a lower level": func(w []uint32, l []uint8) ([]uint32, []uint8, int) { w[4] = 1; return w, l, 0 },
		"short":         func(w []uint32, l []uint8) ([]uint32, []uint8, int) { return w[:len(w)-1], l, 0 },
		"long":          func(w []uint32, l []uint8) ([]uint32, []uint8, int) { return append(w, 0), l, 0 },
		"entry":         func(w []uint32, l []uint8) ([]uint32, []uint8, int) { return w, l, 12 },
		"entry below 0": func(w []uint32, l []uint8) ([]uint32, []uint8, int) { return w, l, -1 },
		"low entry":     func(w []uint32, l []uint8) ([]uint32, []uint8, int) { return w, l, 1 },
		"more levels":   func(w []uint32, l []uint8) ([]uint32, []uint8, int) { l[11] = 1; return w, l, 0 },
		"no nodes":      func(w []uint32, _ []uint8) ([]uint32, []uint8, int) { return w, nil, 0 },
	} {
		if _, err := parse(wrongly(wrong, words, levels)); err == nil {
			t.Errorf("%s: it was taken", name)
		}
	}
	many := slices.Concat([]uint32{9}, slices.Repeat([]uint32{1}, 9), []uint32{0})
	if _, err := parse(many, make([]uint8, 2), 0, 4); err == nil {
		t.Error("more links than there is room for were taken")
	}
}

func wrongly(wrong func([]uint32, []uint8) ([]uint32, []uint8, int), words []uint32, levels []uint8) ([]uint32, []uint8,
	int, int) {
	w, l, entry := wrong(slices.Clone(words), slices.Clone(levels))
	return w, l, entry, 4
}

// Whatever numbers are read as links, hnswlib gets those alone that lead to nodes.
func FuzzParse(f *testing.F) {
	f.Add([]byte{1, 1, 1, 0}, []byte{0, 0}, 0)
	f.Add([]byte{1, 1, 1, 1, 1, 0, 1, 0}, []byte{1, 1}, 1)
	f.Fuzz(func(t *testing.T, words, levels []byte, entry int) {
		var links []uint32
		for _, w := range words {
			links = append(links, uint32(int8(w))) //nolint:gosec // negative ones are huge
		}
		x, err := parse(links, levels, entry, 4)
		if err != nil {
			return
		}
		for i, top := range levels {
			for level := range int(top) + 1 {
				list := x.at(i, level)
				if len(list) > capacity(4, level) {
					t.Fatalf("node %d has %d links", i, len(list))
				}
				for _, to := range list {
					if int(to) >= len(levels) || int(levels[to]) < level {
						t.Fatalf("node %d is linked to %d on level %d", i, to, level)
					}
				}
			}
		}
	})
}

// What is left when nodes are gone hangs together, has the levels it had, and is linked to what was nearest behind
// them.
func TestWithout(t *testing.T) {
	const n = 60
	words, levels := ring(n)
	x, err := parse(words, levels, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	row := func(node int) ([]float32, error) { return []float32{float32(node)}, nil }
	same, err := x.without(func(int) bool { return false }, row)
	if err != nil || !reflect.DeepEqual(same, x) {
		t.Errorf("nothing is gone: %v", err)
	}
	gone := make([]bool, n)
	for i, p := range rand.New(rand.NewPCG(1, 1)).Perm(n) {
		gone[p] = i < n/2
	}
	gone[0], gone[7], gone[8], gone[9], gone[10], gone[11] = true, false, true, true, false, false
	left, err := x.without(func(i int) bool { return gone[i] }, row)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse(left.flat(), left.levels, left.entry, 4); err != nil {
		t.Fatal(err)
	}
	number, kept := make(map[int]uint32), 0
	for i := range n {
		if !gone[i] {
			if number[i] = uint32(kept); left.levels[kept] != levels[i] {
				t.Errorf("node %d is on level %d", i, left.levels[kept])
			}
			kept++
		}
	}
	linked := func(from, to int) bool { return slices.Contains(left.at(int(number[from]), 0), number[to]) }
	if !linked(7, 10) || !linked(10, 7) {
		t.Error("7 and 10 are not linked, between which nodes are gone")
	}
	seen := map[uint32]bool{uint32(left.entry): true}
	for ways := []uint32{uint32(left.entry)}; len(ways) > 0; ways = ways[1:] {
		for _, to := range left.at(int(ways[0]), 0) {
			if !seen[to] {
				seen[to], ways = true, append(ways, to)
			}
		}
	}
	if len(seen) != kept || len(left.levels) != kept {
		t.Errorf("%d of %d nodes are reached", len(seen), kept)
	}
	none, err := x.without(func(int) bool { return true }, row)
	if err != nil || len(none.levels) != 0 || none.entry != 0 {
		t.Errorf("all are gone: %+v, %v", none, err)
	}
}

// Levels are those of the seed, each with about a quarter of the nodes of the one below.
func TestLevel(t *testing.T) {
	counts, other := make([]int, 12), 0
	for i := range 4096 {
		l := level(1, i, 4)
		counts[l]++
		if l != level(2, i, 4) {
			other++
		}
	}
	if above := 4096 - counts[0]; above < 900 || above > 1150 || other == 0 {
		t.Errorf("%v, %d differ by the seed", counts, other)
	}
}
