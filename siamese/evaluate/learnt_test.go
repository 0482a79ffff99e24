package evaluate

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data/preprocess"
	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/internal/itemset"
	"github.com/go-siamese/lab/siamese/internal/labtest"
)

// denseOf returns rows as a matrix.
func denseOf(rows [][]float64) *mat.Dense {
	return mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
}

// What is learnt is what metric-learn learns; testdata/metrics.py wrote it.
func TestLearntReference(t *testing.T) {
	text, err := os.ReadFile("testdata/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		LFDA []struct {
			Rows, Components [][]float64
			Class            []int
			Classes, Near    int
		}
		NCA []struct {
			Rows, Components, Gradient, Start [][]float64
			Class                             []int
			Value, Best                       float64
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.LFDA) != 3 || len(golden.NCA) != 3 {
		t.Fatalf("%d and %d cases", len(golden.LFDA), len(golden.NCA))
	}
	for n, c := range golden.LFDA {
		values, vectors, err := localDiscriminants(denseOf(c.Rows), c.Class, c.Classes, c.Near)
		if err != nil {
			t.Fatal(err)
		}
		for d, want := range c.Components { // each times the root of an eigenvalue that is larger by 2
			sign := math.Copysign(1, want[0]*vectors.At(0, d))
			for i, v := range want {
				if got := sign * math.Sqrt(values[d]+2) * vectors.At(i, d); math.Abs(got-v) > 1e-8 {
					t.Errorf("case %d: component %d, number %d is %v, metric-learn has %v", n, d, i, got, v)
				}
			}
		}
	}
	for n, c := range golden.NCA {
		rows := denseOf(c.Rows)
		value, gradient := neighbourhoods(rows, c.Class, denseOf(c.Components))
		if math.Abs(value-c.Value) > 1e-10*c.Value {
			t.Errorf("case %d: %v, metric-learn has %v", n, value, c.Value)
		}
		for i, row := range c.Gradient {
			for j, v := range row {
				if math.Abs(gradient.At(i, j)-v) > 1e-9*max(1, math.Abs(v)) {
					t.Errorf("case %d: gradient %d, %d is %v, metric-learn has %v", n, i, j, gradient.At(i, j), v)
				}
			}
		}
		// The sum has several maxima: what is found from the same start is about as good.
		_, best, err := ncaFrom(t.Context(), rows, c.Class, slices.Concat(c.Start...), 200)
		if err != nil {
			t.Fatal(err)
		}
		if best < 0.97*c.Best {
			t.Errorf("case %d: %v found, metric-learn found %v", n, best, c.Best)
		}
	}
}

