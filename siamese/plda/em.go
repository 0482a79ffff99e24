package plda

import (
	"gonum.org/v1/gonum/mat"
)

// round replaces e by the result of a round of expectation maximisation for the two-covariance model (Brümmer and de
// Villiers 2010). means are the classes' means, scatter the covariance of items about them. In coordinates in which W
// is I and B is diagonal, the centre y of a class of n items with the mean f has the posterior mean h = nψ/(1+nψ) f and
// the variance v = ψ/(1+nψ), and the likelihood does not fall with
//
//	m = mean of h, B = mean of (h - m)(h - m)' + v, W = scatter + 1/N Σ n ((f - h)(f - h)' + v)
//
// It works on a B without full rank, which then keeps its rank.
func (s *samples) round(e *estimates, means [][]float64, scatter *mat.SymDense) error {
	d, err := diagonalise(e.between, e.within)
	if err != nil {
		return err
	}
	k, classes := s.k, float64(len(s.class))
	posterior := make([][]float64, len(s.class)) // [K] of every class
	centre := make([]float64, k)
	between, within := mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	// The scatter in these coordinates.
	var half, turned mat.Dense
	half.Mul(d.axes.T(), scatter)
	turned.Mul(&half, d.axes)
	within.CopySym(symmetric(&turned))
	left := mat.NewVecDense(k, nil)
	apart := mat.NewVecDense(k, nil)
	for c, mean := range means {
		n := float64(s.size(c))
		for j := range k {
			left.SetVec(j, mean[j]-e.mean[j])
		}
		var f mat.VecDense
		f.MulVec(d.axes.T(), left)
		posterior[c] = make([]float64, k)
		for j, psi := range d.between {
			gain := n * psi / (1 + n*psi)
			h, v := gain*f.AtVec(j), psi/(1+n*psi)
			posterior[c][j] = h
			centre[j] += h / classes
			apart.SetVec(j, f.AtVec(j)-h)
			within.SetSym(j, j, within.At(j, j)+n*v/float64(s.n))
			between.SetSym(j, j, between.At(j, j)+v/classes)
		}
		within.SymRankOne(within, n/float64(s.n), apart)
	}
	for _, h := range posterior {
		for j := range k {
			apart.SetVec(j, h[j]-centre[j])
		}
		between.SymRankOne(between, 1/classes, apart)
	}
	// Back to the coordinates of the rows.
	var shift mat.VecDense
	shift.MulVec(d.back, mat.NewVecDense(k, centre))
	mean := make([]float64, k)
	for j := range k {
		mean[j] = e.mean[j] + shift.AtVec(j)
	}
	e.mean, e.between, e.within = mean, returned(d, between), returned(d, within)
	return nil
}

// returned returns a covariance of coordinates as one of rows.
func returned(d *diagonal, s *mat.SymDense) *mat.SymDense {
	var half, out mat.Dense
	half.Mul(d.back, s)
	out.Mul(&half, d.back.T())
	return symmetric(&out)
}
