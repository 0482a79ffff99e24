package plda

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/embedding"
)

// DefaultIsotropic is the share of the isotropic covariance where it is not given and there are too few classes to
// choose it.
const DefaultIsotropic = 0.2

// Options says how a model is fitted. The zero value chooses the isotropic share and runs no EM.
type Options struct {
	// Isotropic is the share b in [0, 1] of an isotropic covariance in that between classes, (1-b) B + b tr(B)/K I. 0 is
	// what the classes show and nothing else; with 1 all directions count alike. nil = chosen by MAP@R on classes that
	// the model was not fitted on, out of 0, .05, .1, .2, .3, .5, .7 and 1: three folds of the classes (two of 4 or 5
	// classes), at most 400 items each. Which classes are held out moves MAP@R by more than most shares do, so that of
	// those within .01 of the best the one nearest to DefaultIsotropic is taken. Below 4 classes, or where no class of a
	// fold has two items, it is DefaultIsotropic.
	Isotropic *float64
	// Rounds is the number of rounds of EM after the closed form; 0 = none. They help where classes have few items.
	Rounds int
	Seed   uint64 // of the folds and of their items
}

// Validate returns all that is wrong with the options, joined, or nil. Errors name the fields.
func (o Options) Validate() error {
	var share, rounds error
	if o.Isotropic != nil && !(*o.Isotropic >= 0 && *o.Isotropic <= 1) {
		share = option.Errorf("Isotropic", "%v is not in [0, 1]", *o.Isotropic)
	}
	if o.Rounds < 0 {
		rounds = option.Errorf("Rounds", "%d is less than 0", o.Rounds)
	}
	return errors.Join(share, rounds)
}

// Fit returns the model of labelled rows [N, K]: the mean m of all; W = 1/N Σ (x - mean of its class)(…)', shrunk
// towards its mean variance (Ledoit and Wolf 2004); B = 1/N Σ (mean of its class - m)(…)', mixed as
// [Options.Isotropic] says. Items without a label ("") do not count. It takes O(N K² + K³), about thirty times for the
// choice of the share, all in float64; the same arguments give the same bits on one kind of processor.
//
// Fewer than two classes, no class with two items, rows that are not finite or do not vary within classes, another
// number of labels than of rows, options that are not valid and a cancelled ctx are errors.
func Fit(ctx context.Context, z *embedding.Embeddings, labels []string, opt Options) (*Model, error) {
	if err := opt.Validate(); err != nil {
		return nil, fmt.Errorf("plda: %w", err)
	}
	all, err := samplesOf(z, labels)
	if err != nil {
		return nil, err
	}
	share := DefaultIsotropic
	var tried []Tried
	switch {
	case opt.Isotropic != nil:
		share = *opt.Isotropic
	case len(all.class) >= leastClasses:
		provenance.Seed(opt.Seed)
		if tried, err = all.try(ctx, opt); err != nil {
			return nil, err
		}
		share = chosen(tried)
	}
	e, err := all.estimate(ctx, opt.Rounds)
	if err != nil {
		return nil, err
	}
	d, err := diagonalise(mixed(e.between, share), e.within)
	if err != nil {
		return nil, err
	}
	m := &Model{Mean: e.mean, Axes: d.axes.RawMatrix().Data, Between: d.between, Items: all.n, Classes: len(all.class),
		Shrinkage: e.shrinkage, Isotropic: share, Rounds: opt.Rounds, Tried: tried}
	return m, m.Validate()
}

// mixed returns (1-b) S + b tr(S)/K I.
func mixed(s *mat.SymDense, share float64) *mat.SymDense {
	k := s.SymmetricDim()
	mean := mat.Trace(s) / float64(k)
	out := mat.NewSymDense(k, nil)
	out.ScaleSym(1-share, s)
	for i := range k {
		out.SetSym(i, i, out.At(i, i)+share*mean)
	}
	return out
}

// samples are the labelled rows, by class in the order of the classes' first items.
type samples struct {
	k     int
	n     int         // items of all classes
	class [][]float64 // [items of the class, K] row by row
}

