// Package found holds what a search came to, as plain data: trials, runs and how honest the winner's figure is. It
// searches and trains nothing and imports no GoMLX, so that a small program can read it.
package found

import (
	"cmp"
	"math"
	"slices"

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

// Scored reports whether the trial is over and has a score.
func (t Trial) Scored() bool { return t.State == Complete || t.State == Pruned }

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
func (r *Result) Trials() []Trial { return Trials(r.Runs) }

// Trials returns the trials of some runs, at the same places.
func Trials(runs []Run) []Trial {
	out := make([]Trial, len(runs))
	for i, run := range runs {
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
