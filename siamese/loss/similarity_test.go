package loss_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/loss"
)

// TestSimilarities: rows at known angles, so that the numbers are exact.
func TestSimilarities(t *testing.T) {
	at := func(degrees, length float64) []float64 {
		a := degrees * math.Pi / 180
		return []float64{length * math.Cos(a), length * math.Sin(a)}
	}
	a := [][]float64{at(0, 1), at(10, 2), at(90, 3), {0, 0}}
	b := [][]float64{at(60, 5), at(10, 2), at(270, 1), at(45, 1)}
	tests := []struct {
		kind loss.Similarity
		want []float64
	}{
		{loss.Cosine, []float64{0.5, 1, -1, 0}},
		{loss.InnerProduct, []float64{2.5, 4, -3, 0}},
		{loss.Euclidean, []float64{-math.Sqrt(21), 0, -4, -1}},
	}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		for _, test := range tests {
			out := run(t, backend, func(in []*Node) []*Node {
				rows := loss.Rows(test.kind, in[0], in[1])
				all := loss.All(test.kind, in[0], in[1])
				rows.AssertDims(4)
				all.AssertDims(4, 4)
				return append([]*Node{rows, all}, Gradient(ReduceAllSum(rows), in...)...)
			}, tensorOf[float64](a), tensorOf[float64](b))
			got := flat(t, out[0])
			check(t, near(string(test.kind)+" of rows", got, test.want, 1e-12))
			spec := loss.Spec{Similarity: test.kind}
			check(t, near(string(test.kind)+" of all", flat(t, out[1]),
				similarities(task{spec: spec, left: a, right: b}), 1e-12))
			check(t, isFinite(result{left: [][]float64{flat(t, out[2]), flat(t, out[3])}}))
		}
	})
}

// TestSmallDistances: a distance that float32 cannot tell from rounding is 0 and has no gradient; a larger
// one is right within the rounding of the lengths.
func TestSmallDistances(t *testing.T) {
	const n = 20
	rng := rand.New(rand.NewPCG(1, 1))
	z := randomRows(rng, n, 64)
	for i, row := range z[:n] { // z[n+i] hardly differs from z[i], z[2n+i] a little
		near0 := slices.Clone(row)
		near0[i] += 1e-4
		z = append(z, near0)
	}
	for i := range n {
		far := slices.Clone(z[i])
		far[i] += 0.1
		z = append(z, far)
	}
	onBackends(t, func(t *testing.T, backend compute.Backend) {
		out := run(t, backend, func(in []*Node) []*Node {
			all := loss.All(loss.Euclidean, in[0], in[0])
			small := Slice(all, AxisRange(0, n), AxisRange(0, 2*n))
			mask := ConvertDType(GreaterThan(small, AddScalar(ZerosLike(small), -0.05)), small.DType())
			return []*Node{all, Gradient(ReduceAllSum(Mul(small, mask)), in[0])[0]}
		}, tensorOf[float32](z))
		d := rowsOf(flat(t, out[0]), 3*n)
		for i := range n {
			check(t, near("to itself and to one hardly different", []float64{d[i][i], d[i][n+i], d[n+i][i]},
				make([]float64, 3), 0))
			check(t, near("to one a little different", []float64{d[i][2*n+i]}, []float64{-0.1}, 1e-3))
		}
		check(t, isZero(result{left: [][]float64{flat(t, out[1])}}))
	})
}
