package siamese

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/loss"
)

// dropped returns what dropout makes of rows x columns ones.
func dropped(t *testing.T, backend *Backend, rows, columns int, rate float64, step, layer uint32) []float32 {
	t.Helper()
	return run1(t, backend, func(in []*Node) []*Node {
		ones := Ones(in[0].Graph(), shapes.Make(dtypes.Float32, rows, columns))
		return []*Node{dropoutGraph(ones, rate, in[0], layer)}
	}, tensors.FromScalar(step))[0]
}

func TestDropoutRate(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		const rows, columns = 256, 300
		for _, rate := range []float64{0.01, 0.1, 0.5, 0.95} {
			x := dropped(t, backend, rows, columns, rate, 5, 2)
			zeros, sum := 0.0, 0.0
			for _, v := range x {
				sum += float64(v)
				if v == 0 {
					zeros++
				} else if !near(float64(v), 1/(1-rate), 1e-6) {
					t.Fatalf("rate %v: a kept unit is scaled to %v, want %v", rate, v, 1/(1-rate))
				}
			}
			n := float64(len(x))
			wantShare(t, fmt.Sprintf("units dropped at rate %v", rate), zeros, n, rate)
			if mean, want := sum/n, 5*math.Sqrt(rate/(1-rate)/n); math.Abs(mean-1) > want {
				t.Errorf("rate %v: the expected value became %v, want 1 ± %.4f", rate, mean, want)
			}
			// Every row and every column loses its share: nothing is dropped in stripes.
			for _, line := range []struct {
				what            string
				n, of, far, gap int
			}{{"row", rows, columns, columns, 1}, {"column", columns, rows, 1, columns}} {
				for i := range line.n {
					lost := 0.0
					for k := range line.of {
						if x[i*line.far+k*line.gap] == 0 {
							lost++
						}
					}
					if of := float64(line.of); math.Abs(lost-of*rate) > 6*math.Sqrt(of*rate*(1-rate))+1 {
						t.Errorf("rate %v: %s %d loses %v of %v units", rate, line.what, i, lost, of)
					}
				}
			}
		}
	})
}

// Masks of different steps, layers and neighbouring units must be independent of each other: two of them drop
// the same unit as often as chance has it.
func TestDropoutMasksAreIndependent(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		const rows, columns, rate = 128, 256, 0.5
		base := dropped(t, backend, rows, columns, rate, 7, 2)
		if !cmp.Equal(base, dropped(t, backend, rows, columns, rate, 7, 2)) {
			t.Error("the same step and layer gave another mask")
		}
		others := map[string][]float32{
			"the next step":      dropped(t, backend, rows, columns, rate, 8, 2),
			"a step far off":     dropped(t, backend, rows, columns, rate, 7+1<<20, 2),
			"another layer":      dropped(t, backend, rows, columns, rate, 7, 4),
			"layer 0":            dropped(t, backend, rows, columns, rate, 7, 0),
			"the unit before":    append(base[1:len(base):len(base)], base[0]),
			"the row before":     append(base[columns:len(base):len(base)], base[:columns]...),
			"the other side":     append(base[len(base)/2:len(base):len(base)], base[:len(base)/2]...),
			"step and layer off": dropped(t, backend, rows, columns, rate, 9, 0),
		}
		for what, other := range others {
			both := 0.0
			for i := range base {
				if base[i] == 0 && other[i] == 0 {
					both++
				}
			}
			wantShare(t, "units dropped here and in "+what, both, float64(len(base)), rate*rate)
		}
	})
}

// Masks are whole-number arithmetic: every backend drops the same units.
func TestDropoutIsTheSameOnEveryBackend(t *testing.T) {
	backends := severalBackends(t)
	want := dropped(t, backends[0], 64, 100, 0.3, 11, 6)
	for _, backend := range backends[1:] {
		if diff := cmp.Diff(want, dropped(t, backend, 64, 100, 0.3, 11, 6)); diff != "" {
			t.Errorf("%s: %s", backend.Name(), diff)
		}
	}
}

