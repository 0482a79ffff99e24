package evaluate

import (
	"context"
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
)

// kissme returns the directions [k, d] of the metric of Köstinger et al. 2012 ("Large Scale Metric Learning from
// Equivalence Constraints"), a [learner]: with the covariance of differences x - y of same pairs and of different ones,
//
//	M = (same)^-1 - (different)^-1, L L' = M without its negative eigenvalues
//
// over all pairs of rows [n, k], which takes O(n k² + k³): of the n items of a class, Σ (x - y)(x - y)' over their
// pairs is n Σ (x - mean)(x - mean)'. Same pairs that do not span all directions are an error.
func kissme(_ context.Context, rows *mat.Dense, class []int, classes int) (*mat.Dense, error) {
	n, k := rows.Dims()
	count := make([]float64, classes)
	for _, c := range class {
		count[c]++
	}
	samePairs, allPairs := 0., float64(n)*float64(n-1)/2
	same := mat.NewSymDense(k, nil)
	for c, m := range count {
		samePairs += m * (m - 1) / 2
		if m < 2 {
			continue
		}
		members := mat.NewDense(int(m), k, nil)
		at := 0
		for i, other := range class {
			if other == c {
				members.SetRow(at, rows.RawRowView(i))
				at++
			}
		}
		// Divided by m in scatter, so that m² makes it the sum over pairs.
		one := scatter(members, make([]int, at), 1)
		one.ScaleSym(m*m, one)
		same.AddSym(same, one)
	}
	different := scatter(rows, make([]int, n), 1)
	different.ScaleSym(float64(n)*float64(n), different)
	different = less(different, same)
	if samePairs == 0 || samePairs == allPairs {
		return nil, errors.New("there are no pairs of items that are the same, or none that are different")
	}
	same.ScaleSym(1/samePairs, same)
	different.ScaleSym(1/(allPairs-samePairs), different)
	var ofSame, ofDifferent mat.SymDense
	for _, one := range []struct{ from, to *mat.SymDense }{{same, &ofSame}, {different, &ofDifferent}} {
		var chol mat.Cholesky
		if !chol.Factorize(one.from) {
			return nil, errors.New("pairs of items do not differ in some direction")
		}
		if err := chol.InverseTo(one.to); err != nil {
			return nil, errors.New("pairs of items hardly differ in some direction")
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(less(&ofSame, &ofDifferent), true) {
		return nil, errors.New("the eigenvalues do not converge")
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	d := 0
	for d < k && values[k-1-d] > 0 {
		d++
	}
	if d == 0 {
		return nil, errors.New("different pairs are no further apart than same ones in any direction")
	}
	out := mat.NewDense(k, d, nil)
	for c := range d {
		for i := range k {
			out.Set(i, c, math.Sqrt(values[k-1-c])*vectors.At(i, k-1-c))
		}
	}
	return out, nil
}

// less returns a - b.
func less(a, b *mat.SymDense) *mat.SymDense {
	out := mat.NewSymDense(a.SymmetricDim(), nil)
	out.ScaleSym(-1, b)
	out.AddSym(a, out)
	return out
}
