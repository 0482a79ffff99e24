package plda

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/siamese/embedding"
)

const (
	leastClasses = 4   // to hold some out, with two on both sides
	mostHeld     = 400 // items scored in a fold: scores of all pairs, once for every share
)

// shares returns the shares of the isotropic covariance that are tried.
func shares() []float64 { return []float64{0, .05, .1, .2, .3, .5, .7, 1} }

// alike is by how much MAP@R of two shares may differ that are not told apart.
const alike = 0.01

// chosen returns the share to take: of those that are about as good as the best the nearest to the default, of two as
// near the smaller; the default where none was tried.
func chosen(tried []Tried) float64 {
	best := 0.
	for _, one := range tried {
		best = max(best, one.MAPAtR)
	}
	share, away := DefaultIsotropic, math.Inf(1)
	for _, one := range tried {
		if d := math.Abs(one.Isotropic - DefaultIsotropic); one.MAPAtR >= best-alike && d < away-1e-9 {
			share, away = one.Isotropic, d
		}
	}
	return share
}

// try returns the shares and their MAP@R on held-out classes, a mean over folds of the classes. Every class is held out
// once. A fold that says nothing, for instance because its classes have one item each, is left out; nil = all are.
func (s *samples) try(ctx context.Context, opt Options) ([]Tried, error) {
	rng := rand.New(rand.NewPCG(opt.Seed, 0x706c6461))
	order := rng.Perm(len(s.class))
	folds := 3
	if len(order) < 6 {
		folds = 2
	}
	out := make([]Tried, len(shares()))
	for i, share := range shares() {
		out[i].Isotropic = share
	}
	counted := 0
	for f := range folds {
		held := order[f*len(order)/folds : (f+1)*len(order)/folds]
		rest := s.without(held)
		z, class := s.sample(rng, held)
		if rest.n == len(rest.class) || !repeated(class) {
			continue
		}
		e, err := rest.estimate(ctx, opt.Rounds)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil { // the other classes do not vary
			continue
		}
		counted++
		for i := range out {
			d, err := diagonalise(mixed(e.between, out[i].Isotropic), e.within)
			if err != nil {
				return nil, err
			}
			m := &Model{Mean: e.mean, Axes: d.axes.RawMatrix().Data, Between: d.between}
			scores, err := m.Scores(z, z)
			if err != nil {
				return nil, err
			}
			out[i].MAPAtR += precision(scores, class)
		}
	}
	if counted == 0 {
		return nil, nil
	}
	for i := range out {
		out[i].MAPAtR /= float64(counted)
	}
	return out, nil
}

// sample returns at most mostHeld items of classes, as many of each as there are or as fit, and the class of each.
func (s *samples) sample(rng *rand.Rand, classes []int) (*embedding.Embeddings, []int) {
	most := max(2, mostHeld/len(classes))
	z := &embedding.Embeddings{E: s.k}
	var class []int
	for _, c := range classes {
		items := rng.Perm(s.size(c))
		for _, i := range items[:min(most, len(items))] {
			for _, v := range s.class[c][i*s.k : (i+1)*s.k] {
				z.Values = append(z.Values, float32(v)) // they were float32
			}
			class = append(class, c)
		}
		if len(class) >= mostHeld { // more classes than items to score
			break
		}
	}
	z.N = len(class)
	return z, class
}

// repeated reports whether some number is there twice.
func repeated(class []int) bool {
	sorted := slices.Sorted(slices.Values(class))
	return len(slices.Compact(sorted)) < len(class)
}

// precision returns the MAP@R (Musgrave, Belongie and Lim 2020) of scores [N, N] over the items whose class has others:
// the mean of the precisions at the places of its R others among the R best, summed over R. Ties go by number.
func precision(scores []float64, class []int) float64 {
	n := len(class)
	others := map[int]int{}
	for _, c := range class {
		others[c]++
	}
	var sum float64
	queries := 0
	list := make([]int, 0, n)
	for q, c := range class {
		r := others[c] - 1
		if r == 0 {
			continue
		}
		row := scores[q*n : (q+1)*n]
		list = list[:0]
		for i := range n {
			if i != q {
				list = append(list, i)
			}
		}
		slices.SortFunc(list, func(a, b int) int { return cmp.Or(cmp.Compare(row[b], row[a]), cmp.Compare(a, b)) })
		hits := 0
		for place, i := range list[:r] {
			if class[i] == c {
				hits++
				sum += float64(hits) / float64(place+1) / float64(r)
			}
		}
		queries++
	}
	if queries == 0 {
		return 0
	}
	return sum / float64(queries)
}
