package main

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

const (
	most       = 200 // components that are measured
	searched   = 240 // directions that the search carries, so that the last of these settle too
	iterations = 12
)

// components replaces the columns of frames by the first principal components of train: subspace iteration on the
// covariance in float32 on the backend, for columns too many for [preprocess.Fit], which decomposes it exactly in
// float64 on one core. Columns of train have mean 0.
func (l *lab) components(train *data.Frame, others ...*data.Frame) ([]*data.Frame, error) {
	f := train.F()
	gram, err := CallOnce(l.backend.Backend, func(x *Node) *Node {
		return DivScalar(Einsum("nf,ng->fg", x, x), float64(train.N()))
	}, tensors.FromFlatDataAndDimensions(train.X, train.N(), f))
	if err != nil {
		return nil, err
	}
	defer gram.FinalizeAll()
	times, err := NewExec(l.backend.Backend, func(c, q *Node) *Node { return Einsum("fg,gk->fk", c, q) })
	if err != nil {
		return nil, err
	}
	defer times.Finalize()
	rng := streams.Rand(2, 0)
	q := blas64.General{Rows: f, Cols: searched, Stride: searched, Data: make([]float64, f*searched)}
	for i := range q.Data {
		q.Data[i] = rng.NormFloat64()
	}
	// moved returns the covariance times q.
	moved := func() ([]float32, error) {
		out, err := times.Call1(gram, tensors.FromFlatDataAndDimensions(narrow(q.Data), f, searched))
		if err != nil {
			return nil, err
		}
		defer out.FinalizeAll()
		return tensors.CopyFlatData[float32](out)
	}
	orthonormal(q)
	for range iterations {
		y, err := moved()
		if err != nil {
			return nil, err
		}
		widen(q.Data, y)
		orthonormal(q)
	}
	y, err := moved()
	if err != nil {
		return nil, err
	}
	loadings, err := ritz(q, y)
	if err != nil {
		return nil, err
	}
	w := tensors.FromFlatDataAndDimensions(narrow(loadings.RawMatrix().Data), f, most)
	var out []*data.Frame
	for _, frame := range append([]*data.Frame{train}, others...) {
		z, err := CallOnce(l.backend.Backend, func(x, w *Node) *Node { return Einsum("nf,fk->nk", x, w) },
			tensors.FromFlatDataAndDimensions(frame.X, frame.N(), f), w)
		if err != nil {
			return nil, err
		}
		reduced := &data.Frame{IDs: frame.IDs, Labels: frame.Labels, Domains: frame.Domains,
			Blocks: []data.Block{{Name: "components", Start: 0, End: most}}}
		for j := range most {
			reduced.Columns = append(reduced.Columns, fmt.Sprintf("pc%d", j+1))
		}
		if reduced.X, err = tensors.CopyFlatData[float32](z); err != nil {
			return nil, err
		}
		z.FinalizeAll()
		out = append(out, reduced)
	}
	return out, nil
}

// ritz returns the directions [F, most] of the largest variance within those of q [F, searched]; y is the covariance
// times q.
func ritz(q blas64.General, y []float32) (*mat.Dense, error) {
	within := mat.NewDense(q.Rows, q.Cols, q.Data)
	wide := make([]float64, len(y))
	widen(wide, y)
	var t mat.Dense
	t.Mul(within.T(), mat.NewDense(q.Rows, q.Cols, wide))
	symmetric := mat.NewSymDense(q.Cols, nil)
	for i := range q.Cols {
		for j := i; j < q.Cols; j++ {
			symmetric.SetSym(i, j, (t.At(i, j)+t.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, true) {
		return nil, fmt.Errorf("the eigenvalues do not converge")
	}
	var vectors, loadings mat.Dense
	eigen.VectorsTo(&vectors)
	top := mat.NewDense(q.Cols, most, nil) // largest first
	for c := range most {
		for i := range q.Cols {
			top.Set(i, c, vectors.At(i, q.Cols-1-c))
		}
	}
	loadings.Mul(within, top)
	return &loadings, nil
}

// orthonormal makes the columns of q orthonormal, with the same span.
func orthonormal(q blas64.General) {
	tau := make([]float64, q.Cols)
	work := []float64{0}
	lapack64.Geqrf(q, tau, work, -1)
	work = make([]float64, int(math.Max(work[0], float64(q.Cols))))
	lapack64.Geqrf(q, tau, work, len(work))
	size := []float64{0}
	lapack64.Orgqr(q, tau, size, -1)
	if int(size[0]) > len(work) {
		work = make([]float64, int(size[0]))
	}
	lapack64.Orgqr(q, tau, work, len(work))
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func widen(dst []float64, x []float32) {
	for i, v := range x {
		dst[i] = float64(v)
	}
}
