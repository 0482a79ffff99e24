package search

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Grid proposes all combinations of a few values of every setting, in an order that the seed shuffles, so that a budget
// that is smaller than the grid covers it evenly.
type Grid struct {
	Levels int // values of a range, ends included; whole numbers have at most as many as they are. 0 = 3
}

// mostPoints bounds a grid, whose points are listed.
const mostPoints = 1 << 20

// Needs returns 0.
func (Grid) Needs(space.Space, int, int) int { return 0 }

// Propose returns a point of the grid, or [ErrExhausted]. A grid of more than a million points is an error.
func (g Grid) Propose(s space.Space, seed uint64, n, _ int, _ []Trial) (space.Point, error) {
	points, err := g.points(s)
	if err != nil {
		return nil, err
	}
	if n >= len(points) {
		return nil, ErrExhausted
	}
	return points[rand.New(rand.NewPCG(seed, 1<<34)).Perm(len(points))[n]], nil
}

func (g Grid) String() string {
	if g.Levels == 0 {
		return "grid"
	}
	return fmt.Sprintf("grid of %d levels", g.Levels)
}

// Size returns the number of points of the grid.
func (g Grid) Size(s space.Space) (int, error) {
	points, err := g.points(s)
	return len(points), err
}

// points returns all points in order. A setting without effect makes no further ones.
func (g Grid) points(s space.Space) ([]space.Point, error) {
	if g.Levels < 0 {
		return nil, option.Errorf("Levels", "%d is not a number of values", g.Levels)
	}
	out := []space.Point{{}}
	for _, p := range s {
		var next []space.Point
		values := levels(p, cmp.Or(g.Levels, 3))
		for _, at := range out {
			if !s.Active(p, at) {
				next = append(next, at)
				continue
			}
			for _, v := range values {
				more := space.Point{p.Name: v}
				for name, value := range at {
					more[name] = value
				}
				next = append(next, more)
			}
			if len(next) > mostPoints {
				return nil, option.Errorf("Levels", "the grid has more than %d points: take fewer settings or levels",
					mostPoints)
			}
		}
		out = next
	}
	return out, nil
}

// levels returns up to n values of a setting, evenly spaced on its scale.
func levels(p space.Param, n int) []float64 {
	var out []float64
	if p.Kind == space.KindChoice {
		for i := range p.Choices {
			out = append(out, float64(i))
		}
		return out
	}
	if n == 1 {
		low, high := p.Ends()
		return []float64{unscaled(p, (low+high)/2)}
	}
	for i := range n {
		low, high := p.Low, p.High
		if p.Log {
			low, high = math.Log(low), math.Log(high)
		}
		out = append(out, unscaled(p, low+(high-low)*float64(i)/float64(n-1)))
	}
	out[0], out[n-1] = p.Low, p.High // to the bit
	return slices.Compact(out)
}

// unscaled returns the value of a range at a place on its even scale.
func unscaled(p space.Param, x float64) float64 {
	if p.Log {
		x = math.Exp(x)
	}
	return p.Near(x)
}
