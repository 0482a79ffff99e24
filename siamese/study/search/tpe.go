package search

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/space"
)

// TPE is the tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe 2023, "Tree-Structured Parzen Estimator:
// Understanding Its Algorithm Components and Their Roles for Better Empirical Performance") as Optuna 5.0 has it by
// default: it fits one mixture to the best tenth of the trials (at most 25) and one to the others, draws candidates
// from the first and proposes the one at which the first is most likely relative to the second. Settings that all
// trials have are drawn together; the others, which have conditions, one by one. Trials that run count among the
// others, which keeps several at a time apart (constant liar).
type TPE struct {
	Startup     int  // trials at random before the first fit. 0 = 10
	Candidates  int  // points to choose from. 0 = 24
	Independent bool // draw all settings one by one, as Optuna did by default before 5.0
}

const (
	usualStartup    = 10
	usualCandidates = 24
)

// Needs returns how many trials are over when n starts, where parallel run at a time and the oldest ends first.
func (t TPE) Needs(_ space.Space, n, parallel int) int {
	if n < cmp.Or(t.Startup, usualStartup) {
		return 0 // at random in any case
	}
	return max(0, n-max(parallel, 1)+1)
}

// Propose returns the most promising candidate. Failed trials are left out.
func (t TPE) Propose(s space.Space, seed uint64, n, parallel int, past []Trial) (space.Point, error) {
	if t.Startup < 0 || t.Candidates < 0 {
		return nil, option.Errorf("Sampler", "numbers of trials and of candidates are not negative")
	}
	rng := stream(seed, n)
	past = known(past, t.Needs(s, n, parallel))
	var over []Trial
	for _, p := range past {
		if p.Scored() && !math.IsNaN(p.Score) {
			over = append(over, p)
		}
	}
	if len(over) < cmp.Or(t.Startup, usualStartup) {
		return uniform(s, rng), nil
	}
	below, above := divide(past, over)
	// Together what every trial has had, so that there are values to fit.
	joint := map[string]float64{}
	var together []space.Param
	for _, p := range s {
		always := !slices.ContainsFunc(over, func(o Trial) bool { _, has := o.Point[p.Name]; return !has })
		if always && !t.Independent {
			together = append(together, p)
		}
	}
	pick := func(params []space.Param) []float64 {
		low, high := newParzen(params, having(params, below)), newParzen(params, having(params, above))
		var best []float64
		most := math.Inf(-1)
		for range cmp.Or(t.Candidates, usualCandidates) {
			at := low.draw(rng)
			if gain := low.log(at) - high.log(at); best == nil || gain > most {
				best, most = at, gain
			}
		}
		return best
	}
	if len(together) > 0 {
		for i, v := range pick(together) {
			joint[together[i].Name] = v
		}
	}
	out := space.Point{}
	for _, p := range s {
		if !s.Active(p, out) {
			continue
		}
		value, ok := joint[p.Name]
		if !ok {
			value = pick([]space.Param{p})[0]
		}
		out[p.Name] = value
	}
	return out, nil
}

// divide returns the points of the best tenth of the trials that are over, at most 25, and of all others but failed
// ones, both in the order of their numbers. Pruned ones come after complete ones, those that came further first.
func divide(past, over []Trial) (below, above []space.Point) {
	ranked := slices.Clone(over)
	slices.SortStableFunc(ranked, func(a, b Trial) int {
		if a.State != b.State {
			return cmp.Compare(a.State, b.State) // complete before pruned
		}
		if a.State == Pruned && a.Step != b.Step {
			return b.Step - a.Step
		}
		return cmp.Compare(b.Score, a.Score)
	})
	best := map[int]bool{}
	for _, t := range ranked[:min(len(ranked), 25, int(math.Ceil(0.1*float64(len(ranked)))))] {
		best[t.Number] = true
	}
	for _, t := range past {
		switch {
		case best[t.Number]:
			below = append(below, t.Point)
		case t.State == Running || t.Scored():
			above = append(above, t.Point)
		}
	}
	return below, above
}

// having returns the points that have all of the settings.
func having(params []space.Param, points []space.Point) []space.Point {
	return slices.DeleteFunc(slices.Clone(points), func(at space.Point) bool {
		return slices.ContainsFunc(params, func(p space.Param) bool { _, has := at[p.Name]; return !has })
	})
}

func (t TPE) String() string {
	var words []string
	if t.Startup != 0 && t.Startup != usualStartup {
		words = append(words, fmt.Sprintf("%d at random", t.Startup))
	}
	if t.Candidates != 0 && t.Candidates != usualCandidates {
		words = append(words, fmt.Sprintf("%d candidates", t.Candidates))
	}
	if t.Independent {
		words = append(words, "settings one by one")
	}
	if words == nil {
		return "tpe"
	}
	return "tpe (" + strings.Join(words, ", ") + ")"
}
