package search

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/found"
	"github.com/go-siamese/lab/siamese/study/space"
)

func ExampleTPE() {
	s := space.Space{space.Range("x", -5, 5)}
	var past []Trial
	for n := range 30 {
		at, err := TPE{}.Propose(s, 1, n, 1, past)
		if err != nil {
			panic(err)
		}
		past = append(past, Trial{Number: n, Point: at, State: Complete, Score: -math.Abs(at["x"] - 2)})
	}
	best, _ := found.Best(past)
	fmt.Printf("%.0f\n", best.Point["x"])
	// Output: 2
}

// samplers returns all samplers.
func samplers(t *testing.T) []Sampler {
	t.Helper()
	out := []Sampler{TPE{Independent: true}, CMAES{Population: 6}}
	for _, name := range Names() {
		s, err := ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// TestSamplers: every point is in the space, and follows from the trials that the sampler says it needs alone, in
// whatever state the others are.
func TestSamplers(t *testing.T) {
	f := function("mixed")
	for _, sampler := range samplers(t) {
		for _, parallel := range []int{1, 3} {
			var past []Trial
			for n := range 40 {
				needs := sampler.Needs(f.space, n, parallel)
				if needs < 0 || needs > n {
					t.Fatalf("%s: trial %d needs %d", sampler, n, needs)
				}
				at, err := sampler.Propose(f.space, 7, n, parallel, past)
				if err != nil {
					t.Fatalf("%s: %v", sampler, err)
				}
				if err := f.space.Check(at); err != nil {
					t.Fatalf("%s: trial %d: %v", sampler, n, err)
				}
				other := slices.Clone(past)
				for i := needs; i < n; i++ { // as if they still ran
					other[i].State, other[i].Score = Running, 0
				}
				again, err := sampler.Propose(f.space, 7, n, parallel, other)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(at, again); diff != "" {
					t.Fatalf("%s, %d at a time: trial %d depends on more than it needs: %s", sampler, parallel, n, diff)
				}
				trial := Trial{Number: n, Point: at, State: Complete, Score: -f.value(f.space, at), Step: 3}
				switch n % 7 {
				case 3:
					trial.State, trial.Step = Pruned, n%5
				case 5:
					trial.State, trial.Score = Failed, 0
				}
				past = append(past, trial)
			}
			if seen := past[1].Point; cmp.Equal(seen, past[2].Point) && cmp.Equal(seen, past[0].Point) {
				t.Errorf("%s proposes one point", sampler)
			}
		}
	}
}

// TestSeeds: other seeds give other points.
func TestSeeds(t *testing.T) {
	s := box(3, 0, 1)
	for _, sampler := range samplers(t) {
		a, err := sampler.Propose(s, 1, 0, 1, nil)
		b, err2 := sampler.Propose(s, 2, 0, 1, nil)
		if err != nil || err2 != nil || cmp.Equal(a, b) {
			t.Errorf("%s: %v and %v, %v, %v", sampler, a, b, err, err2)
		}
	}
}

// TestGrid: every combination once, and no further one.
func TestGrid(t *testing.T) {
	s := space.Space{space.Choice("kind", "a", "b"), space.LogRange("x", .01, 1).If("kind", "b"),
		space.IntRange("n", 1, 2)}
	g := Grid{Levels: 5}
	size, err := g.Size(s)
	if err != nil || size != 2+5*2 {
		t.Fatalf("%d, %v", size, err)
	}
	seen := map[string]bool{}
	for n := range size {
		at, err := g.Propose(s, 3, n, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		seen[fmt.Sprint(at)] = true
	}
	if len(seen) != size {
		t.Errorf("%d points of %d", len(seen), size)
	}
	if _, err := g.Propose(s, 3, size, 1, nil); !errors.Is(err, ErrExhausted) {
		t.Errorf("%v after the last point", err)
	}
	if got := levels(s[1], 3); len(got) != 3 || got[0] != .01 || math.Abs(got[1]-.1) > 1e-12 || got[2] != 1 {
		t.Errorf("levels by factors: %v", got)
	}
	if _, err := (Grid{Levels: 100}).Size(box(6, 0, 1)); !slices.Contains(option.Names(err), "Levels") {
		t.Errorf("a grid of 10^12 points: %v", err)
	}
}

// TestRefused checks which option an error names.
func TestRefused(t *testing.T) {
	if _, err := ByName("tpee"); !slices.Contains(option.Names(err), "Sampler") {
		t.Error(err)
	}
	for _, sampler := range []Sampler{TPE{Startup: -1}, TPE{Candidates: -1}, CMAES{Population: 1}, CMAES{Sigma: -1}} {
		if _, err := sampler.Propose(box(2, 0, 1), 1, 0, 1, nil); !slices.Contains(option.Names(err), "Sampler") {
			t.Errorf("%v: %v", sampler, err)
		}
	}
}

// TestWorstScores: minus infinity and what is not a number are results too, and are not the best.
func TestWorstScores(t *testing.T) {
	s := box(2, 0, 1)
	for _, sampler := range samplers(t) {
		var past []Trial
		for n := range 30 {
			at, err := sampler.Propose(s, 1, n, 1, past)
			if errors.Is(err, ErrExhausted) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			score := []float64{math.Inf(-1), math.NaN(), 1}[n%3]
			past = append(past, Trial{Number: n, Point: at, State: Complete, Score: score})
		}
		if best, ok := found.Best(past); !ok || best.Number != 2 {
			t.Errorf("%s: the best is %d", sampler, best.Number)
		}
		if got := Importances(s, past); len(got) != 2 || math.Abs(got[0].Share+got[1].Share-1) > 1e-9 {
			t.Errorf("%s: importances %v", sampler, got)
		}
	}
}

// TestImportancesOfNothing: settings share evenly.
func TestImportancesOfNothing(t *testing.T) {
	for _, trials := range [][]Trial{nil, {{State: Complete, Point: space.Point{"x0": .5, "x1": .1}}}} {
		for _, g := range Importances(box(2, 0, 1), trials) {
			if g.Share != .5 {
				t.Errorf("%v", g)
			}
		}
	}
	if got := Importances(nil, nil); len(got) != 0 {
		t.Error(got)
	}
}
