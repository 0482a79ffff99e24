package loss_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/siamese/loss"
)

// classTask returns a task on the items of these classes, negative = unknown.
func classTask(t testing.TB, name string, class []int, z [][]float64) task {
	t.Helper()
	k := task{spec: mustDefault(t, name), left: z}
	k.p, k.q = ofClasses(class)
	if k.spec.NeedsCentres() {
		k.right = randomRows(rand.New(rand.NewPCG(5, 5)), 3, len(z[0]))
		k.p, k.q = ofCentres(class, 3)
	}
	return k
}

func isFinite(r result) error {
	for _, rows := range [][][]float64{{{r.value}}, r.left, r.right} {
		for i, row := range rows {
			for _, v := range row {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					return fmt.Errorf("not finite: row %d is %v (value %v)", i, row, r.value)
				}
			}
		}
	}
	return nil
}

func isZero(r result) error {
	for _, rows := range [][][]float64{{{r.value}}, r.left, r.right} {
		for i, row := range rows {
			for _, v := range row {
				if v != 0 { // NaN too
					return fmt.Errorf("not zero: row %d is %v (value %v)", i, row, r.value)
				}
			}
		}
	}
	return nil
}

// everyLoss runs a test for every loss, and every mining of triplets, on every backend.
func everyLoss(t *testing.T, test func(t *testing.T, backend compute.Backend, name string, mining loss.Mining)) {
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, name := range loss.Names() {
			minings := []loss.Mining{""}
			if name == "triplet" {
				minings = []loss.Mining{loss.MineAll, loss.MineSemiHard, loss.MineBatchHard}
			}
			for _, mining := range minings {
				beside(t, backend, name+string(mining), func(t *testing.T) { test(t, backend, name, mining) })
			}
		}
	})
}

// TestNothingKnown: without any known pair, and in a batch of one item, the loss is 0 and so is its gradient.
func TestNothingKnown(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, class := range [][]int{{-1, -1, -1, -1, -1, -1}, {-1}} {
			if len(class) == 1 && backend.Name() != "go" {
				continue // the same graph, compiled once more
			}
			k := classTask(t, name, class, randomRows(rng, len(class), 4))
			k.spec.Mining = mining
			check(t, isZero(evaluate[float32](t, backend, k)))
		}
	})
}

// TestOneClass: one class in the batch leaves losses that compare positives with negatives nothing to do.
func TestOneClass(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		k := classTask(t, name, []int{1, 1, 1, 1, 1, 1}, randomRows(rand.New(rand.NewPCG(2, 2)), 6, 4))
		k.spec.Mining = mining
		got := evaluate[float32](t, backend, k)
		check(t, isFinite(got))
		check(t, near("value", []float64{got.value}, []float64{oracle(k)}, 1e-5))
		switch name {
		case "triplet", "ntxent", "supcon", "circle":
			check(t, isZero(got))
		default:
			if got.value <= 0 {
				t.Errorf("the loss of positives alone is %v", got.value)
			}
		}
	})
}

// TestNoPositives: an item without a positive is no anchor; all items of different classes leave no positives.
func TestNoPositives(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		z := randomRows(rand.New(rand.NewPCG(3, 3)), 6, 4)
		k := classTask(t, name, []int{0, 0, 1, 1, 1, 2}, z)
		k.spec.Mining = mining
		got := evaluate[float32](t, backend, k)
		check(t, isFinite(got))
		check(t, near("value", []float64{got.value}, []float64{oracle(k)}, 1e-5))
		switch name {
		case "triplet", "ntxent", "supcon", "circle":
			k.p, k.q = slices.Clone(k.p), slices.Clone(k.q)
			clear(k.p[5*6:]) // the last item as an anchor was nothing: its pairs as unknown change nothing
			clear(k.q[5*6:])
			without := evaluate[float32](t, backend, k)
			check(t, near("without the anchor", []float64{without.value}, []float64{got.value}, 1e-6))
			check(t, nearRows("gradient without the anchor", without.left, got.left, 1e-6))
		}

		k = classTask(t, name, []int{0, 1, 2, 3, 4, 5}, z)
		k.spec.Mining = mining
		if k.spec.NeedsCentres() {
			clear(k.p)
		}
		got = evaluate[float32](t, backend, k)
		check(t, isFinite(got))
		switch name {
		case "triplet", "ntxent", "supcon", "circle", "arcface", "cross-entropy":
			check(t, isZero(got))
		}
	})
}

