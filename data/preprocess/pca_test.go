package preprocess

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/labtest/datatest"
	"github.com/go-siamese/lab/data/internal/selection"
)

// lowRank returns items that vary in rank directions and no others, to the rounding of float32.
func lowRank(n, width, rank int) *data.Frame {
	rng := rand.New(rand.NewPCG(5, 5))
	f := datatest.Table(n, width)
	basis := make([]float64, rank*width)
	for k := range basis {
		basis[k] = math.Round(4 * rng.NormFloat64())
	}
	for i := range n {
		row := f.Row(i)
		clear(row)
		for r := range rank {
			w := math.Round(8 * rng.NormFloat64()) // whole numbers: no rounding
			for j := range row {
				row[j] += float32(w * basis[r*width+j])
			}
		}
	}
	return f
}

// jacobi returns the eigenvalues and, in rows, the eigenvectors of a symmetric matrix by Jacobi's method: slow,
// simple, and nothing like what the fit does.
func jacobi(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	for i := range n {
		vectors = append(vectors, make([]float64, n))
		vectors[i][i] = 1
	}
	for range 100 {
		for p := range n {
			for q := p + 1; q < n; q++ {
				if math.Abs(a[p][q]) < 1e-300 {
					continue
				}
				theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
				tan := math.Copysign(1, theta) / (math.Abs(theta) + math.Hypot(theta, 1))
				cos := 1 / math.Hypot(tan, 1)
				sin := tan * cos
				for k := range n {
					a[k][p], a[k][q] = cos*a[k][p]-sin*a[k][q], sin*a[k][p]+cos*a[k][q]
				}
				for k := range n {
					a[p][k], a[q][k] = cos*a[p][k]-sin*a[q][k], sin*a[p][k]+cos*a[q][k]
					vectors[p][k], vectors[q][k] = cos*vectors[p][k]-sin*vectors[q][k],
						sin*vectors[p][k]+cos*vectors[q][k]
				}
			}
		}
	}
	for i := range n {
		values = append(values, a[i][i])
	}
	return values, vectors
}

// covariance is that of all items, naively.
func covariance(f *data.Frame) [][]float64 {
	n, width := f.N(), f.F()
	mean := make([]float64, width)
	for i := range n {
		for j, v := range f.Row(i) {
			mean[j] += float64(v) / float64(n)
		}
	}
	out := make([][]float64, width)
	for a := range width {
		out[a] = make([]float64, width)
		for b := range width {
			for i := range n {
				out[a][b] += (float64(f.Row(i)[a]) - mean[a]) * (float64(f.Row(i)[b]) - mean[b]) / float64(n-1)
			}
		}
	}
	return out
}

func TestComponentsAgainstOracle(t *testing.T) {
	for _, n := range []int{40, 9} { // more and fewer items than columns: both ways of the fit
		f := datatest.Table(n, 12)
		for i := range n {
			for j := range f.F() {
				f.Row(i)[j] *= float32(12 - j) // variances that differ
			}
		}
		const k = 5
		tr := fit(t, f, selection.All(n), Options{Scale: ScaleNone, Components: k})
		values, vectors := jacobi(covariance(f))
		for c := range k {
			best := 0
			for i, v := range values {
				if v > values[best] {
					best = i
				}
			}
			closeTo(t, fmt.Sprintf("%d items: variance %d", n, c), float64(tr.Variance[c]), values[best], 0)
			var cosine, square, largest float64
			for j, want := range vectors[best] {
				got := float64(tr.Loadings[j*k+c])
				cosine += got * want
				square += got * got
				if math.Abs(got) > math.Abs(largest) {
					largest = got
				}
			}
			closeTo(t, fmt.Sprintf("%d items: component %d", n, c), math.Abs(cosine), 1, 0)
			closeTo(t, "its length", square, 1, 0)
			if largest < 0 {
				t.Errorf("the largest loading of component %d is %v", c, largest)
			}
			values[best] = -1
		}
	}
}

