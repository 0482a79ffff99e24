// Package plda is probabilistic linear discriminant analysis: how much more probable it is that two items are of one
// class, whichever, than that they are of two.
//
// It is the two-covariance model (Brümmer and de Villiers 2010; as simplified PLDA, Ioffe 2006, Prince and Elder 2007):
// an item of a class is
//
//	x = m + y + e, y ~ N(0, B) for the class, e ~ N(0, W) for the item
//
// and [Fit] estimates mean m, covariance between classes B and within classes W from labelled items. Since the class of
// a pair need not be one of those, the score is meant for classes that were not seen.
//
//	z, err := embedding.UnitRows(ctx, whitened, train) // principal components, whitened, of unit length
//	m, err := plda.Fit(ctx, z, train.Labels, plda.Options{})
//	llr, err := m.Scores(queries, references)
//
// Items are given as embeddings; the model expects them as it was fitted: components that are whitened (within classes
// is best) and then scaled to unit length (Garcia-Romero and Espy-Wilson 2011), which makes them more nearly Gaussian.
//
// A [Model] scores pairs ([Model.Score], [Model.Scores]), gives vectors whose inner product is that score, for indexes
// of inner products ([Model.Queries], [Model.Gallery]), and unit vectors whose cosine comes close to it, for all that
// compares cosines ([Model.Embed]), and closer still ([Model.Project], which trained models use: siamese.Config.PLDA).
//
// Few classes say little about directions in which they do not differ. That is why B is mixed with an isotropic one:
// see [Options.Isotropic]. Numbers on the built-in images are in siamese/testdata/plda.
package plda

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Model is a fitted model over rows of K numbers. It is only read by its methods: several goroutines may use it at
// once. Its JSON says how it was estimated; the numbers that it scores by are tensors of a file.
type Model struct {
	Mean []float64 `json:"-"` // [K], m
	// Axes [K, K] row by row: the coordinates u = Axes'(x - m) have the covariance I within classes and Between,
	// diagonal, between them, so that scores are sums over coordinates.
	Axes []float64 `json:"-"`
	// Between [K] are the variances between classes along the axes, in units of those within: 0 or more, largest first.
	Between []float64 `json:"-"`

	// How it was estimated; zero where it comes from New.

	Items     int     `json:"items"` // with a label, that it was fitted on
	Classes   int     `json:"classes"`
	Shrinkage float64 `json:"shrinkage"` // of W towards its mean variance, in [0, 1]
	Isotropic float64 `json:"isotropic"` // share of the isotropic covariance in B, in [0, 1]
	Rounds    int     `json:"rounds"`    // of EM
	// Tried is what Isotropic was chosen from; nil = it was given, or there were too few classes.
	Tried []Tried `json:"tried,omitempty"`
	// Adapted is how many items of another population the model was adapted to ([Model.Adapt]); 0 = it was not. Then
	// Shrinkage and Isotropic are of the covariances before.
	Adapted int `json:"adapted,omitempty"`
}

// Tried is a share of the isotropic covariance and how it did on held-out classes.
type Tried struct {
	Isotropic float64 `json:"isotropic"`
	MAPAtR    float64 `json:"map_at_r"` // mean of the folds, see [Options.Isotropic]
}

// New returns the model of a mean [K] and covariances between and within classes [K, K]. It keeps none of its
// arguments. Between must be positive semi-definite and within positive definite: other matrices are errors, and so are
// sizes that differ and values that are not finite.
func New(mean []float64, between, within mat.Symmetric) (*Model, error) {
	k := len(mean)
	if k == 0 || between.SymmetricDim() != k || within.SymmetricDim() != k {
		return nil, fmt.Errorf("plda: a mean of %d numbers, and covariances %d and %d wide: want the same, above 0", k,
			between.SymmetricDim(), within.SymmetricDim())
	}
	for i := range k {
		if notFinite(mean[i]) {
			return nil, fmt.Errorf("plda: number %d of the mean is %v", i, mean[i])
		}
		for j := range k {
			if notFinite(between.At(i, j)) || notFinite(within.At(i, j)) {
				return nil, fmt.Errorf("plda: the covariances have values that are not finite in row %d", i)
			}
		}
	}
	d, err := diagonalise(between, within)
	if err != nil {
		return nil, err
	}
	return &Model{Mean: append([]float64(nil), mean...), Axes: d.axes.RawMatrix().Data, Between: d.between}, nil
}

// notFinite reports whether v is NaN or infinite.
func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// K returns the number of numbers of a row.
func (m *Model) K() int { return len(m.Mean) }

// Validate returns why the model cannot score, or nil: sizes that do not fit, values that are not finite, negative
// variances.
func (m *Model) Validate() error {
	k := len(m.Mean)
	if k == 0 || len(m.Axes) != k*k || len(m.Between) != k {
		return fmt.Errorf("plda: a mean of %d numbers, axes of %d and %d variances do not belong together", k,
			len(m.Axes), len(m.Between))
	}
	for _, list := range [][]float64{m.Mean, m.Axes, m.Between} {
		for _, v := range list {
			if notFinite(v) {
				return errors.New("plda: the model has values that are not finite")
			}
		}
	}
	for d, v := range m.Between {
		if v < 0 || d > 0 && v > m.Between[d-1] {
			return fmt.Errorf("plda: variance %d between classes is %v: want 0 or more, the largest first", d, v)
		}
	}
	return nil
}

// String returns a line: the size, what it was fitted on, and how.
func (m *Model) String() string {
	text := fmt.Sprintf("PLDA of %d components", m.K())
	if m.Items > 0 {
		text += fmt.Sprintf(", fitted on %d items of %d classes, isotropic share %.3g", m.Items, m.Classes, m.Isotropic)
		if m.Tried != nil {
			text += " chosen on held-out classes"
		}
	}
	if m.Rounds > 0 {
		text += fmt.Sprintf(", %d rounds of EM", m.Rounds)
	}
	if m.Adapted > 0 {
		text += fmt.Sprintf(", adapted to %d items without labels", m.Adapted)
	}
	return text
}

// String returns "isotropic share 0.2: MAP@R 0.654".
func (t Tried) String() string {
	return fmt.Sprintf("isotropic share %.3g: MAP@R %.3f", t.Isotropic, t.MAPAtR)
}
