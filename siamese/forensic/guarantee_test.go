package forensic

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/stats"
)

// The bound of the binomial is that of summing it up, and the fewest pairs are those of the rule of three.
func TestAllowed(t *testing.T) {
	for _, n := range []int{1, 20, 58, 59, 300} {
		for _, p := range []float64{.05, .3} {
			k, sum := 0, 0.0
			for ; k < n; k++ {
				sum += distuv.Binomial{N: float64(n), P: p}.Prob(float64(k))
				if sum > .05 {
					break
				}
			}
			if got := allowed(n, p, .05); got != k {
				t.Errorf("n %d, p %v: %d allowed, want %d", n, p, got, k)
			}
		}
	}
	scores := make([]float64, 58)
	if g := Guaranteed(FNR, scores, Items, .05, .95); g.Threshold != nil || g.Needed != 59 {
		t.Errorf("58 pairs guarantee %v, needed are %d", g.Threshold, g.Needed)
	}
	if g := Guaranteed(FNR, append(scores, 0), Items, .05, .95); g.Threshold == nil || *g.Threshold != 0 {
		t.Errorf("59 pairs guarantee %v", g.Threshold)
	}
	g := Guaranteed(FPR, append(scores, 1), Items, .05, .95)
	if g.Threshold == nil || !(*g.Threshold > 1 && *g.Threshold < 1.001) {
		t.Errorf("the threshold that no different pair reaches is %v, want just above 1", g.Threshold)
	}
}

// The guarantee holds as often as it says, over draws of the items (their classes fixed) or of the classes. Scores of
// same pairs are normal about a mean of their class, so that the true rates are known. By items nothing is promised of
// other classes, and it is not kept there: 10 classes are too few to say.
func TestCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const trials, most = 400, .1
	const ofClass, ofPair = .2, .1 // standard deviations
	kept := map[string]int{}
	for range trials {
		// 10 classes of 40 items, for items; 80 of two to five items, for classes.
		for _, unit := range []Unit{Items, Classes} {
			var labels []int32
			var means []float64
			if unit == Items {
				for c := range 10 {
					means = append(means, .7+ofClass*rng.NormFloat64())
					for range 40 {
						labels = append(labels, int32(c))
					}
				}
			} else {
				for c := range 80 {
					means = append(means, .7+ofClass*rng.NormFloat64())
					for range 2 + rng.IntN(4) {
						labels = append(labels, int32(c))
					}
				}
			}
			score := func(p [2]int) float64 {
				if labels[p[0]] != labels[p[1]] {
					return .1 + .2*rng.NormFloat64()
				}
				return means[labels[p[0]]] + ofPair*rng.NormFloat64()
			}
			draw := func(same bool) (scores []float64) {
				for _, p := range Disjoint(labels, unit, same, rng) {
					scores = append(scores, score(p))
				}
				return scores
			}
			fnr := *Guaranteed(FNR, draw(true), unit, most, .9).Threshold
			fpr := *Guaranteed(FPR, draw(false), unit, most, .9).Threshold
			below := func(x, mean, deviation float64) float64 {
				return distuv.UnitNormal.CDF((x - mean) / deviation)
			}
			missed := below(fnr, .7, math.Hypot(ofClass, ofPair)) // of other classes
			if missed <= most {
				kept[string(unit)+", FNR of other classes"]++
			}
			if unit == Items {
				missed = 0
				for _, mean := range means {
					missed += below(fnr, mean, ofPair) / 10
				}
			}
			if missed <= most {
				kept[string(unit)+", FNR"]++
			}
			if 1-below(fpr, .1, .2) <= most {
				kept[string(unit)+", FPR"]++
			}
		}
	}
	// Seeded, so that these are the same numbers in every run; 360 of 400 are promised.
	for _, name := range []string{"items, FNR", "items, FPR", "classes, FNR", "classes, FPR"} {
		if n := kept[name]; n < 342 {
			t.Errorf("%s: kept in %d of %d trials, want about 90 %%, 3 deviations less at worst", name, n, trials)
		}
	}
	if n := kept["items, FNR of other classes"]; n > 320 {
		t.Errorf("by items the FNR of other classes is kept in %d of %d trials: the test does not tell units apart", n, trials)
	}
	t.Log(kept)
}

