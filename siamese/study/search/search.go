// Package search proposes points of a space: at random, on a grid, along a Sobol sequence, by a tree-structured Parzen
// estimator (TPE) or by CMA-ES. It evaluates nothing and imports no GoMLX; package study trains what is proposed.
//
// A [Sampler] has no state. What it proposes as trial n follows from the space, the seed, n and the results of those
// trials before it that it asks for, so that a search that was killed goes on as if it had not been, and one that runs
// several trials at a time proposes the same ones whichever of them ends first.
package search

import (
	"cmp"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/space"
)

// State is how far a trial is.
type State string

// The states of a [Trial].
const (
	Running  State = "running"  // no result yet
	Complete State = "complete" // Score is its result
	Pruned   State = "pruned"   // stopped early; Score is that of the Step it came to
	Failed   State = "failed"   // no result
)

// Trial is a point that was proposed and what came of it.
type Trial struct {
	Number int         `json:"number"` // from 0
	Point  space.Point `json:"point"`
	State  State       `json:"state"`
	Score  float64     `json:"score"` // higher is better
	Step   int         `json:"step"`  // epochs trained, for instance: comparable among trials
}

// finished reports whether the trial has a score to learn from.
func (t Trial) finished() bool { return t.State == Complete || t.State == Pruned }

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

// Best returns the best of the trials that are complete, the first of equal ones, and false if there is none. A score
// that is not a number is worse than all others.
func Best(trials []Trial) (best Trial, ok bool) {
	for _, t := range trials {
		if t.State == Complete && !math.IsNaN(t.Score) && (!ok || t.Score > best.Score) {
			best, ok = t, true
		}
	}
	return best, ok
}

// Ranked returns the runs, best first: complete ones by score, pruned ones by how far they came and by score, others.
func (r *Result) Ranked() []Run {
	out := slices.Clone(r.Runs)
	order := map[State]int{Complete: 0, Pruned: 1, Running: 2, Failed: 3}
	slices.SortStableFunc(out, func(a, b Run) int {
		return cmp.Or(cmp.Compare(order[a.State], order[b.State]), cmp.Compare(pruneStep(b), pruneStep(a)),
			cmp.Compare(b.Score, a.Score))
	})
	return out
}

// pruneStep returns how far a pruned run came, and 0 for others, which are not compared by it.
func pruneStep(r Run) int {
	if r.State == Pruned {
		return r.Step
	}
	return 0
}

// Trials returns the trials of the runs.
func (r *Result) Trials() []Trial {
	out := make([]Trial, len(r.Runs))
	for i, run := range r.Runs {
		out[i] = run.Trial
	}
	return out
}

// Winner returns the best run, and false if none is complete.
func (r *Result) Winner() (Run, bool) {
	best, ok := Best(r.Trials())
	if !ok {
		return Run{}, false
	}
	return r.Runs[best.Number], true
}