// Components are uncorrelated on the training items, whitened ones of variance 1.
func TestComponentsAreUncorrelated(t *testing.T) {
	f := spread(700, 130, 0) // more than a tile of columns, more than a portion of items
	for _, whiten := range []bool{false, true} {
		tr := fit(t, f, selection.All(700), Options{Components: 20, Whiten: whiten})
		out := transformed(t, tr, f)
		if out.Columns[19] != "pca/19" || len(out.Blocks) != 1 ||
			out.Blocks[0] != (data.Block{Name: "pca", Start: 0, End: 20}) {
			t.Errorf("columns %v, blocks %v", out.Columns, out.Blocks)
		}
		if err := out.Validate(); err != nil {
			t.Error(err)
		}
		cov := covariance(out)
		for a := range 20 {
			for b := range 20 {
				want := 0.0
				if a == b {
					want = float64(tr.Variance[a])
					if whiten {
						want = 1
					}
				}
				if math.Abs(cov[a][b]-want) > 1e-4 {
					t.Errorf("whiten %v: covariance of %d and %d is %v, want %v", whiten, a, b, cov[a][b], want)
				}
			}
		}
	}
}

// All components keep all distances.
func TestAllComponentsKeepDistances(t *testing.T) {
	f := spread(90, 30, 0)
	plain := transformed(t, fit(t, f, selection.All(90), Options{}), f)
	turned := transformed(t, fit(t, f, selection.All(90), Options{Components: 30}), f)
	distance := func(f *data.Frame, i, j int) (sum float64) {
		for k, v := range f.Row(i) {
			sum += math.Pow(float64(v)-float64(f.Row(j)[k]), 2)
		}
		return sum
	}
	for i := range 30 {
		closeTo(t, "distance", distance(turned, i, i+60), distance(plain, i, i+60), 1)
	}
}

func TestComponentsOfLowRank(t *testing.T) {
	for _, n := range []int{50, 8} {
		f := lowRank(n, 10, 3)
		p := Options{Scale: ScaleNone, Variance: 1}
		tr := fit(t, f, selection.All(n), p)
		if tr.Width() != 3 || math.Abs(tr.VarianceKept-1) > 1e-9 {
			t.Errorf("%d items: %d components with %v of the variance", n, tr.Width(), tr.VarianceKept)
		}
		p.Variance, p.Components = 0, 4
		_, err := Fit(t.Context(), f, selection.All(n), p)
		wantError(t, err, "components", "4 ", fmt.Sprintf("%d items", n), "3 directions")
		p.Components, p.Variance = 0, 0.01
		if tr := fit(t, f, selection.All(n), p); tr.Width() != 1 {
			t.Errorf("%d components for a share of 0.01", tr.Width())
		}
	}
	// Standardised, all columns of one class alike: nothing varies.
	f := datatest.Table(20, 4)
	for k := range f.X {
		f.X[k] = float32(k % 4)
	}
	_, err := Fit(t.Context(), f, selection.All(20), Options{Variance: 0.9})
	wantError(t, err, "components", "do not vary")
}

func TestComponentsFarBeyond(t *testing.T) {
	f := spread(40, 6, 0)
	tr := fit(t, f, selection.All(40), Options{Scale: ScaleNone, Components: 2, Whiten: true})
	tr.Variance[0] = 1e-6
	far := []float32{3e38, 3e38, 3e38, 3e38, 3e38, 3e38}
	wantError(t, tr.Apply(make([]float32, 2), far), "", "row 0", "not finite")
}

func TestEqualBlocks(t *testing.T) {
	f := spread(200, 20, 0)
	for i := range f.N() {
		f.Row(i)[19] = 3 // block "c" is constant
	}
	norms := func(p Options) map[string]float64 {
		out := transformed(t, fit(t, f, selection.All(150), p), f)
		sums := map[string]float64{}
		for i := range 150 {
			for _, b := range out.Blocks {
				for _, v := range out.Row(i)[b.Start:b.End] {
					sums[b.Name] += float64(v) * float64(v) / 150
				}
			}
		}
		return sums
	}
	for _, p := range []Options{{}, {Scale: ScaleRobust}, {Scale: ScaleNone}, {SignedSqrt: true}} {
		before := norms(p)
		p.EqualBlocks = true
		after := norms(p)
		total, blocks := before["a"]+before["b"]+before["c"], 3.0
		if before["c"] == 0 {
			blocks = 2
		}
		for _, name := range []string{"a", "b", "c"} {
			want := total / blocks
			if before[name] == 0 {
				want = 0
			}
			if math.Abs(after[name]-want) > 1e-5*want {
				t.Errorf("%+v: block %q has the squared norm %v, want %v", p, name, after[name], want)
			}
		}
		p.BlockWeights = map[string]float64{"a": 3, "b": 0}
		if weighted := norms(p); math.Abs(weighted["a"]-3*after["a"]) > 1e-4*after["a"] || weighted["b"] != 0 {
			t.Errorf("%+v: squared norms %v with weights, %v without", p, weighted, after)
		}
	}
}
