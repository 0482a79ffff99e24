package evaluate

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

const (
	lfdaNear  = 7    // neighbour whose distance is the scale at an item, as Sugiyama (2007) has it
	lfdaItems = 2000 // learnt from at most, because time grows with the square of a class
)

// lfda returns the directions [k, k] of local Fisher discriminant analysis (Sugiyama 2007), a [learner]: discriminants
// in which only near items of a class are drawn together, so that classes may have several parts. See
// [localDiscriminants], whose directions are scaled by the roots of their eigenvalues here ("weighted").
func lfda(_ context.Context, rows *mat.Dense, class []int, classes int) (*mat.Dense, error) {
	values, vectors, err := localDiscriminants(rows, class, classes, lfdaNear)
	if err != nil {
		return nil, err
	}
	for c, v := range values {
		for i := range values {
			vectors.Set(i, c, math.Sqrt(max(0, v))*vectors.At(i, c))
		}
	}
	return vectors, nil
}

// localDiscriminants returns the eigenvalues [k], largest first, and eigenvectors [k, k] of B v = l W v, v'Wv = 1, with
// the local scatters of rows [n, k]
//
//	W = 1/2 Σ_ij w_ij (x_i - x_j)(x_i - x_j)', w_ij = A_ij/n_c in a class c, 0 between classes
//	B likewise, with A_ij (1/n - 1/n_c) in a class and 1/n between classes
//	A_ij = exp(-|x_i - x_j|²/(s_i s_j)), s_i = distance of i to its near-th neighbour in its class
//
// in O(n_c² k) of a class of n_c items. A class of fewer items takes its farthest. Where s is 0, A is.
func localDiscriminants(rows *mat.Dense, class []int, classes, near int) ([]float64, *mat.Dense, error) {
	n, k := rows.Dims()
	between, within := mat.NewDense(k, k, nil), mat.NewDense(k, k, nil)
	add := func(to *mat.Dense, factor float64, m mat.Matrix) {
		var scaled mat.Dense
		scaled.Scale(factor, m)
		to.Add(to, &scaled)
	}
	total := mat.NewVecDense(k, nil)
	for c := range classes {
		var list []float64
		for i, other := range class {
			if other == c {
				list = append(list, rows.RawRowView(i)...)
			}
		}
		m := len(list) / k
		members := mat.NewDense(m, k, list)
		var products, affine, weighted, local, spread mat.Dense
		products.Mul(members, members.T())
		affinity := localAffinity(&products, near)
		// G = X' diag(A 1) X - X' A X
		affine.Mul(affinity, members)
		scaled := mat.NewDense(m, k, nil)
		for i := range m {
			row := mat.Sum(affinity.RowView(i))
			for j, v := range members.RawRowView(i) {
				scaled.Set(i, j, row*v)
			}
		}
		weighted.Mul(members.T(), scaled)
		local.Mul(members.T(), &affine)
		weighted.Sub(&weighted, &local)
		spread.Mul(members.T(), members)
		sum := mat.NewVecDense(k, nil)
		for i := range m {
			sum.AddVec(sum, members.RowView(i))
		}
		var outer mat.Dense
		outer.Outer(1/float64(n), sum, sum)
		total.AddVec(total, sum)
		add(within, 1/float64(m), &weighted)
		add(between, 1/float64(n)-1/float64(m), &weighted)
		add(between, 1-float64(m)/float64(n), &spread)
		between.Add(between, &outer)
	}
	var outer mat.Dense
	outer.Outer(1/float64(n), total, total)
	between.Sub(between, &outer)
	return generalised(between, symmetric(within))
}

// localAffinity returns A [m, m] of items by their inner products [m, m].
func localAffinity(products *mat.Dense, near int) *mat.Dense {
	m, _ := products.Dims()
	squares, scale := mat.NewDense(m, m, nil), make([]float64, m)
	for i := range m {
		for j := range m {
			if i != j { // the difference would leave rounding
				squares.Set(i, j, max(0, products.At(i, i)+products.At(j, j)-2*products.At(i, j)))
			}
		}
		sorted := slices.Sorted(slices.Values(squares.RawRowView(i))) // itself first
		scale[i] = math.Sqrt(sorted[min(near, m-1)])
	}
	for i := range m {
		for j := range m {
			affinity := 0.
			if s := scale[i] * scale[j]; s != 0 {
				affinity = math.Exp(-squares.At(i, j) / s)
			}
			squares.Set(i, j, affinity)
		}
	}
	return squares
}
