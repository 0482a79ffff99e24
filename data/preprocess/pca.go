package preprocess

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// rankBelow is the variance of a component, relative to the first one's, below which it is rounding: float32
// features hold no more.
const rankBelow = 1e-10

// fitComponents learns mean, loadings and variances of the scaled columns, from the
// eigenvectors of their covariance, or of the items' scalar products where there are fewer
// items than columns: both give the same components. Sums are in float64 and in an order that
// the number of cores does not change. The sign of a component is that which makes its largest
// loading positive. An exact decomposition is used, not a randomised one, so that the same items give the same bits.
func (t *Transform) fitComponents(ctx context.Context, f *data.Frame, items []int) error {
	p := &pcaFit{t: t, f: f, items: items}
	if err := p.mean(ctx); err != nil {
		return err
	}
	// The smaller of the two matrices of products has the same eigenvalues, apart from zeros.
	byItems := len(items) < f.F()
	var products *mat.SymDense
	var err error
	if byItems {
		products, err = gram(ctx, len(items), f.F(), p.itemPanel)
	} else {
		products, err = gram(ctx, f.F(), len(items), p.columnPanel)
	}
	if err != nil {
		return err
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(products, true) {
		return option.Errorf("components", "the eigenvalues do not converge: look for huge features")
	}
	// Eigenvalues of Xᵀ·X for the centred X [n, F], not divided by n-1: chooseComponents does that.
	values := eigen.Values(nil) // ascending
	k, err := t.chooseComponents(values, len(items))
	if err != nil {
		return err
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	n := len(values)
	top := blas64.General{Rows: n, Cols: k, Stride: k, Data: make([]float64, n*k)} // largest first
	for i := range n {
		for c := range k {
			top.Data[i*k+c] = vectors.At(i, n-1-c)
		}
	}
	if byItems { // X·Xᵀ·u = λ·u makes Xᵀ·u an eigenvector of Xᵀ·X, of the same λ
		if top, err = p.fromItems(ctx, top); err != nil {
			return err
		}
	}
	t.Loadings = oriented(top)
	return nil
}

// chooseComponents sets the variances, given ascending eigenvalues of sums over n items, and
// returns how many components are kept: as many as Components says, or the first ones that reach the share Variance.
// Eigenvalues below rankBelow of the largest count as 0. More components than there are others is an error, unless
// FewerComponents is set.
func (t *Transform) chooseComponents(values []float64, n int) (k int, err error) {
	var total float64 // without rounding below rank: VarianceKept is a share of what varies
	rank := 0
	for _, v := range values {
		if v > 0 && v > rankBelow*values[len(values)-1] {
			rank++
			total += v
		}
	}
	if rank == 0 {
		return 0, option.Errorf("components", "the items do not vary in any feature: there is none to find")
	}
	if rank < t.Spec.Components && !t.Spec.FewerComponents {
		return 0, option.Errorf("components", "%d are asked for, but the %d items vary in %d directions only: "+
			"ask for at most %d", t.Spec.Components, n, rank, rank)
	}
	var kept float64
	// A share of 1 keeps all: the tolerance takes up the rounding of the sum.
	for k < rank && (k < t.Spec.Components || kept < t.Spec.Variance*total*(1-1e-12)) {
		v := values[len(values)-1-k]
		kept += v
		t.Variance = append(t.Variance, float32(v/float64(n-1)))
		k++
	}
	t.VarianceKept = min(1, kept/total)
	return k, nil
}

// oriented returns the columns of v [F, K] as loadings, row by row: scaled to unit length and with the sign that makes
// the largest number of each positive. An eigenvector has no sign of its own, and libraries choose differently.
func oriented(v blas64.General) []float32 {
	out := make([]float32, len(v.Data))
	for c := range v.Cols {
		var square, largest float64
		for i := range v.Rows {
			x := v.Data[i*v.Stride+c]
			square += x * x
			if math.Abs(x) > math.Abs(largest) {
				largest = x
			}
		}
		factor := math.Copysign(1/math.Sqrt(square), largest)
		for i := range v.Rows {
			out[i*v.Cols+c] = float32(v.Data[i*v.Stride+c] * factor)
		}
	}
	return out
}

// widen returns values, row by row, as a float64 matrix of that many columns.
func widen(values []float32, columns int) blas64.General {
	out := blas64.General{Rows: len(values) / columns, Cols: columns, Stride: columns,
		Data: make([]float64, len(values))}
	for k, v := range values {
		out.Data[k] = float64(v)
	}
	return out
}

// project writes the components of scaled rows [n, F] to dst [n, K], computed in float64. loadings are widened
// [Transform].Loadings.
func (t *Transform) project(dst, scaled []float32, loadings blas64.General) {
	// Centring is a step of its own: subtracting the projected mean afterwards would lose digits where it is large.
	rows := widen(scaled, t.F())
	for i := range rows.Rows {
		row := rows.Data[i*rows.Stride : (i+1)*rows.Stride]
		for j, m := range t.Mean {
			row[j] -= float64(m)
		}
	}
	// The products are in float64, although what goes in and out is float32: sums run over thousands of columns.
	k := loadings.Cols
	out := blas64.General{Rows: rows.Rows, Cols: k, Stride: k, Data: make([]float64, rows.Rows*k)}
	// Without a transpose a sum runs over the columns in their order, whatever the number of rows.
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, rows, loadings, 0, out)
	factor := make([]float64, k)
	for c := range factor {
		factor[c] = 1
		if t.Spec.Whiten {
			factor[c] = 1 / math.Sqrt(float64(t.Variance[c]))
		}
	}
	for i, v := range out.Data {
		dst[i] = float32(v * factor[i%k])
	}
}
