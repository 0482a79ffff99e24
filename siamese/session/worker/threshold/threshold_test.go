package threshold

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/pairs"
)

// drawn returns n pairs of 50 items with cosines on a coarse grid, so that many are equal.
func drawn(t *testing.T, n int) (*Pairs, []float32, []bool) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	f := &data.Frame{Labels: make([]string, 50)}
	for i := range 50 {
		f.IDs = append(f.IDs, string(rune('a'+i%26))+string(rune('a'+i/26)))
		f.Labels[i] = string(rune('A' + i%3))
	}
	label := map[[2]int32]bool{}
	var of pairs.Pairs
	var cosines []float32
	var same []bool
	for range n {
		i, j := int32(rng.IntN(50)), int32(rng.IntN(50))
		kind, drawn := label[[2]int32{min(i, j), max(i, j)}]
		if !drawn { // a pair that is drawn again is of the same kind
			kind = rng.IntN(2) == 1
			label[[2]int32{min(i, j), max(i, j)}] = kind
		}
		label := float32(0)
		if kind {
			label = 1
		}
		of.Left, of.Right, of.Label = append(of.Left, i), append(of.Right, j), append(of.Label, label)
		same = append(same, label == 1)
		cosines = append(cosines, float32(math.Round((rng.Float64()*2-1+float64(label)/3)*40)/60))
	}
	p, err := New(f, of, cosines, .25)
	if err != nil {
		t.Fatal(err)
	}
	return p, cosines, same
}

// TestAt: counts are those of package metric, at thresholds on, between and outside of the cosines.
func TestAt(t *testing.T) {
	p, cosines, same := drawn(t, 400)
	list := []float64{-1, -.5, 0, .25, float64(cosines[7]), math.Nextafter(float64(cosines[7]), 2), .5, .99, 1, 1.5}
	want, err := metric.Verify(cosines, same, nil, metric.VerificationOptions{Thresholds: list})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range list {
		if diff := cmp.Diff(want.At[i], p.At(at)); diff != "" {
			t.Errorf("at %v: %s", at, diff)
		}
	}
}

// TestSteps: a page that takes the next step has the counts of every threshold where steps are exact, and those of the
// steps themselves where they are a grid.
func TestSteps(t *testing.T) {
	for _, n := range []int{300, mostExact + 1} {
		p, _, _ := drawn(t, n)
		s := p.Steps()
		if s.Exact != (n <= mostExact) || !sort.Float64sAreSorted(s.At) || !slices.Contains(s.At, .25) && !s.Exact {
			t.Fatalf("%d pairs: %v of %d steps", n, s.Exact, len(s.At))
		}
		list := slices.Clone(s.At)
		if s.Exact {
			list = append(list, -1, .0001, .123, .7)
		}
		for _, at := range list {
			i := sort.SearchFloat64s(s.At, at)
			c := p.At(at)
			if float64(s.Same[i]) != c.TP || float64(s.Different[i]) != c.FP {
				t.Fatalf("%d pairs at %v: %d %d, want %+v", n, at, s.Same[i], s.Different[i], c)
			}
		}
		if last := len(s.At) - 1; s.Same[last] != 0 || s.Different[last] != 0 || s.Same[0] != uint32(len(p.same)) {
			t.Errorf("%d pairs: the ends are %+v", n, s)
		}
	}
}

// TestWrong: wrong pairs are those and no others, the farthest or the nearest first.
func TestWrong(t *testing.T) {
	p, _, _ := drawn(t, 400)
	c := p.At(.2)
	accepted, missed := p.Wrong(.2, false, 1000)
	twice := map[[2]string]bool{}
	for _, w := range append(slices.Clone(accepted), missed...) {
		a, b := [2]string{w.Left.ID, w.Right.ID}, [2]string{w.Right.ID, w.Left.ID}
		if twice[a] {
			t.Errorf("%v is there twice", w)
		}
		twice[a], twice[b] = true, true
	}
	if len(accepted) > int(c.FP) || len(missed) > int(c.FN) || len(accepted) < 20 || accepted[0].Cosine < accepted[len(accepted)-1].Cosine ||
		missed[0].Cosine > missed[len(missed)-1].Cosine || missed[0].Left.Label == "" {
		t.Errorf("%+v: %d accepted, %d missed", c, len(accepted), len(missed))
	}
	far, low := p.Wrong(.2, false, 1)
	near, high := p.Wrong(.2, true, 1)
	last := func(list []Wrong) float64 { return list[len(list)-1].Cosine }
	if far[0] != accepted[0] || low[0] != missed[0] || near[0].Cosine != last(accepted) || high[0].Cosine != last(missed) {
		t.Errorf("%v %v %v %v", far, low, near, high)
	}
	if a, m := p.Wrong(2, true, 5); len(a) != 0 || len(m) != 5 {
		t.Errorf("above all: %v %v", a, m)
	}
}

// TestNew: one kind alone and a cosine that is none are errors; pairs of weight 0 are not there.
func TestNew(t *testing.T) {
	f := &data.Frame{IDs: []string{"a", "b", "c"}}
	of := pairs.Pairs{Left: []int32{0, 0, 1}, Right: []int32{1, 2, 2}, Label: []float32{1, 0, 0}}
	if p, err := New(f, of, []float32{.5, .1, .2}, 0); err != nil || p.Len() != 3 {
		t.Errorf("%v %v", p, err)
	}
	if _, err := New(f, of, []float32{.5, float32(math.NaN()), .2}, 0); err == nil {
		t.Error("a cosine that is none is taken")
	}
	of.Weight = []float32{0, 1, 1}
	if _, err := New(f, of, []float32{.5, .1, .2}, 0); err == nil {
		t.Error("one kind of pairs is taken")
	}
}