// TestFalseNegatives: an item whose pairs are unknown changes nothing, wherever it lies, and is not pulled or
// pushed; two items that may be the same do not push each other apart.
func TestFalseNegatives(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		z := randomRows(rand.New(rand.NewPCG(4, 4)), 6, 4)
		copy(z[5], z[0]) // right on top of an item, where a false negative would hurt most
		k := classTask(t, name, []int{0, 0, 1, 1, 2, -1}, z)
		k.spec.Mining = mining
		if mining == loss.MineSemiHard {
			k.spec.Margin = 1 // so that some triplet counts
		}
		got := evaluate[float64](t, backend, k)
		check(t, isZero(result{left: got.left[5:]}))
		fewer := k
		fewer.left, fewer.p, fewer.q = z[:5], nil, nil
		columns := len(k.p) / 6
		for i := range 5 {
			end := columns
			if k.right == nil {
				end = 5
			}
			fewer.p = append(fewer.p, k.p[columns*i:columns*i+end]...)
			fewer.q = append(fewer.q, k.q[columns*i:columns*i+end]...)
		}
		goBackend, err := openGo()
		if err != nil {
			t.Fatal(err)
		}
		want := evaluate[float64](t, goBackend, fewer)
		check(t, near("value", []float64{got.value}, []float64{want.value}, 1e-12))
		check(t, nearRows("gradient", got.left[:5], want.left, 1e-10))
		if want.value == 0 {
			t.Error("the loss is 0: it compares nothing")
		}
	})
}

// TestZeroRow: a zero row has no direction; it leaves all finite and gets no gradient from a cosine.
func TestZeroRow(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		z := randomRows(rand.New(rand.NewPCG(6, 6)), 6, 4)
		clear(z[1])
		k := classTask(t, name, []int{0, 0, 1, 1, 2, 2}, z)
		k.spec.Mining = mining
		got := evaluate[float32](t, backend, k)
		check(t, isFinite(got))
		if k.spec.Similarity == loss.Cosine {
			check(t, isZero(result{left: got.left[1:2]}))
		}
		check(t, near("value", []float64{got.value}, []float64{oracle(k)}, 1e-5))
	})
}

// TestEqualRows: where distances are 0, or cosines 1, all stays finite, and equal rows do not move apart by rounding.
func TestEqualRows(t *testing.T) {
	everyLoss(t, func(t *testing.T, backend compute.Backend, name string, mining loss.Mining) {
		row := randomRows(rand.New(rand.NewPCG(7, 7)), 1, 4)[0]
		z := [][]float64{row, row, row, row, row, row}
		for _, kind := range []loss.Similarity{loss.Cosine, loss.InnerProduct, loss.Euclidean} {
			k := classTask(t, name, []int{0, 0, 1, 1, 1, 2}, z)
			if k.right != nil {
				k.right = [][]float64{row, row, scaled(row, -1)}
			}
			k.spec.Mining, k.spec.Similarity = mining, kind
			if k.spec.Validate() == nil && (kind == loss.Cosine || backend.Name() == "go") {
				got := evaluate[float32](t, backend, k)
				check(t, isFinite(got))
				tolerance := 1e-5
				if name == "arcface" { // the sine of an angle of 0 has half the digits of its cosine
					tolerance = 1e-2
				}
				check(t, near(string(kind), []float64{got.value}, []float64{oracle(k)}, tolerance))
			}
		}
	})
}

