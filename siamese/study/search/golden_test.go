package search

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/go-siamese/lab/siamese/study/space"
)

// golden is testdata/optuna.json, which testdata/golden.py writes.
type golden struct {
	Densities []struct {
		Settings []string
		Observed []space.Point
		At       []space.Point
		Log      []float64
	}
	Importance []struct {
		Function string
		Trials   []Trial
		Shares   map[string]float64
	}
	Curves []struct {
		Function, Sampler string
		Seeds             int
		Trials            []int
		Mean, SD          []float64
	}
	CMA []struct {
		Dimensions, Size int
		Generations      []struct {
			Points     [][]float64
			Losses     []float64
			Mean       []float64
			Sigma      float64
			Covariance [][]float64
		}
	} `json:"cma"`
}

func readGolden(t *testing.T, name string, to any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, to); err != nil {
		t.Fatal(err)
	}
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(1, math.Abs(a), math.Abs(b))
}

// TestSobol compares the sequence with scipy's.
func TestSobol(t *testing.T) {
	var want struct{ Points [][]float64 }
	readGolden(t, "sobol.json", &want)
	if len(want.Points) != 64 || len(want.Points[0]) != 64 {
		t.Fatal("the file has other points")
	}
	for n, row := range want.Points {
		for d, v := range row {
			if got := float64(sobol(d, n)) / (1 << sobolBits); got != v {
				t.Fatalf("point %d, dimension %d: %v, want %v", n, d, got, v)
			}
		}
	}
}

