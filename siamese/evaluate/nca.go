package evaluate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

const (
	ncaItems  = 300 // learnt from at most: a step takes O(n² k)
	ncaSteps  = 20  // of L-BFGS
	ncaMemory = 10  // steps whose curvature is kept
	ncaSpread = 10  // mean squared distance of the items that it starts from: less, and all are neighbours of all
)

// nca returns the directions [k, k] of neighbourhood components analysis (Goldberger et al. 2005), a [learner]: the
// transpose of the matrix with the largest [neighbourhoods] found in ncaSteps steps of L-BFGS from a multiple of the
// identity. Stopping early is what keeps it from learning its items by heart.
func nca(ctx context.Context, rows *mat.Dense, class []int, _ int) (*mat.Dense, error) {
	n, k := rows.Dims()
	// The mean squared distance is twice the mean squared distance from the mean.
	spread := 2 * mat.Trace(scatter(rows, make([]int, n), 1))
	if spread == 0 {
		return nil, fmt.Errorf("the %d items are equal", n)
	}
	start := make([]float64, k*k)
	for i := range k {
		start[i*k+i] = math.Sqrt(ncaSpread / spread)
	}
	components, _, err := ncaFrom(ctx, rows, class, start, ncaSteps)
	if err != nil {
		return nil, err
	}
	return mat.DenseCopyOf(mat.NewDense(k, k, components).T()), nil
}

// ncaFrom returns components [k, k] row by row with a larger sum of neighbourhoods than start, after some steps of
// L-BFGS (Nocedal 1980), and that sum. A step that gains nothing is halved, and the search ends where that does not
// help.
func ncaFrom(ctx context.Context, rows *mat.Dense, class []int, start []float64, steps int) ([]float64, float64,
	error) {
	_, k := rows.Dims()
	at := slices.Clone(start)
	value, gradient := neighbourhoods(rows, class, mat.NewDense(k, k, at))
	slope := gradient.RawMatrix().Data
	var past []curvature
	for range steps {
		if ctx.Err() != nil {
			return nil, 0, context.Cause(ctx)
		}
		direction := ascent(slope, past)
		if floats.Dot(direction, slope) <= 0 { // rounding: begin again with the gradient
			past, direction = nil, ascent(slope, nil)
		}
		rise := floats.Dot(direction, slope)
		step, found := 1., false
		for range 20 {
			next := slices.Clone(at)
			floats.AddScaled(next, step, direction)
			v, g := neighbourhoods(rows, class, mat.NewDense(k, k, next))
			if v > value+1e-4*step*rise {
				change, bend := slices.Clone(next), slices.Clone(slope)
				floats.Sub(change, at)
				floats.Sub(bend, g.RawMatrix().Data) // of the negative sum, which is minimised
				if floats.Dot(change, bend) > 0 {
					past = append(past, curvature{change, bend})
					past = past[max(0, len(past)-ncaMemory):]
				}
				at, value, slope, found = next, v, g.RawMatrix().Data, true
				break
			}
			step /= 2
		}
		if !found {
			break
		}
	}
	return at, value, nil
}

// curvature is a step, and how the gradient of what is minimised changed along it.
type curvature struct{ step, bend []float64 }

// ascent returns the direction of the next step by the slope and the curvatures of the last steps, latest last; without
// any the slope, no longer than 1.
func ascent(slope []float64, past []curvature) []float64 {
	out := slices.Clone(slope)
	if len(past) == 0 {
		if norm := floats.Norm(out, 2); norm > 1 {
			floats.Scale(1/norm, out)
		}
		return out
	}
	share := make([]float64, len(past))
	for i, c := range slices.Backward(past) {
		share[i] = floats.Dot(c.step, out) / floats.Dot(c.step, c.bend)
		floats.AddScaled(out, -share[i], c.bend)
	}
	last := past[len(past)-1]
	floats.Scale(floats.Dot(last.step, last.bend)/floats.Dot(last.bend, last.bend), out)
	for i, c := range past {
		floats.AddScaled(out, share[i]-floats.Dot(c.bend, out)/floats.Dot(c.step, c.bend), c.step)
	}
	return out
}

// neighbourhoods returns the expected number of items whose neighbour is of their class,
//
//	Σ_i Σ_j:same p_ij, p_ij = exp(-|A x_i - A x_j|²) / Σ_l≠i exp(-|A x_i - A x_l|²), p_ii = 0
//
// and its gradient [d, k] by A [d, k]: 2 A X' S X with the symmetric S of weights p_ij (same_ij - Σ_l:same p_il), whose
// rows sum to 0.
func neighbourhoods(rows *mat.Dense, class []int, a *mat.Dense) (float64, *mat.Dense) {
	n, _ := rows.Dims()
	var embedded, products mat.Dense
	embedded.Mul(rows, a.T())
	products.Mul(&embedded, embedded.T())
	weights := mat.NewDense(n, n, nil)
	var sum float64
	p := make([]float64, n)
	for i := range n {
		nearest := math.Inf(1)
		for j := range n {
			p[j] = products.At(i, i) + products.At(j, j) - 2*products.At(i, j)
			if i != j {
				nearest = min(nearest, p[j])
			}
		}
		var total, same float64
		for j := range n {
			p[j] = math.Exp(nearest - p[j])
			if i == j {
				p[j] = 0
			}
			total += p[j]
		}
		for j := range n {
			p[j] /= total
			if class[i] == class[j] {
				same += p[j]
			}
		}
		sum += same
		for j := range n {
			w := -p[j] * same
			if class[i] == class[j] {
				w += p[j]
			}
			weights.Set(i, j, w)
		}
	}
	// S = weights + weights' off the diagonal, less the sums of columns on it; sums of rows are 0.
	s := mat.NewDense(n, n, nil)
	for j := range n {
		var column float64
		for i := range n {
			column += weights.At(i, j)
			s.Set(i, j, weights.At(i, j)+weights.At(j, i))
		}
		s.Set(j, j, -column)
	}
	var half, gradient mat.Dense
	half.Mul(embedded.T(), s)
	gradient.Mul(&half, rows)
	gradient.Scale(2, &gradient)
	return sum, &gradient
}
