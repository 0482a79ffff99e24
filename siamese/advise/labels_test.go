package advise

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/siamese/embedding"
)

// images returns the features of built-in images, so many of each class.
func images(t *testing.T, each int) *data.Frame {
	t.Helper()
	pictures, err := builtin.Sample(each, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := features.Extract(t.Context(), pictures, features.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// flip gives a share of the items, by chance, the label of another class, and returns which.
func flip(f *data.Frame, share float64) map[int]bool {
	rng := rand.New(rand.NewPCG(3, 4))
	names, _ := f.Classes()
	flipped := map[int]bool{}
	for len(flipped) < int(share*float64(f.N())) {
		i, label := rng.IntN(f.N()), names[rng.IntN(len(names))]
		if !flipped[i] && label != f.Labels[i] {
			f.Labels[i], flipped[i] = label, true
		}
	}
	return flipped
}

// Of labels that were flipped most are found, and most of what is found was flipped: testdata/measure has larger
// numbers.
func TestFlippedLabels(t *testing.T) {
	t.Parallel()
	f := images(t, 30)
	right := append([]string(nil), f.Labels...)
	flipped := flip(f, .02)
	a, err := Run(t.Context(), f, Options{Seed: 42, NoCurves: true})
	if err != nil {
		t.Fatal(err)
	}
	hits, mended := 0, 0
	for _, one := range a.Labels.Suspects {
		if one.Label != f.Labels[one.Item] || one.ID != f.IDs[one.Item] || one.Given > .05 || one.Neighbours < .5 {
			t.Fatalf("%v of item %d", one, one.Item)
		}
		if flipped[one.Item] {
			hits++
			if one.Suggested == right[one.Item] {
				mended++
			}
		}
	}
	t.Logf("%d flipped, %d suspects, %d of them flipped, %d with the right label; agreement %.3f, temperature %.2f",
		len(flipped), len(a.Labels.Suspects), hits, mended, a.Labels.Agreement, a.Labels.Temperature)
	if 2*hits < len(flipped) || 2*hits < len(a.Labels.Suspects) || mended*10 < hits*7 {
		t.Error("too few flipped labels are found, or too many others")
	}
}

// Posteriors are those of the model: the difference of two classes with one item each is that of the two scores of
// PLDA, which are log-likelihood ratios, and a class without items has none.
func TestLogits(t *testing.T) {
	t.Parallel()
	f := clouds(6, 20, .7)
	var train, one []int
	for i := range f.N() {
		switch {
		case i%20 > 3:
			train = append(train, i)
		case i%20 == 0 && i < 60:
			one = append(one, i)
		}
	}
	m, err := fit(t.Context(), f, train)
	if err != nil {
		t.Fatal(err)
	}
	known, _, err := m.rows(t.Context(), f.Select(one))
	if err != nil {
		t.Fatal(err)
	}
	test, _, err := m.rows(t.Context(), f.Select([]int{1, 25, 50, 119}))
	if err != nil {
		t.Fatal(err)
	}
	logits := m.logits(known, []int{0, 1, 2}, 4, test)
	for i, row := range logits {
		for c := range 2 {
			want := m.plda.Score(test.Row(i), known.Row(c)) - m.plda.Score(test.Row(i), known.Row(c+1))
			if got := float64(row[c]) - float64(row[c+1]); math.Abs(got-want) > 1e-4*math.Max(1, math.Abs(want)) {
				t.Errorf("item %d, classes %d and %d: %v, want %v", i, c, c+1, got, want)
			}
		}
		if !math.IsInf(float64(row[3]), -1) {
			t.Errorf("a class without items has %v", row[3])
		}
	}
	// A class that is twice as frequent is twice as probable beforehand; its mean is of both items.
	two := &embedding.Embeddings{N: 2, E: known.E, Values: append(append([]float32(nil), known.Row(0)...),
		known.Row(0)...)}
	if a := m.logits(two, []int{0, 0}, 1, test); !(a[0][0] > logits[0][0]) {
		t.Errorf("two items of the nearest class: %v, one: %v", a[0][0], logits[0][0])
	}
	p := make([]float64, 3)
	softmax(p, []float32{1000, 999, float32(math.Inf(-1))}, 2)
	if want := 1 / (1 + math.Exp(-.5)); math.Abs(p[0]-want) > 1e-12 || p[2] != 0 {
		t.Errorf("softmax %v, want %v first", p, want)
	}
}