func TestDropoutSeedAndRateZero(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		rng := rand.New(rand.NewPCG(1, 1))
		layers := initLayers(6, []int{20, 10}, rng.Uint64())
		encode := func(rate float64, step bool, seed uint64) []float32 {
			key := tensors.FromScalar(dropoutKey(seed, 3))
			inputs := append(layerTensors(layers), matrix(normals(rand.New(rand.NewPCG(2, 2)), 8*6, 1), 8, 6), key)
			return run1(t, backend, func(in []*Node) []*Node {
				n := len(in)
				key := in[n-1]
				if !step {
					key = nil
				}
				return []*Node{encodeGraph(in[n-2], in[:n-2], encoding{dropout: rate, key: key})}
			}, inputs...)[0]
		}
		plain := encode(0, false, 1)
		if !cmp.Equal(plain, encode(0, true, 1)) {
			t.Error("a rate of 0 changes the embedding")
		}
		if !cmp.Equal(plain, encode(0.5, false, 1)) {
			t.Error("dropout is on without a step")
		}
		first := encode(0.5, true, 1)
		if cmp.Equal(plain, first) || cmp.Equal(first, encode(0.5, true, 2)) || cmp.Equal(first, encode(0.5, true, 1<<40)) {
			t.Error("dropout does nothing, or does the same for different seeds")
		}
		if !cmp.Equal(first, encode(0.5, true, 1)) {
			t.Error("the same seed and step gave another mask")
		}
	})
}

func layerTensors(layers []Layer) []*tensors.Tensor {
	var out []*tensors.Tensor
	for _, l := range layers {
		out = append(out, matrix(l.Weights, l.In, l.Out), vector(l.Biases))
	}
	return out
}

func TestEncoderAgainstOracle(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		rng := rand.New(rand.NewPCG(3, 1))
		for _, widths := range [][]int{{1}, {7}, {33, 20, 9}, {4, 4, 4, 4}} {
			const n, f = 13, 17
			layers := initLayers(f, widths, rng.Uint64())
			for i := range layers {
				copy(layers[i].Biases, normals(rng, layers[i].Out, 0.3))
			}
			x := normals(rng, n*f, 2)
			inputs := append(layerTensors(layers), matrix(x, n, f))
			got := run1(t, backend, func(in []*Node) []*Node {
				k := len(in) - 1
				z := encodeGraph(in[k], in[:k], encoding{dropout: 0.5})
				turned := slices.Clone(in[:k])
				for i := 0; i < k; i += 2 {
					turned[i] = Transpose(turned[i], 0, 1)
				}
				return []*Node{z, loss.Normalize(z), Transpose(encodeGraph(in[k], turned, encoding{columns: true}), 0, 1)}
			}, inputs...)
			var plain, unit []float64
			for i := range n {
				z := oracleEncode(widen(x[i*f:(i+1)*f]), oracleLayers(layers), nil)
				plain, unit = append(plain, z...), append(unit, oracleUnit(z)...)
			}
			wantNear(t, fmt.Sprintf("embedding %v", widths), got[0], plain, 1e-5)
			wantNear(t, fmt.Sprintf("unit embedding %v", widths), got[1], unit, 1e-5)
			wantNear(t, fmt.Sprintf("embedding %v, an item a column", widths), got[2], plain, 1e-5)
		}
	})
}

// Vectors at known angles have known cosines, whatever their lengths.
func TestCosineOfAngles(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		var a, b []float32
		var want []float64
		at := func(degrees, length float64) []float32 {
			s, c := math.Sincos(degrees * math.Pi / 180)
			return []float32{float32(length * c), float32(length * s)}
		}
		for _, angle := range []float64{0, 30, 45, 60, 90, 120, 180, 270} {
			for _, length := range []float64{1e-12, 0.5, 1, 3, 1e12} {
				a, b = append(a, at(20, 2)...), append(b, at(20+angle, length)...)
				want = append(want, math.Cos(angle*math.Pi/180))
			}
		}
		n := len(want)
		got := run1(t, backend, func(in []*Node) []*Node {
			return []*Node{loss.Cosine.Rows(in[0], in[1]), loss.Cosine.Rows(in[1], in[0])}
		}, matrix(a, n, 2), matrix(b, n, 2))
		wantNear(t, "cosine", got[0], want, 1e-6)
		if !cmp.Equal(got[0], got[1]) {
			t.Error("the cosine is not symmetric")
		}
	})
}