func TestDisjoint(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	labels := []int32{0, 0, 0, 1, 1, 2, -1, 3, 3, 3, 3}
	for _, unit := range []Unit{Items, Classes} {
		for _, same := range []bool{true, false} {
			for range 20 {
				pairs := Disjoint(labels, unit, same, rng)
				seen := map[int]bool{}
				for _, p := range pairs {
					for _, i := range p {
						of := i
						if unit == Classes {
							of = int(labels[i])
						}
						if labels[i] < 0 || seen[of] && (unit == Items || !same) {
							t.Fatalf("%s, same %v: %v has an item without a label, or one twice", unit, same, pairs)
						}
						seen[of] = true
					}
					if (labels[p[0]] == labels[p[1]]) != same || p[0] == p[1] {
						t.Fatalf("%s, same %v: pair %v", unit, same, p)
					}
				}
				want := map[Unit]map[bool]int{Items: {true: 4}, Classes: {true: 3, false: 2}}[unit][same]
				if want > 0 && len(pairs) != want {
					t.Fatalf("%s, same %v: %d pairs, want %d", unit, same, len(pairs), want)
				}
			}
		}
	}
	if same, different := Independent(labels); same != 4 || different != 5 {
		t.Errorf("%d same and %d different independent pairs, want 4 and 5", same, different)
	}
	if same, different := Independent([]int32{0, 0, 0, 0, 0, 1, 2}); same != 2 || different != 2 {
		t.Errorf("%d same and %d different independent pairs, want 2 and 2", same, different)
	}
	listed := stats.LabelledPairs{Left: []int32{0, 0, 2, 4, 6}, Right: []int32{1, 2, 3, 5, 7},
		Label: []float32{1, 1, 1, .5, 1}, Weight: []float32{1, 1, 1, 1, 0}}
	if got := Listed(listed, true, nil); len(got) != 2 || got[0] != 0 || got[1] != 2 {
		t.Errorf("disjoint listed pairs are %v, want 0 and 2", got)
	}
}

// 30 errors support a rate; fewer give the bound of Clopper and Pearson, three in n for no error at all.
func TestRuleOf30(t *testing.T) {
	if r := NewRate("FPR", .03, 1000, .95); r.Bound != nil {
		t.Errorf("30 of 1,000 errors are not enough: %v", r)
	}
	r := NewRate("FPR", 0, 1000, .95)
	if r.Bound == nil {
		t.Fatal("no error at all is enough")
	}
	near(t, "bound of no errors", *r.Bound, 1-math.Pow(.05, 1.0/1000))
	r = NewRate("FNR", .005, 1000, .95)
	if r.Bound == nil {
		t.Fatal("5 errors are enough")
	}
	near(t, "chance of 5 errors or fewer at the bound", distuv.Binomial{N: 1000, P: *r.Bound}.CDF(5), .05)
	if r := NewRate("FNR", 1, 3, .95); r.Bound == nil || *r.Bound != 1 {
		t.Errorf("3 errors of 3: %v", r)
	}
	if r := NewRate("FNR", 0, 0, .95); r.Bound == nil || *r.Bound != 1 {
		t.Errorf("no pairs: %v", r)
	}
	// An FNR at an FPR is supported if both are.
	r = NewRate("FNR at FPR 0.001", .1, 400, .95)
	if !r.IsSupported() || r.String() != "FNR at FPR 0.001 0.1000" {
		t.Errorf("40 errors: %v", r)
	}
	at := NewRate("FPR", .001, 1000, .95)
	r.At = &at
	near(t, "chance of one error or none at the bound", distuv.Binomial{N: 1000, P: *at.Bound}.CDF(1), .05)
	if r.IsSupported() || r.String() != "FNR at FPR 0.001 is 0.1000 (that FPR at most 0.0047)" {
		t.Errorf("at one false positive: %v", r)
	}
	wrong := Evidence{Costs: Costs{Prior: .5, FP: 1, FN: 1}, Rates: []Rate{r}}
	if err := wrong.Check(); err != nil {
		t.Error(err)
	}
	if at.Value = math.NaN(); wrong.Check() == nil {
		t.Error("a rate of a threshold that is NaN")
	}
	near(t, "supported", Supported(3000), .01)
}
