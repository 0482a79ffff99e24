package views

import "math/rand/v2"

// Grid are shifts in pixels, of points of a coarse grid over a picture, [gridSide, gridSide, 2], x before y. Between
// points they go as uniform cubic B-splines with these as control points. The picture spans the inner cells, so that
// every pixel has four points either way.
type Grid []float64

// gridCells is the number of cells of a grid along an axis of the picture.
const (
	gridCells = 4
	gridSide  = gridCells + 3
)

// drawGrid draws shifts of up to most, as a share of the sides of the picture; nil where most is 0.
func drawGrid(most float64, w, h int, rng *rand.Rand) Grid {
	g := make(Grid, 2*gridSide*gridSide)
	for k := 0; k < len(g); k += 2 {
		g[k], g[k+1] = between(most, rng)*float64(w), between(most, rng)*float64(h)
	}
	if most == 0 {
		return nil
	}
	return g
}

// spline is where the pixels of an axis of n lie in a grid: the first of four points, and the weights of these.
type spline struct {
	first   []int
	weights [][4]float64
}

// newSpline returns where n pixels lie: pixel 0 at the beginning of the first inner cell, the last at the end of the
// last one.
func newSpline(n int) spline {
	s := spline{make([]int, n), make([][4]float64, n)}
	for i := range n {
		at := 0.0
		if n > 1 {
			at = float64(i) / float64(n-1) * gridCells
		}
		cell := min(int(at), gridCells-1)
		t := at - float64(cell)
		s.first[i] = cell
		u := 1 - t
		s.weights[i] = [4]float64{
			u * u * u / 6, (3*t*t*t - 6*t*t + 4) / 6, (3*u*u*u - 6*u*u + 4) / 6, t * t * t / 6,
		}
	}
	return s
}

// row returns, for the row of pixels at y, the points of the grid summed over its rows: [gridSide, 2].
func (g Grid) row(rows spline, y int) (sums [2 * gridSide]float64) {
	for k, weight := range rows.weights[y] {
		line := g[(rows.first[y]+k)*2*gridSide:][:2*gridSide]
		for i, v := range line {
			sums[i] += weight * v
		}
	}
	return sums
}

// at returns the shift of the pixel at x in a row with these sums.
func (s spline) at(sums *[2 * gridSide]float64, x int) (dx, dy float64) {
	for k, weight := range s.weights[x] {
		dx += weight * sums[2*(s.first[x]+k)]
		dy += weight * sums[2*(s.first[x]+k)+1]
	}
	return dx, dy
}
