package loss_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/siamese/loss"
)

// variants are the specs that the random tests cover: every loss at its defaults and, where it has them, with
// every mining and every similarity, at gentler numbers so that many terms take part.
func variants(t testing.TB) []loss.Spec {
	var out []loss.Spec
	for _, name := range loss.Names() {
		out = append(out, mustDefault(t, name))
		for _, kind := range []loss.Similarity{loss.Cosine, loss.InnerProduct, loss.Euclidean} {
			for _, mining := range []loss.Mining{"", loss.MineAll, loss.MineSemiHard, loss.MineBatchHard} {
				spec := mustDefault(t, name)
				spec.Similarity, spec.Mining = kind, mining
				spec.Normalize = kind == loss.Euclidean && mining != loss.MineSemiHard
				if spec.Temperature > 0 {
					spec.Temperature = 0.7
				}
				if spec.Scale > 0 {
					spec.Scale = 3
				}
				if spec.Beta > 0 {
					spec.Beta = 3
				}
				if name == "triplet" {
					spec.Margin = 0.8
				}
				if name == "contrastive" {
					spec.Margin, spec.PositiveMargin = 1.2, 0.1
				}
				if spec.Validate() == nil {
					out = append(out, spec)
				}
			}
		}
	}
	return out
}

// layout says what the references of a task are.
type layout int

const (
	batchLayout  layout = iota // the batch itself, or the centres of three classes: the shapes of classTask
	listedLayout               // one for each item
	memoryLayout               // more items than the batch has
)

// layoutOf draws the layout of a task.
func layoutOf(rng *rand.Rand, spec loss.Spec) layout {
	switch {
	case spec.NeedsCentres():
	case !spec.NeedsBatch() && rng.IntN(2) == 0:
		return listedLayout
	case rng.IntN(2) == 0:
		return memoryLayout
	}
	return batchLayout
}

// randomTask returns a task of n anchors with random weights of pairs. Some pairs are both positive and
// negative, some are unknown, some weights are 0, one anchor has no positive, one no negative, one nothing.
func randomTask(rng *rand.Rand, spec loss.Spec, references layout, n, e int) task {
	k := task{spec: spec, left: randomRows(rng, n, e)}
	own := true
	switch {
	case spec.NeedsCentres():
		k.right, own = randomRows(rng, 3, e), false
	case references == listedLayout:
		k.right, k.listed, own = randomRows(rng, n, e), true, false
	case references == memoryLayout:
		k.right, own = randomRows(rng, n+3, e), false
	}
	columns := len(k.refs())
	if k.listed {
		columns = 1
	}
	for i := range n {
		for j := range columns {
			p, q := 0.0, 0.0
			switch weight := 0.2 + 2*rng.Float64(); {
			case own && i == j: // unknown
			case rng.IntN(3) == 0 && i != 0 || !k.listed && i == 1:
				p = weight
			case rng.IntN(3) == 0 && i != 0:
				y := rng.Float64()
				p, q = weight*y, weight*(1-y)
			case rng.IntN(3) != 0:
				q = weight
			}
			if i == 2 {
				p, q = 0, 0
			}
			k.p, k.q = append(k.p, p), append(k.q, q)
		}
	}
	return k
}

// TestRandom compares values with the oracle and gradients with its central differences. On XLA most of the time is
// compilation: there it takes the losses at their defaults and every mining, in the shapes of the other tests but for
// one loss of each other layout.
func TestRandom(t *testing.T) {
	onXLA := map[string]layout{"bce": listedLayout, "supcon": memoryLayout, "triplet": memoryLayout}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for number, spec := range variants(t) {
			rounds := 3
			if backend.Name() != "go" {
				if spec.Mining == mustDefault(t, spec.Name).Mining && spec != mustDefault(t, spec.Name) {
					continue
				}
				rounds = 1
			}
			beside(t, backend, fmt.Sprint(spec), func(t *testing.T) {
				for round := range rounds {
					rng := rand.New(rand.NewPCG(uint64(number), uint64(round)))
					references := onXLA[spec.Name]
					if backend.Name() == "go" {
						references = layoutOf(rng, spec)
					}
					k := randomTask(rng, spec, references, 6, 4)
					got := evaluate[float64](t, backend, k)
					want := result{value: oracle(k)}
					want.left, want.right = differences(k)
					if want.value == 0 {
						t.Errorf("round %d: the loss is 0: it compares nothing", round)
					}
					check(t, near("value", []float64{got.value}, []float64{want.value}, 1e-10))
					check(t, nearRows("gradient of left", got.left, want.left, 2e-6))
					check(t, nearRows("gradient of right", got.right, want.right, 2e-6))
				}
			})
		}
	})
}

