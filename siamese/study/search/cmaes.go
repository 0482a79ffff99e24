package search

import (
	"fmt"
	"math"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/space"
)

// CMAES is the covariance matrix adaptation evolution strategy (Hansen 2016, "The CMA Evolution Strategy: A
// Tutorial"). It searches the unit cube of the space from its middle; a choice is an interval cut in parts. It proposes
// a generation at a time and needs all of the one before.
type CMAES struct {
	Population int     // points of a generation. 0 = 4 + ⌊3 log d⌋ for d settings
	Sigma      float64 // width at the start, as a share of a range. 0 = 1/6, as Optuna has it
}

// size returns the number of points of a generation.
func (c CMAES) size(s space.Space) int {
	if c.Population > 0 {
		return c.Population
	}
	return 4 + int(3*math.Log(float64(len(s))))
}

// Needs returns the number of trials in the generations before that of trial n.
func (c CMAES) Needs(s space.Space, n, _ int) int { return n - n%c.size(s) }

// Propose returns a point of the current generation. The generations before it are gone through again, with their
// results; a trial without one is the worst of its generation.
func (c CMAES) Propose(s space.Space, seed uint64, n, _ int, past []Trial) (space.Point, error) {
	if c.Population < 0 || c.Population == 1 || !(c.Sigma >= 0 && c.Sigma < 1) {
		return nil, option.Errorf("Sampler", "a population of %d and a width of %v are not possible", c.Population, c.Sigma)
	}
	sigma, size := c.Sigma, c.size(s)
	if needs := c.Needs(s, n, 1); n < 0 || len(past) < needs {
		return nil, fmt.Errorf("cmaes: trial %d needs the %d before it, and %d are given", n, needs, len(past))
	}
	if sigma == 0 {
		sigma = 1. / 6
	}
	d := newEvolution(len(s), size, sigma)
	for begin := 0; begin+size <= n; begin += size {
		points, losses := make([][]float64, size), make([]float64, size)
		for k := range size {
			points[k] = d.draw(stream(seed, begin+k))
			losses[k] = math.Inf(1)
			if t := past[begin+k]; t.Scored() && !math.IsNaN(t.Score) {
				losses[k] = -t.Score
			}
		}
		if err := d.learn(points, losses); err != nil {
			return nil, err
		}
	}
	return s.At(d.draw(stream(seed, n))), nil
}

func (c CMAES) String() string {
	if c.Population != 0 {
		return fmt.Sprintf("cmaes (generations of %d)", c.Population)
	}
	return "cmaes"
}