// A zero row has cosine 0 with anything, itself included, and passes no gradient. The gradient of the others
// is the oracle's: d(w.z/|z|)/dz = (w - u (u.w)) / |z| with u = z/|z|.
func TestNormalizeAndZeroRows(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		rng := rand.New(rand.NewPCG(4, 1))
		const n, e = 9, 5
		z, w := normals(rng, n*e, 1), normals(rng, n*e, 1)
		clear(z[2*e : 3*e])
		for k := range e {
			z[4*e+k] *= 1e-15
			z[5*e+k] *= 1e15
		}
		got := run1(t, backend, func(in []*Node) []*Node {
			unit := loss.Normalize(in[0])
			return []*Node{unit, Gradient(ReduceAllSum(Mul(unit, in[1])), in[0])[0], loss.Cosine.Rows(in[0], in[1]),
				Gradient(ReduceAllSum(loss.Cosine.Rows(in[0], in[1])), in[0])[0], loss.Cosine.Rows(in[0], in[0])}
		}, matrix(z, n, e), matrix(w, n, e))
		for i := range n {
			row, wide := got[0][i*e:(i+1)*e], widen(z[i*e:(i+1)*e])
			unit, size := oracleUnit(wide), math.Sqrt(squares(wide))
			wantNear(t, fmt.Sprintf("unit row %d", i), row, unit, 1e-6)
			grad := make([]float64, e)
			if size > 0 {
				uw := 0.0
				for k := range e {
					uw += unit[k] * float64(w[i*e+k])
				}
				for k := range e {
					grad[k] = (float64(w[i*e+k]) - unit[k]*uw) / size
				}
			}
			for k := range e { // small entries are differences of large ones
				if g := float64(got[1][i*e+k]); math.IsNaN(g) || math.Abs(g-grad[k]) > 1e-5*maxAbs(grad) {
					t.Errorf("gradient of row %d at %d is %v, want %v", i, k, g, grad[k])
				}
			}
			want := 1.0
			if size == 0 {
				want = 0
			}
			if !near(float64(got[4][i]), want, 1e-6) {
				t.Errorf("row %d has cosine %v with itself, want %v", i, got[4][i], want)
			}
		}
		if got[2][2] != 0 || slices.ContainsFunc(got[3][2*e:3*e], func(v float32) bool { return v != 0 }) {
			t.Errorf("a zero row has cosine %v and gradient %v", got[2][2], got[3][2*e:3*e])
		}
	})
}

func squares(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v * v
	}
	return sum
}

func maxAbs(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = max(m, math.Abs(v))
	}
	return m
}

func TestInitLayers(t *testing.T) {
	a, b := initLayers(40, []int{30, 10}, 5), initLayers(40, []int{30, 10}, 5)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	in := 40
	for i, l := range a {
		limit := math.Sqrt(6 / float64(l.In+l.Out))
		var sum, square float64
		for _, w := range l.Weights {
			sum, square = sum+float64(w), square+float64(w)*float64(w)
			if math.Abs(float64(w)) > limit*1.0001 {
				t.Fatalf("layer %d has a weight of %v beyond ±%v", i, w, limit)
			}
		}
		n := float64(len(l.Weights))
		if l.In != in || len(l.Weights) != l.In*l.Out || len(l.Biases) != l.Out || maxAbs(widen(l.Biases)) != 0 {
			t.Errorf("layer %d is %d x %d with %d weights and biases %v", i, l.In, l.Out, len(l.Weights), l.Biases)
		}
		// Evenly spread over ±limit: variance limit²/3.
		if math.Abs(sum/n) > 5*limit/math.Sqrt(3*n) || !near(square/n/(limit*limit/3), 1, 0.15) {
			t.Errorf("layer %d: mean %v, variance %v of %v", i, sum/n, square/n, limit*limit/3)
		}
		in = l.Out
	}
	if cmp.Equal(a[0].Weights, initLayers(40, []int{30, 10}, 6)[0].Weights) {
		t.Error("two seeds gave the same weights")
	}
}
