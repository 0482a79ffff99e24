package metric

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas/blas32"

	"github.com/go-siamese/lab/data/parallel"
)

// lloyd is the state of k-means. Squared distances are |x|^2 - 2xc + |c|^2, which is accurate enough for assignments
// and lets dot products do the work; the inertia in the result is computed from differences.
type lloyd struct {
	opt     ClusteringOptions // with its defaults, and K
	n, e    int               // points and their width
	width   int               // e padded
	points  []float32         // n x width
	squares []float64         // |x|^2
}

// kmeansPart is the number of points of a partial sum. It is fixed, so sums do not depend on the number of goroutines.
const kmeansPart = 1024

// run runs one start, number restart: it assigns points and moves centres in turn until no assignment changes, the
// inertia falls by too little, or MaxIterations is reached, which is a warning. It draws from rng.
func (s *lloyd) run(ctx context.Context, rng *rand.Rand, restart int) (*partition, error) {
	k := s.opt.K
	centres, err := s.seed(ctx, rng)
	if err != nil {
		return nil, err
	}
	c := &partition{assign: make([]int32, s.n)}
	lost, converged := 0, false // empty clusters so far
	// The first iteration has none before it, and never ends a start.
	before := math.Inf(1)
	for c.iterations < s.opt.MaxIterations && !converged {
		moved, inertia, far, err := s.assign(ctx, centres, c.assign, c.iterations == 0)
		if err != nil {
			return nil, err
		}
		c.iterations++
		converged = moved == 0 || !s.opt.UntilStable && before-inertia <= s.opt.Tolerance*inertia
		before = inertia
		lost += s.update(centres, c.assign, far)
		if s.opt.Progress != nil {
			s.opt.Progress((float64(restart) + float64(c.iterations)/float64(s.opt.MaxIterations)) /
				float64(s.opt.Restarts))
		}
	}
	// The centres have moved since the last assignment.
	if _, c.inertia, _, err = s.assign(ctx, centres, c.assign, false); err != nil {
		return nil, err
	}
	// From differences: the short form of assign loses digits for points near their centre, and starts are compared by
	// it.
	c.inertia = 0
	for i, a := range c.assign {
		c.inertia += squaredDistance(s.row(i), centres[int(a)*s.width:][:s.width])
	}
	for i := range k {
		c.centres = append(c.centres, centres[i*s.width:][:s.e]...)
	}
	if lost > 0 {
		c.warnings.add(EmptyCluster, lost,
			"k-means restarted an empty cluster at a far point %d times: %d clusters may be too many", lost, k)
	}
	if !converged {
		c.warnings.add(NotConverged, s.opt.MaxIterations, "k-means did not converge in %d iterations",
			s.opt.MaxIterations)
	}
	return c, nil
}

// row returns point i with its padding.
func (s *lloyd) row(i int) []float32 { return s.points[i*s.width : (i+1)*s.width] }

// seed draws the first centre uniformly and each further one with probability proportional to its squared distance to
// the nearest centre so far (k-means++). It returns K x width numbers. Sums over points are taken in their order, so
// the draw does not depend on the number of goroutines. It takes O(N K E) time.
func (s *lloyd) seed(ctx context.Context, rng *rand.Rand) ([]float32, error) {
	centres := make([]float32, 0, s.opt.K*s.width)
	nearest := make([]float64, s.n)
	next := rng.IntN(s.n)
	// nearest is updated by the newest centre alone, so a start takes one pass over the points for each centre.
	for len(centres) < s.opt.K*s.width {
		centre := s.row(next)
		first := len(centres) == 0
		centres = append(centres, centre...)
		err := s.parts(ctx, func(_, a, b int) {
			for i := a; i < b; i++ {
				if d := squaredDistance(s.row(i), centre); first || d < nearest[i] {
					nearest[i] = d
				}
			}
		})
		if err != nil {
			return nil, err
		}
		// A draw by inverting the cumulative sum of the squared distances.
		var sum float64
		for _, d := range nearest {
			sum += d
		}
		next = rng.IntN(s.n) // if all points are centres already
		for i, at := 0, rng.Float64()*sum; i < s.n && sum > 0; i++ {
			if at -= nearest[i]; at < 0 {
				next = i
				break
			}
		}
	}
	return centres, nil
}

