package pairs

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestPairsClasses(t *testing.T) {
	p := Pairs{
		Left:   []int32{4, 1, 6, 0, 1, 2, 2},
		Right:  []int32{1, 5, 0, 7, 6, 4, 6},
		Label:  []float32{1, 0.75, 1, 0, 0.25, 1, 0},
		Weight: []float32{1, 2, 1, 1, 1, 0, 1}, // the sixth links nothing
	}
	got, err := p.Classes(9)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1", "2", "3", "", "2", "2", "1", "4", ""}, got); diff != "" {
		t.Error(diff)
	}
	p.Label[4], p.Label[6] = 1, 0
	p.Weight[5] = 1 // 0, 1, 2, 4, 5 and 6 hang together now
	_, err = p.Classes(9)
	labtest.WantError(t, err, "pair 6 (items 2 and 6)")
	p.Left[0] = 9
	_, err = p.Classes(9)
	labtest.WantError(t, err, "out of range")
}

// Classes that pairs were drawn from come back as far as the pairs reach.
func TestPairsClassesAgainstClasses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 3))
	for range 50 {
		n := 20 + rng.IntN(200)
		class := make([]int, n)
		for i := range class {
			class[i] = rng.IntN(8)
		}
		var p Pairs
		for range rng.IntN(6 * n) {
			a, b := rng.IntN(n), rng.IntN(n)
			if a == b {
				continue
			}
			p.Left, p.Right, p.Label = append(p.Left, int32(a)), append(p.Right, int32(b)), append(p.Label, 0)
			if class[a] == class[b] {
				p.Label[p.Len()-1] = 1
			}
		}
		got, err := p.Classes(n)
		if err != nil {
			t.Fatal(err)
		}
		// The naive way: spread the lowest number along pairs until nothing changes.
		want := labtest.Seq(n)
		for changed := true; changed; {
			changed = false
			for k, label := range p.Label {
				if a, b := p.Left[k], p.Right[k]; label == 1 && want[a] != want[b] {
					want[a], want[b], changed = min(want[a], want[b]), min(want[a], want[b]), true
				}
			}
		}
		in := map[int]bool{}
		for _, i := range p.Items(n) {
			in[i] = true
		}
		for i := range n {
			if (got[i] != "") != in[i] {
				t.Fatalf("item %d is of class %q", i, got[i])
			}
			for j := range i {
				if in[i] && in[j] && (got[i] == got[j]) != (want[i] == want[j]) {
					t.Fatalf("items %d and %d: classes %q and %q, and they hang together: %v", i, j, got[i], got[j],
						want[i] == want[j])
				}
			}
		}
	}
}