// samplesOf returns the labelled rows of z. Classes and rows are counted here, and values checked.
func samplesOf(z *embedding.Embeddings, labels []string) (*samples, error) {
	if len(labels) != z.N {
		return nil, fmt.Errorf("plda: %d labels of %d items", len(labels), z.N)
	}
	s := &samples{k: z.E}
	number := map[string]int{}
	for i, label := range labels {
		if label == "" {
			continue
		}
		c, ok := number[label]
		if !ok {
			c = len(s.class)
			number[label] = c
			s.class = append(s.class, nil)
		}
		for j, v := range z.Row(i) {
			if notFinite(float64(v)) {
				return nil, fmt.Errorf("plda: number %d of item %d is %v", j, i, v)
			}
			s.class[c] = append(s.class[c], float64(v))
		}
		s.n++
	}
	if len(s.class) < 2 || s.k == 0 {
		return nil, fmt.Errorf("plda: %d class(es) of rows of %d numbers: two classes are needed, and a number",
			len(s.class), s.k)
	}
	if s.n == len(s.class) {
		return nil, errors.New("plda: no class has two items, so that nothing is known of what items of one class differ in")
	}
	return s, nil
}

// size returns the number of items of a class.
func (s *samples) size(class int) int { return len(s.class[class]) / s.k }

// without returns the samples of the classes that are not in held.
func (s *samples) without(held []int) *samples {
	out := &samples{k: s.k}
	skip := make([]bool, len(s.class))
	for _, c := range held {
		skip[c] = true
	}
	for c, rows := range s.class {
		if !skip[c] {
			out.class = append(out.class, rows)
			out.n += s.size(c)
		}
	}
	return out
}

// estimates are the parameters before B is mixed.
type estimates struct {
	mean            []float64
	between, within *mat.SymDense
	shrinkage       float64
}

// estimate returns the closed form, refined by rounds of EM.
func (s *samples) estimate(ctx context.Context, rounds int) (*estimates, error) {
	k := s.k
	mean := make([]float64, k)
	means := make([][]float64, len(s.class))
	for c, rows := range s.class {
		means[c] = make([]float64, k)
		for i, v := range rows {
			means[c][i%k] += v
		}
		n := float64(s.size(c))
		for j := range k {
			mean[j] += means[c][j] / float64(s.n)
			means[c][j] /= n
		}
	}
	between := mat.NewSymDense(k, nil)
	apart := mat.NewVecDense(k, nil)
	residuals := make([]float64, 0, s.n*k)
	for c, rows := range s.class {
		for j := range k {
			apart.SetVec(j, means[c][j]-mean[j])
		}
		between.SymRankOne(between, float64(s.size(c))/float64(s.n), apart)
		for i, v := range rows {
			residuals = append(residuals, v-means[c][i%k])
		}
	}
	scatter := mat.NewSymDense(k, nil)
	blas64.Syrk(blas.Trans, 1/float64(s.n), blas64.General{Rows: s.n, Cols: k, Stride: k, Data: residuals}, 0,
		scatter.RawSymmetric())
	if mat.Trace(scatter) == 0 {
		return nil, errors.New("plda: items of one class do not differ: there is nothing to tell classes apart by")
	}
	if mat.Trace(between) == 0 {
		return nil, errors.New("plda: the classes have the same mean: there is nothing to tell them apart by")
	}
	e := &estimates{mean: mean, between: between}
	e.shrinkage = ledoitWolf(residuals, scatter)
	e.within = mixed(scatter, e.shrinkage)
	for range rounds {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		if err := s.round(e, means, scatter); err != nil {
			return nil, err
		}
	}
	return e, context.Cause(ctx)
}

// ledoitWolf returns the shrinkage in [0, 1] of a covariance S [K, K] of centred rows [N, K] towards tr(S)/K I with the
// least expected squared error (Ledoit and Wolf 2004, as scikit-learn's ledoit_wolf_shrinkage with assume_centered):
// the variance of the estimate of S over its distance from the target, at most 1.
func ledoitWolf(rows []float64, s *mat.SymDense) float64 {
	k := s.SymmetricDim()
	n := float64(len(rows) / k)
	var fourth float64 // Σ |x|⁴
	for i := 0; i < len(rows); i += k {
		var square float64
		for _, v := range rows[i : i+k] {
			square += v * v
		}
		fourth += square * square
	}
	var norm, trace float64 // of S: Σ S_ij² and Σ S_ii
	for i := range k {
		trace += s.At(i, i)
		for j := range k {
			norm += s.At(i, j) * s.At(i, j)
		}
	}
	distance := norm - trace*trace/float64(k)
	variance := (fourth/n - norm) / n
	if variance <= 0 || distance <= 0 { // isotropic already
		return 0
	}
	return min(1, variance/distance)
}