// assign assigns every point to its nearest centre. It returns the number of points that changed their cluster, the
// inertia and points to restart empty clusters from (the farthest of every part, farthest first). to holds the clusters
// by point and is changed; fresh says that it has none yet. The nearest centre has the highest x.c - |c|^2/2, as |x|^2
// is the same for all.
func (s *lloyd) assign(ctx context.Context, centres []float32, to []int32, fresh bool) (
	moved int, inertia float64, far []int, err error,
) {
	k := s.opt.K
	// half is |c|^2 / 2 by centre.
	half := make([]float32, k)
	for c := range half {
		row := centres[c*s.width : (c+1)*s.width]
		half[c] = blas32.Dot(vector(row), vector(row)) / 2
	}
	// Parts are the unit of work and of summation.
	count := (s.n + kmeansPart - 1) / kmeansPart
	// One partial result a part, joined in the order of parts, so that sums do not depend on the goroutines.
	type partial struct {
		moved   int
		inertia float64
		far     int
		most    float64
	}
	sums := make([]partial, count)
	err = s.parts(ctx, func(part, a, b int) {
		p := partial{most: -1}
		for i := a; i < b; i++ {
			x := vector(s.row(i))
			best, gain := 0, float32(math.Inf(-1))
			for c := range k {
				if g := blas32.Dot(x, vector(centres[c*s.width:(c+1)*s.width])) - half[c]; g > gain {
					best, gain = c, g
				}
			}
			if fresh || to[i] != int32(best) {
				p.moved++
				to[i] = int32(best)
			}
			d := max(0, s.squares[i]-2*float64(gain))
			p.inertia += d
			if d > p.most {
				p.far, p.most = i, d
			}
		}
		sums[part] = p
	})
	for _, p := range sums {
		moved += p.moved
		inertia += p.inertia
	}
	// More than K cannot be empty.
	for len(far) < min(k, count) {
		best := -1
		for i, p := range sums {
			if p.most >= 0 && (best < 0 || p.most > sums[best].most) {
				best = i
			}
		}
		far = append(far, sums[best].far)
		sums[best].most = -2
	}
	return moved, inertia, far, err
}

// vector returns x in the form that blas32 takes.
func vector(x []float32) blas32.Vector { return blas32.Vector{N: len(x), Inc: 1, Data: x} }

// update moves every centre to the mean of its points, and empty ones to far points. It returns the number of empty
// ones. Sums are float64, in the order of points. If more are empty than there are far points, some share one.
func (s *lloyd) update(centres []float32, assign []int32, far []int) (lost int) {
	k := s.opt.K
	sums := make([]float64, k*s.width)
	size := make([]int, k)
	for i, a := range assign {
		size[a]++
		sum := sums[int(a)*s.width:][:s.width]
		for j, x := range s.row(i) {
			sum[j] += float64(x)
		}
	}
	for c := range k {
		centre := centres[c*s.width:][:s.width]
		// A mean of no points is undefined, and a far point lowers the inertia most.
		if size[c] == 0 {
			copy(centre, s.row(far[lost%len(far)]))
			lost++
			continue
		}
		for j := range centre {
			centre[j] = float32(sums[c*s.width+j] / float64(size[c]))
		}
	}
	return lost
}

// parts runs f(part, first point, one past the last) over all parts, concurrently. The error is the context's.
func (s *lloyd) parts(ctx context.Context, f func(part, a, b int)) error {
	return parallel.Each(ctx, (s.n+kmeansPart-1)/kmeansPart, s.opt.Workers, func(_, p int) error {
		f(p, p*kmeansPart, min(s.n, (p+1)*kmeansPart))
		return nil
	})
}

// squaredDistance returns the sum of squared differences, each taken in float32 and added in float64.
func squaredDistance(x, y []float32) (sum float64) {
	for i, a := range x {
		d := float64(a - y[i])
		sum += d * d
	}
	return sum
}