// TestFloat32 compares float32 with float64 of the Go backend, which TestRandom and TestGolden compare with the oracle,
// at the losses' defaults.
func TestFloat32(t *testing.T) {
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, name := range loss.Names() {
			beside(t, backend, name, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(8, 8))
				k := randomTask(rng, mustDefault(t, name), batchLayout, 6, 4)
				goBackend, err := openGo()
				if err != nil {
					t.Fatal(err)
				}
				double, single := evaluate[float64](t, goBackend, k), evaluate[float32](t, backend, k)
				check(t, near("value", []float64{single.value}, []float64{double.value}, 1e-5))
				check(t, nearRows("gradient", single.left, double.left, 2e-5))
			})
		}
	})
}

// TestSymmetries: the order of items and, for cosines, the length of rows do not matter; a weight of 2 is the
// reference twice.
func TestSymmetries(t *testing.T) {
	backend, err := openGo()
	if err != nil {
		t.Fatal(err)
	}
	for number, name := range loss.Names() {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(uint64(number), 1))
			k := task{spec: mustDefault(t, name), left: randomRows(rng, 6, 4), right: randomRows(rng, 5, 4)}
			k.spec.Similarity = loss.Cosine // which the length of rows does not change
			for range 6 * 5 {
				same := rng.IntN(2) == 0
				k.p, k.q = append(k.p, indicator(same)), append(k.q, indicator(!same))
			}
			want := evaluate[float64](t, backend, k)

			longer := k
			longer.left = slices.Clone(k.left)
			longer.left[3] = scaled(k.left[3], 7)
			check(t, near("with a longer row", []float64{evaluate[float64](t, backend, longer).value},
				[]float64{want.value}, 1e-10))

			turned := k
			turned.left, turned.p, turned.q = slices.Clone(k.left), slices.Clone(k.p), slices.Clone(k.q)
			slices.Reverse(turned.left)
			for i := range 6 {
				copy(turned.p[5*i:], k.p[5*(5-i):5*(6-i)])
				copy(turned.q[5*i:], k.q[5*(5-i):5*(6-i)])
			}
			got := evaluate[float64](t, backend, turned)
			slices.Reverse(got.left)
			check(t, near("in another order", []float64{got.value}, []float64{want.value}, 1e-10))
			check(t, nearRows("gradient in another order", got.left, want.left, 1e-9))

			heavy, twice := k, k
			heavy.p, heavy.q = slices.Clone(k.p), slices.Clone(k.q)
			twice.p, twice.q = nil, nil
			twice.right = append(slices.Clone(k.right), k.right[0])
			for i := range 6 {
				heavy.p[5*i] *= 2
				heavy.q[5*i] *= 2
				twice.p = append(append(twice.p, k.p[5*i:5*i+5]...), k.p[5*i])
				twice.q = append(append(twice.q, k.q[5*i:5*i+5]...), k.q[5*i])
			}
			two, weighted := evaluate[float64](t, backend, twice), evaluate[float64](t, backend, heavy)
			switch name {
			case "proxy-anchor": // its means are over proxies, and this is one more proxy
			case "supcon": // the same up to a constant
				check(t, nearRows("gradient with a reference twice", weighted.left, two.left, 1e-9))
			default:
				check(t, near("with a reference twice", []float64{weighted.value}, []float64{two.value}, 1e-10))
				check(t, nearRows("gradient with a reference twice", weighted.left, two.left, 1e-9))
			}
		})
	}
}

func scaled(x []float64, by float64) []float64 {
	out := slices.Clone(x)
	for i := range out {
		out[i] *= by
	}
	return out
}
