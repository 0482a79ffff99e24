package duplicates

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data/parallel"
)

const (
	firstDirections = 7   // coordinates of the first test of a pair
	allDirections   = 48  // of the second one
	sampleItems     = 384 // that directions are found with
	shortRows       = 64  // projected at a time
)

// shorten fills the short vectors of all candidates: after the coordinates come the lengths of the residuals,
// so that the distance of two short vectors is never more than that of the long ones: |a-b|² >= |Pa-Pb|² +
// (|a-Pa| - |b-Pb|)².
func (s *nearSearch) shorten() {
	basis := s.directions()
	k := basis.Rows
	parallel.For((len(s.items)+shortRows-1)/shortRows, func(part int) {
		from, to := part*shortRows, min(len(s.items), (part+1)*shortRows)
		z := blas64.General{Rows: to - from, Cols: s.f.F(), Stride: s.f.F(), Data: make([]float64, (to-from)*s.f.F())}
		for p := from; p < to; p++ {
			s.standardise(s.items[p], z.Data[(p-from)*z.Stride:][:z.Cols])
		}
		at := blas64.General{Rows: z.Rows, Cols: k, Stride: max(1, k), Data: make([]float64, z.Rows*max(1, k))}
		if k > 0 {
			blas64.Gemm(blas.NoTrans, blas.Trans, 1, z, basis, 0, at)
		}
		for p := from; p < to; p++ {
			s.split(p, at.Data[(p-from)*at.Stride:][:k])
		}
	})
}

// split writes the short vectors of candidate p from its coordinates. rest is what the coordinates so far leave of
// |a|²: after the last one that fits, its root is the length of the residual. Rounding may take it below 0.
// Coordinates that are not there stay 0.
func (s *nearSearch) split(p int, coordinates []float64) {
	rest := s.square[p]
	first := s.first[p*(firstDirections+1):][:firstDirections+1]
	second := s.second[p*(allDirections+1):][:allDirections+1]
	for k, v := range coordinates {
		if k < firstDirections {
			first[k] = float32(v)
		}
		second[k] = float32(v)
		rest -= v * v
		if k < firstDirections {
			first[firstDirections] = float32(math.Sqrt(max(0, rest)))
		}
	}
	second[allDirections] = float32(math.Sqrt(max(0, rest)))
	if len(coordinates) == 0 {
		first[firstDirections] = second[allDirections]
	}
}

// directions returns up to allDirections orthonormal rows of F numbers: principal directions of a sample of the
// candidates, the widest first. Any orthonormal rows give the right result; these rule most pairs out early.
func (s *nearSearch) directions() blas64.General {
	n, width := min(len(s.items), sampleItems), s.f.F()
	sample := mat.NewDense(n, width, nil)
	for k := range n {
		s.standardise(s.items[k*len(s.items)/n], sample.RawRowView(k))
	}
	var gram mat.SymDense
	gram.SymOuterK(1, sample)
	var eigen mat.EigenSym
	out := blas64.General{Cols: width, Stride: width}
	if !eigen.Factorize(&gram, true) {
		return out // it did not converge: every pair is compared in full
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for k := n - 1; k >= 0 && out.Rows < allDirections && values[k] > 1e-6*values[n-1]; k-- {
		row := make([]float64, width)
		mat.NewVecDense(width, row).MulVec(sample.T(), vectors.ColView(k))
		if orthonormal(out.Data, row) {
			out.Data = append(out.Data, row...)
			out.Rows++
		}
	}
	return out
}

// orthonormal makes row orthogonal to the rows in basis, twice to keep all digits (Kahan and Parlett: twice is
// enough), and scales it to length 1. It returns false when nothing is left of it.
func orthonormal(basis, row []float64) bool {
	v := blas64.Vector{N: len(row), Inc: 1, Data: row}
	for range 2 {
		length := blas64.Nrm2(v)
		if length == 0 {
			return false
		}
		blas64.Scal(1/length, v)
		for k := 0; k < len(basis); k += len(row) {
			b := blas64.Vector{N: len(row), Inc: 1, Data: basis[k : k+len(row)]}
			blas64.Axpy(-blas64.Dot(b, v), b, v)
		}
	}
	length := blas64.Nrm2(v)
	if length < .5 {
		return false
	}
	blas64.Scal(1/length, v)
	return true
}
