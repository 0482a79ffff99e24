package plda

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
)

// Adapt returns the model for another population, of which it needs rows z [N, K] without labels. The mean becomes
// theirs, and the covariance between classes is aligned to them by correlation alignment (CORAL, Sun, Feng and Saenko
// 2016; of PLDA, Lee, Wang and Koshinaka 2019),
//
//	B' = S^½ T^-½ B T^-½ S^½, T = B + W, S = covariance of z
//
// W stays. Classes differ in other directions in a population of other classes, and S shows them; how items of one
// class vary is taken to be the same. The symmetric roots are meant. On held-out classes of the built-in images that
// gains more than Kaldi's adaptation and CORAL+, which share what is new between B and W: see siamese/testdata/plda.
//
// It takes O(N K² + K³), and ctx ends it between two decompositions. Zero rows, which say nothing, do not count. Rows
// of another width, values that are not finite, fewer than two rows that differ and a cancelled ctx are errors. The
// same arguments give the same bits on one kind of processor.
func (m *Model) Adapt(ctx context.Context, z *embedding.Embeddings) (*Model, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	mean, spread, n, err := m.moments(z)
	if err != nil {
		return nil, err
	}
	between, within, err := m.covariances()
	if err != nil {
		return nil, err
	}
	var total mat.SymDense
	total.AddSym(between, within)
	back, err := power(ctx, &total, -.5)
	if err != nil {
		return nil, err
	}
	forth, err := power(ctx, spread, .5)
	if err != nil {
		return nil, err
	}
	var turn, half, aligned mat.Dense
	turn.Mul(forth, back)
	half.Mul(&turn, between)
	aligned.Mul(&half, turn.T())
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	d, err := diagonalise(symmetric(&aligned), within)
	if err != nil {
		return nil, err
	}
	out := *m
	out.Mean, out.Axes, out.Between, out.Adapted = mean, d.axes.RawMatrix().Data, d.between, n
	return &out, out.Validate()
}

// moments returns the mean and the covariance of the rows of z that are not zero, and how many there are.
func (m *Model) moments(z *embedding.Embeddings) (mean []float64, spread *mat.SymDense, n int, err error) {
	k := m.K()
	if z.E != k {
		return nil, nil, 0, fmt.Errorf("plda: rows of %d numbers, and the model is of %d: give them the same preprocessing",
			z.E, k)
	}
	mean = make([]float64, k)
	rows := make([]float64, 0, z.N*k)
	for i := range z.N {
		if embedding.Magnitude(z.Row(i)) == 0 {
			continue
		}
		for j, v := range z.Row(i) {
			if notFinite(float64(v)) {
				return nil, nil, 0, fmt.Errorf("plda: number %d of item %d is %v", j, i, v)
			}
			mean[j] += float64(v)
			rows = append(rows, float64(v))
		}
		n++
	}
	for j := range mean {
		mean[j] /= float64(max(1, n))
	}
	for i := range rows {
		rows[i] -= mean[i%k]
	}
	spread = mat.NewSymDense(k, nil)
	if n > 0 {
		blas64.Syrk(blas.Trans, 1/float64(n), blas64.General{Rows: n, Cols: k, Stride: k, Data: rows}, 0,
			spread.RawSymmetric())
	}
	if mat.Trace(spread) < 1e-12*float64(k) {
		return nil, nil, 0, fmt.Errorf("plda: %d items without a label that differ in nothing: give more, and others", n)
	}
	return mean, spread, n, nil
}

// covariances returns those between and within classes: with x - m = R u, W = R R' and B = R Ψ R'.
func (m *Model) covariances() (between, within *mat.SymDense, err error) {
	k := m.K()
	var back mat.Dense
	if err := back.Inverse(mat.NewDense(k, k, m.Axes).T()); err != nil {
		return nil, nil, errors.New("plda: the axes of the model do not span its space")
	}
	var scaled, b, w mat.Dense
	scaled.Mul(&back, mat.NewDiagDense(k, m.Between))
	b.Mul(&scaled, back.T())
	w.Mul(&back, back.T())
	return symmetric(&b), symmetric(&w), nil
}

// power returns the symmetric power of a covariance. Variances that are rounding count as none, or for a negative
// exponent as the least that float64 tells from the largest.
func power(ctx context.Context, s *mat.SymDense, exponent float64) (*mat.Dense, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	k := s.SymmetricDim()
	var eigen mat.EigenSym
	if !eigen.Factorize(s, true) {
		return nil, errors.New("plda: the eigenvalues do not converge")
	}
	values := eigen.Values(nil) // ascending
	least := values[k-1] * 1e-14
	for i, v := range values {
		switch {
		case v > least:
			values[i] = math.Pow(v, exponent)
		case exponent < 0:
			values[i] = math.Pow(least, exponent)
		default:
			values[i] = 0
		}
	}
	var vectors, scaled, out mat.Dense
	eigen.VectorsTo(&vectors)
	scaled.Mul(&vectors, mat.NewDiagDense(k, values))
	out.Mul(&scaled, vectors.T())
	return &out, nil
}
