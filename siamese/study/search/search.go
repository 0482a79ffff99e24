// Package search proposes points of a space: at random, on a grid, along a Sobol sequence, by a tree-structured Parzen
// estimator (TPE) or by CMA-ES. It evaluates nothing and imports no GoMLX; package study trains what is proposed.
//
// A [Sampler] has no state. What it proposes as trial n follows from the space, the seed, n and the results of those
// trials before it that it asks for, so that a search that was killed goes on as if it had not been, and one that runs
// several trials at a time proposes the same ones whichever of them ends first.
package search

import (
	"errors"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Trial is what a sampler learns from, see [found.Trial].
type Trial = found.Trial

// State is how far a trial is, see [found.State].
type State = found.State

// The states of a [Trial].
const (
	Running  = found.Running
	Complete = found.Complete
	Pruned   = found.Pruned
	Failed   = found.Failed
)

// ErrExhausted says that a sampler has no further point: a grid was walked to its end.
var ErrExhausted = errors.New("the sampler has proposed all its points")

// Sampler proposes points.
type Sampler interface {
	// Needs returns how many of the first trials must be over before trial n is proposed, at most n, where up to
	// parallel trials run at a time. What [Sampler.Propose] returns depends on their results and on no others.
	Needs(s space.Space, n, parallel int) int

	// Propose returns the point of trial n. past are the trials before it, of which at least those that Needs says are
	// over; the others count as running, whatever they are. The space must be valid. [ErrExhausted] ends the search.
	Propose(s space.Space, seed uint64, n, parallel int, past []Trial) (space.Point, error)

	// String returns the name and the settings that differ from the usual ones.
	String() string
}

// Names returns the names of the samplers for [ByName].
func Names() []string { return []string{"tpe", "random", "sobol", "grid", "cmaes"} }

// ByName returns the sampler of that name with its usual settings.
func ByName(name string) (Sampler, error) {
	switch name {
	case "tpe":
		return TPE{}, nil
	case "random":
		return Random{}, nil
	case "sobol":
		return Sobol{}, nil
	case "grid":
		return Grid{}, nil
	case "cmaes":
		return CMAES{}, nil
	}
	return nil, option.Errorf("Sampler", "%q is not known: use %s", name, option.Choices(Names()))
}

// stream returns the random numbers of trial n.
func stream(seed uint64, n int) *rand.Rand { return rand.New(rand.NewPCG(seed, 1<<33+uint64(n))) }

// known returns past as a sampler may see it that needs the first k trials: the others count as running.
func known(past []Trial, k int) []Trial {
	out := slices.Clone(past)
	for i := range out {
		if i >= k {
			out[i].State, out[i].Score, out[i].Step = Running, 0, 0
		}
	}
	return out
}

// Random proposes independent points, evenly over every range.
type Random struct{}

// Needs returns 0.
func (Random) Needs(space.Space, int, int) int { return 0 }

// Propose returns a random point, which depends on the seed and n alone.
func (Random) Propose(s space.Space, seed uint64, n, _ int, _ []Trial) (space.Point, error) {
	return uniform(s, stream(seed, n)), nil
}

func (Random) String() string { return "random" }

// uniform draws a point.
func uniform(s space.Space, rng *rand.Rand) space.Point {
	u := make([]float64, len(s))
	for i := range u {
		u[i] = rng.Float64()
	}
	return s.At(u)
}
