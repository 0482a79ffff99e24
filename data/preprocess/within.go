package preprocess

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/option"
)

// leastWithin is the least deviation within classes that a column is divided by, as a share of its standard deviation.
// It bounds how much more a column that hardly varies within classes can count than by standard scaling: 20 times.
const leastWithin = 0.05

// classes are the classes of the items that a transform is fitted on.
type classes struct {
	of       []int // [items] number of the class, -1 without a label
	n        int   // classes
	labelled int   // items with a label
}

// classesOf returns the classes of items of f; nil where spec does not use them. Labels of which no two are equal are
// an error, since then there is no deviation within classes. Items without a label ("") belong to no class.
func classesOf(f *data.Frame, items []int, spec Options) (*classes, error) {
	if !spec.UsesLabels() {
		return nil, nil
	}
	c := &classes{}
	// Labels are numbered among the given items only: classes of other items do not count.
	var names []string
	if f.Labels != nil {
		names, c.of = selection.Indexed(selection.Pick(f.Labels, items))
	}
	for _, class := range c.of {
		if class >= 0 {
			c.labelled++
		}
	}
	if c.n = len(names); c.labelled <= c.n { // every class has one item at least: equal means one each
		return nil, errors.New("no class has two items, so nothing is known of what items of one class differ in: " +
			`give labels, or choose scale "standard" and no within_class`)
	}
	return c, nil
}

// deviation returns the standard deviation of values [items] about the mean of their class, over the items with a
// label: √(Σ_i (v_i - mean of i's class)² / labelled).
func (c *classes) deviation(values []float32) float64 {
	sums, counts := make([]float64, c.n), make([]float64, c.n)
	for r, class := range c.of {
		if class >= 0 {
			sums[class] += float64(values[r])
			counts[class]++
		}
	}
	var square float64
	for r, class := range c.of {
		if class >= 0 {
			d := float64(values[r]) - sums[class]/counts[class]
			square += d * d
		}
	}
	return math.Sqrt(square / float64(c.labelled))
}

// Within returns a transform with the components of t, whitened within the classes of items of f as
// [Options].WithinClass and Shrinkage say: what [Fit] would return with these, without finding the components again. t
// must have components that are not whitened within classes, be fitted on these items, and is only read. Errors are
// those of Fit.
func (t *Transform) Within(ctx context.Context, f *data.Frame, items []int, shrinkage float64) (*Transform, error) {
	out := *t
	out.Spec.Whiten, out.Spec.WithinClass, out.Spec.Shrinkage = true, true, shrinkage
	if err := out.Spec.Validate(); err != nil {
		return nil, err
	}
	if t.Spec.WithinClass {
		return nil, option.Errorf("within_class", "the components are whitened within classes already")
	}
	classes, err := classesOf(f, items, out.Spec)
	if err != nil {
		return nil, err
	}
	out.Variance = slices.Clone(t.Variance)
	if err := out.whitenWithin(ctx, f, items, classes); err != nil {
		return nil, err
	}
	return &out, nil
}

// whitenWithin turns the components to the axes of their covariance within classes, and sets their variances to those
// along them: W = V·diag(λ)·Vᵀ for the covariance W [K, K] mixed as [Options].Shrinkage says gives the loadings
// Loadings·V and the variances λ, the largest first. The principal components must be fitted. A direction without any
// variance within classes is an error, since dividing by it would blow up rounding.
func (t *Transform) whitenWithin(ctx context.Context, f *data.Frame, items []int, classes *classes) error {
	covariance, err := t.covarianceWithin(ctx, f, items, classes)
	if err != nil {
		return err
	}
	k, share := t.Width(), t.Spec.Shrinkage
	// Shrinkage towards a multiple of the identity keeps the axes and raises the small variances (Ledoit and Wolf
	// 2004).
	mean := mat.Trace(covariance) / float64(k)
	for i := range k {
		for j := range i + 1 {
			v := (1 - share) * covariance.At(i, j)
			if i == j {
				v += share * mean
			}
			covariance.SetSym(i, j, v)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(covariance, true) {
		return option.Errorf("within_class", "the eigenvalues do not converge: look for huge features")
	}
	values := eigen.Values(nil) // ascending
	// Features are float32: below this share a variance is rounding. Shrinkage lifts the small ones over it.
	if values[0] <= rankBelow*values[k-1] {
		return option.Errorf("within_class", "items of one class do not differ at all in some direction, "+
			"so there is no deviation to divide by: ask for fewer components, or for more shrinkage")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	// A product of orthonormal columns with a rotation keeps them orthonormal.
	turn := blas64.General{Rows: k, Cols: k, Stride: k, Data: make([]float64, k*k)} // largest first
	for c := range k {
		t.Variance[c] = float32(values[k-1-c])
		for i := range k {
			turn.Data[i*k+c] = vectors.At(i, k-1-c)
		}
	}
	turned := blas64.General{Rows: t.F(), Cols: k, Stride: k, Data: make([]float64, t.F()*k)}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, widen(t.Loadings, k), turn, 0, turned)
	t.Loadings = oriented(turned)
	return nil
}

// covarianceWithin returns the covariance [K, K] of the components about the mean of the class, over the items with a
// label: (Σ_i y_i·y_iᵀ - Σ_c n_c·m_c·m_cᵀ) / labelled, where y_i are the components of item i and m_c is the mean of
// the n_c items of class c. One pass over the items is enough for it.
func (t *Transform) covarianceWithin(ctx context.Context, f *data.Frame, items []int,
	classes *classes) (*mat.SymDense, error) {
	plain := *t // the components before any whitening
	plain.Spec.Whiten, plain.Spec.WithinClass, plain.Spec.Shrinkage = false, false, 0
	const rows = 512 // at a time
	k, width := t.Width(), f.F()
	covariance := mat.NewSymDense(k, nil)
	means, counts := mat.NewDense(classes.n, k, nil), make([]float64, classes.n)
	src, dst := make([]float32, 0, rows*width), make([]float32, rows*k)
	for start := 0; start < len(items); start += rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		src = src[:0]
		var of []int // the classes of the rows in src: items without a label are skipped
		for r, i := range items[start:min(len(items), start+rows)] {
			if class := classes.of[start+r]; class >= 0 {
				src, of = append(src, f.Row(i)...), append(of, class)
			}
		}
		if len(of) == 0 {
			continue
		}
		if err := plain.Apply(dst[:len(of)*k], src); err != nil {
			return nil, err
		}
		part := widen(dst[:len(of)*k], k)
		for r, class := range of {
			counts[class]++
			floats.Add(means.RawRowView(class), part.Data[r*k:(r+1)*k])
		}
		blas64.Syrk(blas.Trans, 1, part, 1, covariance.RawSymmetric())
	}
	for class, n := range counts { // RowView holds the sum n·m, so n·m·mᵀ is its square over n
		covariance.SymRankOne(covariance, -1/n, means.RowView(class))
	}
	covariance.ScaleSym(1/float64(classes.labelled), covariance)
	return covariance, nil
}
