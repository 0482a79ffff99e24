package found

import (
	"math"
	"testing"
)

// TestHonest: the winner's loss is split in what all lose and what the choice flattered.
func TestHonest(t *testing.T) {
	run := func(n int, state State, score, held float64) Run {
		return Run{Trial: Trial{Number: n, State: state, Score: score}, HeldOut: held, Same: -1}
	}
	h := NewHonest([]Run{run(0, Complete, .5, .4), run(1, Complete, .8, .5), run(2, Failed, 0, 0), run(3, Pruned, .9, 0),
		run(4, Complete, .6, .5)})
	if h.Winner != 1 || h.Of != 3 || h.Selection != .8 || h.HeldOut != .5 || math.Abs(h.Harder-.5/3) > 1e-12 ||
		math.Abs(h.Optimism-(.3-.5/3)) > 1e-12 {
		t.Errorf("%+v", h)
	}
	if NewHonest([]Run{run(0, Failed, 0, 0)}) != nil {
		t.Error("a summary of nothing")
	}
}

// TestHonestSame: a configuration counts once, also where its first trial was pruned.
func TestHonestSame(t *testing.T) {
	run := func(n, same int, state State, score, held float64) Run {
		return Run{Trial: Trial{Number: n, State: state, Score: score}, HeldOut: held, Same: same}
	}
	h := NewHonest([]Run{run(0, -1, Pruned, .3, 0), run(1, -1, Complete, .5, .5), run(2, 0, Complete, .8, .4),
		run(3, 0, Complete, .8, .4), run(4, 1, Complete, .5, .5)})
	if h.Of != 2 || h.Winner != 2 || math.Abs(h.Harder-.2) > 1e-12 || math.Abs(h.Optimism-.2) > 1e-12 {
		t.Errorf("%+v", h)
	}
	h = NewHonest([]Run{run(0, -1, Pruned, .3, 0), run(1, 0, Complete, .8, .4)})
	if h.Of != 1 || math.Abs(h.Harder-.4) > 1e-12 || math.Abs(h.Optimism) > 1e-12 {
		t.Errorf("%+v", h)
	}
}