// TestSobolBalance checks a property of every dimension: of the first 2^k points each of 2^k equal parts has one,
// whatever the shift.
func TestSobolBalance(t *testing.T) {
	s := space.Space{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s = append(s, space.IntRange(name, 0, 31))
	}
	for _, seed := range []uint64{0, 1, 99} {
		seen := map[string]map[float64]bool{}
		for n := range 32 {
			at, err := Sobol{}.Propose(s, seed, n, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			for name, v := range at {
				if seen[name] == nil {
					seen[name] = map[float64]bool{}
				}
				seen[name][v] = true
			}
		}
		for name, values := range seen {
			if len(values) != 32 {
				t.Errorf("seed %d: %s has %d values of 32", seed, name, len(values))
			}
		}
	}
}

// goldenSpace has the settings of testdata/golden.py's densities.
func goldenSpace() space.Space {
	return space.Space{space.Range("x", -5, 5), space.LogRange("l", 1e-3, 1), space.IntRange("n", 1, 200),
		space.LogIntRange("m", 1, 1000), space.Choice("c", "p", "q", "r", "s")}
}

// TestDensities compares Parzen estimators with Optuna's.
func TestDensities(t *testing.T) {
	var want golden
	readGolden(t, "optuna.json", &want)
	if len(want.Densities) != 24 {
		t.Fatalf("%d cases", len(want.Densities))
	}
	for _, c := range want.Densities {
		var params []space.Param
		for _, name := range c.Settings {
			p, _ := goldenSpace().Param(name)
			params = append(params, p)
		}
		m := newParzen(params, c.Observed)
		for i, at := range c.At {
			values := make([]float64, len(params))
			for k, p := range params {
				values[k] = at[p.Name]
			}
			if got := m.log(values); !near(got, c.Log[i], 1e-9) {
				t.Errorf("%v after %d: log density %v, want %v", c.Settings, len(c.Observed), got, c.Log[i])
			}
		}
	}
}

// TestImportances compares shares with Optuna's.
func TestImportances(t *testing.T) {
	var want golden
	readGolden(t, "optuna.json", &want)
	if len(want.Importance) != 4 {
		t.Fatalf("%d cases", len(want.Importance))
	}
	for _, c := range want.Importance {
		for i := range c.Trials {
			c.Trials[i].State = Complete
		}
		got := Importances(function(c.Function).space, c.Trials)
		if len(got) != len(c.Shares) {
			t.Errorf("%s: %d settings, want %d", c.Function, len(got), len(c.Shares))
		}
		for _, g := range got {
			if !near(g.Share, c.Shares[g.Name], 1e-9) {
				t.Errorf("%s of %d: %s has %v, want %v", c.Function, len(c.Trials), g.Name, g.Share, c.Shares[g.Name])
			}
		}
		if !slices.IsSortedFunc(got, func(a, b Importance) int {
			switch {
			case a.Share > b.Share:
				return -1
			case a.Share < b.Share:
				return 1
			}
			return 0
		}) {
			t.Errorf("%s: not in order: %v", c.Function, got)
		}
	}
}

// TestEvolution compares the distribution of CMA-ES with that of the package cmaes after the same generations.
func TestEvolution(t *testing.T) {
	var want golden
	readGolden(t, "optuna.json", &want)
	if len(want.CMA) != 3 {
		t.Fatalf("%d cases", len(want.CMA))
	}
	for _, c := range want.CMA {
		e := newEvolution(c.Dimensions, c.Size, 1./6)
		for g, gen := range c.Generations {
			if err := e.learn(gen.Points, gen.Losses); err != nil {
				t.Fatal(err)
			}
			if !near(e.sigma, gen.Sigma, 1e-9) {
				t.Errorf("%d dimensions, generation %d: sigma %v, want %v", c.Dimensions, g, e.sigma, gen.Sigma)
			}
			for i := range c.Dimensions {
				if !near(e.mean[i], gen.Mean[i], 1e-9) {
					t.Errorf("%d dimensions, generation %d: mean %v, want %v", c.Dimensions, g, e.mean, gen.Mean)
				}
				for j := range c.Dimensions {
					if !near(e.covariance.At(i, j), gen.Covariance[i][j], 1e-8) {
						t.Errorf("%d dimensions, generation %d: covariance %d, %d is %v, want %v", c.Dimensions, g, i, j,
							e.covariance.At(i, j), gen.Covariance[i][j])
					}
				}
			}
		}
	}
}

// TestCurves compares the best value so far, after some trials, with that of Optuna: the means over seeds differ by no
// more than chance allows, 3.3 standard errors of their difference, which one of a thousand pairs of equal samplers
// exceeds. Seeds are fixed, so that it passes always or never.
func TestCurves(t *testing.T) {
	var want golden
	readGolden(t, "optuna.json", &want)
	if len(want.Curves) != 9 {
		t.Fatalf("%d cases", len(want.Curves))
	}
	for _, c := range want.Curves {
		f := function(c.Function)
		sampler, err := ByName(c.Sampler)
		if err != nil {
			t.Fatal(err)
		}
		last := c.Trials[len(c.Trials)-1]
		bests := make([][]float64, len(c.Trials))
		for seed := range c.Seeds {
			var past []Trial
			best := math.Inf(1)
			for n := range last {
				at, err := sampler.Propose(f.space, uint64(seed), n, 1, past)
				if err != nil {
					t.Fatal(err)
				}
				v := f.value(f.space, at)
				best = min(best, v)
				past = append(past, Trial{Number: n, Point: at, State: Complete, Score: -v})
				if k := slices.Index(c.Trials, n+1); k >= 0 {
					bests[k] = append(bests[k], best)
				}
			}
		}
		for k, values := range bests {
			mean, sd := moments(values)
			n := float64(c.Seeds)
			z := (mean - c.Mean[k]) / math.Sqrt(sd*sd/n+c.SD[k]*c.SD[k]/n)
			t.Logf("%s, %s after %d: %.4f ± %.4f, Optuna %.4f ± %.4f, z %.2f", c.Function, sampler, c.Trials[k], mean, sd,
				c.Mean[k], c.SD[k], z)
			if !(math.Abs(z) < 3.3) {
				t.Errorf("%s, %s after %d: mean %v, Optuna %v: %.1f standard errors", c.Function, sampler, c.Trials[k], mean,
					c.Mean[k], z)
			}
		}
	}
}

func moments(values []float64) (mean, sd float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		sd += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(sd)
}
