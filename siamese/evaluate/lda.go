package evaluate

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/siamese/embedding"
)

// ldaShrinkage is the weight of the mean variance in a shrunk scatter. Within-class scatters of about as many items as
// features cannot be inverted, or only with large errors, unless they are shrunk.
const ldaShrinkage = 0.1

// discriminants returns the directions [k, d] along which classes differ most in relation to how they vary within
// (Fisher 1936; Rao 1948), d = min(classes-1, k): the eigenvectors v of
//
//	B v = l W v, v'Wv = 1
//
// with the largest l, which comes first. rows are [n, k], and class numbers the class of each row from 0; every class
// below classes has a row. W is the mean covariance within classes, T that of all rows, both divided by the number of
// rows and shrunk towards their mean variance, and B = T - W, as scikit-learn's
// LinearDiscriminantAnalysis(solver="eigen", shrinkage=...) has them.
//
// Fewer than two classes are an error, and so are rows that do not vary within classes. It takes O(n k² + k³).
func discriminants(rows *mat.Dense, class []int, classes int, shrinkage float64) (*mat.Dense, error) {
	n, k := rows.Dims()
	if classes < 2 {
		return nil, errors.New("discriminants: at least two classes are needed")
	}
	all := make([]int, n) // every row in class 0: the scatter around one mean
	total := shrunk(scatter(rows, all, 1), shrinkage)
	within := shrunk(scatter(rows, class, classes), shrinkage)
	var between mat.Dense
	between.Sub(total, within)
	_, vectors, err := generalised(&between, within) // shrinkage makes W positive definite, unless it is zero
	if err != nil {
		return nil, fmt.Errorf("discriminants: %w", err)
	}
	return mat.DenseCopyOf(vectors.Slice(0, k, 0, min(classes-1, k))), nil
}

// generalised returns the eigenvalues [k], largest first, and the eigenvectors [k, k], its columns, of B v = l W v,
// v'Wv = 1, for symmetric B and W. A W that is not positive definite is an error.
func generalised(between *mat.Dense, within *mat.SymDense) ([]float64, *mat.Dense, error) {
	k := within.SymmetricDim()
	var chol mat.Cholesky
	if !chol.Factorize(within) {
		return nil, nil, errors.New("items of one class do not vary")
	}
	// With W = L L' and u = L'v the problem is symmetric: (L^-1 B L^-T) u = l u, and v = L^-T u.
	var lower, inverse mat.TriDense
	chol.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return nil, nil, errors.New("items of one class hardly vary")
	}
	var half, square mat.Dense
	half.Mul(&inverse, between)
	square.Mul(&half, inverse.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric(&square), true) {
		return nil, nil, errors.New("the eigenvalues do not converge")
	}
	var vectors, back mat.Dense
	eigen.VectorsTo(&vectors)
	back.Mul(inverse.T(), &vectors)
	values := eigen.Values(nil)
	slices.Reverse(values) // EigenSym has the largest last
	out := mat.NewDense(k, k, nil)
	for c := range k {
		for i := range k {
			out.Set(i, c, back.At(i, k-1-c))
		}
	}
	return values, out, nil
}

// symmetric returns the mean of a square matrix and its transpose: rounding makes the two differ.
func symmetric(a *mat.Dense) *mat.SymDense {
	k, _ := a.Dims()
	out := mat.NewSymDense(k, nil)
	for i := range k {
		for j := range i + 1 {
			out.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return out
}

// scatter returns the covariance [k, k] within classes, 1/n Σ (x - mean of its class)(x - mean of its class)'. With one
// class it is the covariance of all rows.
func scatter(rows *mat.Dense, class []int, classes int) *mat.SymDense {
	n, k := rows.Dims()
	means, count := mat.NewDense(classes, k, nil), make([]float64, classes)
	for i := range n {
		mean := means.RawRowView(class[i])
		for j, v := range rows.RawRowView(i) {
			mean[j] += v
		}
		count[class[i]]++
	}
	centred := mat.NewDense(k, n, nil) // transposed, for SymOuterK
	for i := range n {
		for j, v := range rows.RawRowView(i) {
			centred.Set(j, i, v-means.At(class[i], j)/count[class[i]])
		}
	}
	out := mat.NewSymDense(k, nil)
	out.SymOuterK(1/float64(n), centred)
	return out
}

// shrunk returns (1-s) S + s tr(S)/k I for a shrinkage s in [0, 1], in the place of S [k, k].
func shrunk(s *mat.SymDense, shrinkage float64) *mat.SymDense {
	k := s.SymmetricDim()
	level := shrinkage * mat.Trace(s) / float64(k)
	s.ScaleSym(1-shrinkage, s)
	for i := range k {
		s.SetSym(i, i, s.At(i, i)+level)
	}
	return s
}

// project returns the rows of z [N, k] along directions [k, d], each scaled to length 1. A row without a direction of
// its own stays zero and is listed in Zero.
func project(z *embedding.Embeddings, directions *mat.Dense) *embedding.Embeddings {
	_, d := directions.Dims()
	var along mat.Dense
	along.Mul(wide(z), directions)
	out := &embedding.Embeddings{Values: make([]float32, z.N*d), N: z.N, E: d}
	for i := range z.N {
		row := along.RawRowView(i)
		// Cosines are all that is wanted of these embeddings, which have length 1 everywhere in the lab.
		norm := mat.Norm(mat.NewVecDense(d, row), 2)
		if norm == 0 || math.IsInf(norm, 0) {
			out.Zero = append(out.Zero, i)
			continue
		}
		for c, v := range row {
			out.Row(i)[c] = float32(v / norm)
		}
	}
	return out
}

// wide returns the rows of z in float64, which the scatters of many rows need.
func wide(z *embedding.Embeddings) *mat.Dense {
	out := mat.NewDense(z.N, z.E, nil)
	for i := range z.N {
		for k, v := range z.Row(i) {
			out.Set(i, k, float64(v))
		}
	}
	return out
}