// TestOverflow: at sharp scales exponentials exceed float32 (at 88) many times over. Values and gradients
// still agree with the same in float64.
func TestOverflow(t *testing.T) {
	sharp := []loss.Spec{
		{Name: "supcon", Similarity: loss.Cosine, Temperature: 0.001},
		{Name: "ntxent", Similarity: loss.Cosine, Temperature: 0.001},
		{Name: "multi-similarity", Similarity: loss.Cosine, Alpha: 300, Beta: 300},
		{Name: "circle", Similarity: loss.Cosine, Margin: 0.25, Scale: 256},
		{Name: "bce", Similarity: loss.Cosine, Scale: 500},
		{Name: "proxy-anchor", Similarity: loss.Cosine, Margin: 0.1, Scale: 256},
		{Name: "arcface", Similarity: loss.Cosine, Margin: 0.5, Scale: 64},
		{Name: "arcface", Similarity: loss.Cosine, Margin: 0.5, Scale: 500},
		{Name: "supcon", Similarity: loss.InnerProduct, Temperature: 0.1},
		{Name: "ntxent", Similarity: loss.InnerProduct, Temperature: 0.1},
		{Name: "cross-entropy", Similarity: loss.InnerProduct, Temperature: 0.1},
	}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, spec := range sharp {
			k := classTask(t, spec.Name, []int{0, 0, 1, 1, 2, 2}, randomRows(rand.New(rand.NewPCG(9, 9)), 6, 4))
			k.spec = spec
			if spec.Similarity == loss.InnerProduct {
				for i := range k.left {
					k.left[i] = scaled(k.left[i], 10)
				}
			}
			beside(t, backend, fmt.Sprint(spec), func(t *testing.T) {
				goBackend, err := openGo()
				if err != nil {
					t.Fatal(err)
				}
				single, double := evaluate[float32](t, backend, k), evaluate[float64](t, goBackend, k)
				check(t, isFinite(single))
				check(t, near("value", []float64{single.value}, []float64{double.value}, 1e-5))
				check(t, nearRows("gradient", single.left, double.left, 1e-3))
				all := similarities(k)
				largest := max(spec.Scale, spec.Alpha) * (slices.Max(all) - slices.Min(all))
				if spec.Temperature > 0 {
					largest = (slices.Max(all) - slices.Min(all)) / spec.Temperature
				}
				if largest < 88 {
					t.Errorf("exponents reach %v: nothing overflows here", largest)
				}
			})
		}
	})
}

// TestCircleWeights: the gradient is that with the weights held constant, and not the full one.
func TestCircleWeights(t *testing.T) {
	k := classTask(t, "circle", []int{0, 0, 1, 1}, randomRows(rand.New(rand.NewPCG(10, 10)), 4, 4))
	k.spec.Scale = 3
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		const step = 1e-6
		got := evaluate[float64](t, backend, k).left[0][0]
		moved := func(by float64) task {
			m := k
			m.left = slices.Clone(k.left)
			m.left[0] = slices.Clone(k.left[0])
			m.left[0][0] += by
			return m
		}
		held := (oracleFrozen(moved(step), k) - oracleFrozen(moved(-step), k)) / (2 * step)
		full := (oracle(moved(step)) - oracle(moved(-step))) / (2 * step)
		check(t, near("gradient", []float64{got}, []float64{held}, 1e-7))
		if math.Abs(full-held) < 0.05 {
			t.Errorf("the full gradient %v hardly differs from %v: this tests nothing", full, held)
		}
	})
}

// TestArcFaceBeyondPi turns an item through all angles to its centre: the loss rises all the way, with the
// formula's value on either side of π - margin, and its gradient stays finite, at 0 and π too.
func TestArcFaceBeyondPi(t *testing.T) {
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		const steps = 24
		z := make([][]float64, steps+1)
		for i := range z {
			angle := math.Pi * float64(i) / steps
			z[i] = []float64{math.Cos(angle), math.Sin(angle), 0}
		}
		previous := -1.0
		for i := range z {
			k := task{spec: loss.Spec{Name: "arcface", Similarity: loss.Cosine, Margin: 0.5, Scale: 4},
				left: z[i : i+1], right: [][]float64{{1, 0, 0}, {0, 0, 1}}, p: []float64{1, 0}, q: []float64{0, 1}}
			got := evaluate[float64](t, backend, k)
			check(t, isFinite(got))
			check(t, near("value", []float64{got.value}, []float64{oracle(k)}, 1e-7))
			if got.value <= previous {
				t.Errorf("at %d/%d of π the loss %v is not above %v", i, steps, got.value, previous)
			}
			previous = got.value
			if i > 0 && i < steps {
				want, _ := differences(k)
				check(t, nearRows("gradient", got.left, want, 1e-6))
			}
			single := evaluate[float32](t, backend, k)
			check(t, isFinite(single))
			check(t, near("float32", []float64{single.value}, []float64{got.value}, 2e-3))
		}
	})
}
