package plda

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// diagonal are coordinates in which W is I and B is diagonal.
type diagonal struct {
	axes    *mat.Dense // [K, K]: u = axes'(x - m)
	back    *mat.Dense // [K, K], the inverse of axes': x - m = back u
	between []float64  // [K] variances, largest first
}

// diagonalise returns these coordinates: with W = L L' and the eigenvectors E of L^-1 B L^-T, axes are L^-T E. Each
// axis has the sign that makes its largest number positive, since an eigenvector has none.
func diagonalise(between, within mat.Symmetric) (*diagonal, error) {
	k := within.SymmetricDim()
	var chol mat.Cholesky
	if !chol.Factorize(within) {
		return nil, errors.New("plda: the covariance within classes is not positive definite: items of one class do not " +
			"differ in some direction, so take fewer components")
	}
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return nil, errors.New("plda: items of one class hardly differ in some direction: take fewer components")
	}
	var half, square mat.Dense
	half.Mul(&inverse, between)
	square.Mul(&half, inverse.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric(&square), true) {
		return nil, errors.New("plda: the eigenvalues do not converge")
	}
	values := eigen.Values(nil) // ascending
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	d := &diagonal{axes: mat.NewDense(k, k, nil), back: mat.NewDense(k, k, nil), between: make([]float64, k)}
	turned := mat.NewDense(k, k, nil)
	largest := math.Max(math.Abs(values[0]), math.Abs(values[k-1]))
	for c := range k {
		v := values[k-1-c]
		if v < -1e-9*largest {
			return nil, fmt.Errorf("plda: the covariance between classes has the variance %v in some direction: "+
				"want 0 or more", v)
		}
		d.between[c] = math.Max(0, v) // rounding
		for i := range k {
			turned.Set(i, c, vectors.At(i, k-1-c))
		}
	}
	d.axes.Mul(inverse.T(), turned)
	d.back.Mul(&lower, turned)
	for c := range k {
		var top float64
		for i := range k {
			if v := d.axes.At(i, c); math.Abs(v) > math.Abs(top) {
				top = v
			}
		}
		for i := range k {
			d.axes.Set(i, c, math.Copysign(1, top)*d.axes.At(i, c))
			d.back.Set(i, c, math.Copysign(1, top)*d.back.At(i, c))
		}
	}
	return d, nil
}

// symmetric returns the mean of a square matrix and its transpose: rounding makes the two differ.
func symmetric(a mat.Matrix) *mat.SymDense {
	k, _ := a.Dims()
	out := mat.NewSymDense(k, nil)
	for i := range k {
		for j := range i + 1 {
			out.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return out
}
