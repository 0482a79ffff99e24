package device_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
	"github.com/go-siamese/lab/siamese/loss"
)

// Vectors at known angles have known cosines, whatever their lengths.
func TestCosineOfAngles(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
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
		got := devicetest.Run1(t, backend, func(in []*Node) []*Node {
			return []*Node{loss.Rows(loss.Cosine, in[0], in[1]), loss.Rows(loss.Cosine, in[1], in[0])}
		}, tensortest.Matrix(a, n, 2), tensortest.Matrix(b, n, 2))
		labtest.WantNear(t, "cosine", got[0], want, 1e-6)
		if !cmp.Equal(got[0], got[1]) {
			t.Error("the cosine is not symmetric")
		}
	})
}

// A zero row has cosine 0 with anything, itself included, and passes no gradient. The gradient of the others
// is the oracle's: d(w.z/|z|)/dz = (w - u (u.w)) / |z| with u = z/|z|.
func TestNormalizeAndZeroRows(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		rng := rand.New(rand.NewPCG(4, 1))
		const n, e = 9, 5
		z, w := labtest.Normals(rng, n*e, 1), labtest.Normals(rng, n*e, 1)
		clear(z[2*e : 3*e])
		for k := range e {
			z[4*e+k] *= 1e-15
			z[5*e+k] *= 1e15
		}
		got := devicetest.Run1(t, backend, func(in []*Node) []*Node {
			unit := loss.Normalize(in[0])
			return []*Node{unit, Gradient(ReduceAllSum(Mul(unit, in[1])), in[0])[0], loss.Rows(loss.Cosine, in[0], in[1]),
				Gradient(ReduceAllSum(loss.Rows(loss.Cosine, in[0], in[1])), in[0])[0], loss.Rows(loss.Cosine, in[0], in[0])}
		}, tensortest.Matrix(z, n, e), tensortest.Matrix(w, n, e))
		for i := range n {
			row, wide := got[0][i*e:(i+1)*e], labtest.Widen(z[i*e:(i+1)*e])
			unit, size := labtest.OracleUnit(wide), math.Sqrt(squares(wide))
			labtest.WantNear(t, fmt.Sprintf("unit row %d", i), row, unit, 1e-6)
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
				if g := float64(got[1][i*e+k]); math.IsNaN(g) || math.Abs(g-grad[k]) > 1e-5*labtest.MaxAbs(grad) {
					t.Errorf("gradient of row %d at %d is %v, want %v", i, k, g, grad[k])
				}
			}
			want := 1.0
			if size == 0 {
				want = 0
			}
			if !labtest.Near(float64(got[4][i]), want, 1e-6) {
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