// KISSME, written out over all pairs.
func TestKISSMEAgainstPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	const n, k = 30, 3
	rows, class := mat.NewDense(n, k, nil), make([]int, n)
	for i := range n {
		class[i] = i * i % 7 % 4
		for j := range k {
			rows.Set(i, j, rng.NormFloat64()+float64(class[i]*(j-1)))
		}
	}
	var sums [2]*mat.SymDense
	var counts [2]float64
	for s := range sums {
		sums[s] = mat.NewSymDense(k, nil)
	}
	for i := range n {
		for j := range i {
			s := 0
			if class[i] != class[j] {
				s = 1
			}
			var d mat.VecDense
			d.SubVec(rows.RowView(i), rows.RowView(j))
			sums[s].SymRankOne(sums[s], 1, &d)
			counts[s]++
		}
	}
	var inverse [2]mat.Dense
	for s := range sums {
		sums[s].ScaleSym(1/counts[s], sums[s])
		if err := inverse[s].Inverse(sums[s]); err != nil {
			t.Fatal(err)
		}
	}
	var want mat.Dense
	want.Sub(&inverse[0], &inverse[1])
	directions, err := kissme(t.Context(), rows, class, 4)
	if err != nil {
		t.Fatal(err)
	}
	var got mat.Dense
	got.Mul(directions, directions.T())
	// What is left out are the negative eigenvalues: the rest is positive and orthogonal to them.
	var rest, cross mat.Dense
	rest.Sub(&got, &want)
	cross.Mul(&got, &rest)
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric(&rest), false) {
		t.Fatal("no eigenvalues")
	}
	if least := eigen.Values(nil)[0]; least < -1e-9 || mat.Norm(&cross, 2) > 1e-8 {
		t.Errorf("L L' is %v, M is %v", mat.Formatted(&got), mat.Formatted(&want))
	}
	for name, c := range map[string][]int{"one class": make([]int, n), "no pairs": labtest.Seq(n)} {
		if _, err := kissme(t.Context(), rows, c, n); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The cosine of what a distance makes of items falls with the distance along the directions.
func TestDistance(t *testing.T) {
	train := labtest.Toy("t", 4, 20, 9, 0.5, 1)
	space, err := preprocess.Fit(t.Context(), train, itemset.AllItems(train),
		preprocess.Options{Components: 4, Whiten: true, WithinClass: true, Shrinkage: .1})
	if err != nil {
		t.Fatal(err)
	}
	onTrain, err := embedding.UnitRows(t.Context(), space, train)
	if err != nil {
		t.Fatal(err)
	}
	a := &alternatives{train: train}
	of, err := a.distance(t.Context(), &metricSpace{of: embedding.Transformed(space), train: onTrain}, kissme)
	if err != nil {
		t.Fatal(err)
	}
	z, err := of(t.Context(), train)
	if err != nil {
		t.Fatal(err)
	}
	rows, class, classes, err := labelled(onTrain, train)
	if err != nil {
		t.Fatal(err)
	}
	directions, err := kissme(t.Context(), wide(rows), class, classes)
	if err != nil {
		t.Fatal(err)
	}
	var along mat.Dense
	along.Mul(wide(rows), directions)
	_, d := along.Dims()
	for j := range d {
		column := along.ColView(j)
		mean := mat.Sum(column) / float64(z.N)
		for i := range z.N {
			along.Set(i, j, along.At(i, j)-mean)
		}
	}
	square := mat.Norm(&along, 2) * mat.Norm(&along, 2) / float64(z.N)
	row := func(i int) []float64 { return append(slices.Clone(along.RawRowView(i)), math.Sqrt(4*square)) }
	for i := range z.N {
		for j := range i {
			if want := labtest.OracleCosine(row(i), row(j)); !labtest.Near(z.Cosine(i, j), want, 1e-5) {
				t.Fatalf("cosine of %d and %d is %v, want %v", i, j, z.Cosine(i, j), want)
			}
		}
	}
}

// Thinned items are the same number of each class, and of many classes those of a part.
func TestThinned(t *testing.T) {
	rows := mat.NewDense(50, 1, nil)
	class := make([]int, 50)
	for i := range class {
		rows.Set(i, 0, float64(i))
		class[i] = i / 25
	}
	class[0] = 2
	var got []int
	learn := func(_ context.Context, rows *mat.Dense, of []int, classes int) (*mat.Dense, error) {
		got = make([]int, classes)
		was := map[int]int{}
		for i, c := range of {
			got[c]++
			if own := class[int(rows.At(i, 0))]; got[c] == 1 {
				was[c] = own
			} else if was[c] != own {
				t.Errorf("row %v of class %d is in a class with those of %d", rows.At(i, 0), own, was[c])
			}
		}
		return nil, nil
	}
	for most, want := range map[int][]int{60: {24, 25, 1}, 50: {24, 25, 1}, 30: {10, 10, 1}, 3: {2, 2}} {
		if _, err := thinned(learn, most, 1)(t.Context(), rows, class, 3); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d at most: %v, want %v", most, got, want)
		}
	}
}

// BenchmarkLearnt measures what is learnt from 6,000 items of 20 classes in 128 components, as a report does it.
func BenchmarkLearnt(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, k, classes = 6000, 128, 20
	rows, class := mat.NewDense(n, k, nil), make([]int, n)
	for i := range n {
		class[i] = i % classes
		for j := range k {
			rows.Set(i, j, (rng.NormFloat64()+math.Sin(float64(class[i]*(j+1))))/12)
		}
	}
	for name, learn := range map[string]learner{"KISSME": kissme, "LFDA": thinned(lfda, lfdaItems, 1),
		"NCA": thinned(nca, ncaItems, 1)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := learn(b.Context(), rows, class, classes); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
