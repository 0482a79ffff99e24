package stats

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"
)

func TestRandomiseAgreesWithSciPy(t *testing.T) {
	for _, f := range readReference(t).Flips {
		var d []float64
		for i := range f.A {
			d = append(d, f.B[i]-f.A[i])
		}
		tol := 0.0
		if !f.Exact { // both are samples
			tol = 4 * math.Sqrt(f.P*(1-f.P)/flips)
		}
		near(t, "p", randomise(d, 1), f.P, tol+1e-12)
		for i := range d {
			d[i] = -d[i]
		}
		near(t, "p turned round", randomise(d, 1), f.P, tol+1e-12)
	}
	if p := randomise(make([]float64, 30), 1); p != 1 {
		t.Errorf("no difference anywhere: p %v", p)
	}
}

func TestBCaAgreesWithSciPy(t *testing.T) {
	ref := readReference(t).BCa
	mean, n := stat.Mean(ref.Values, nil), len(ref.Values)
	s := sample{value: mean, high: 1, defined: true, runs: 1}
	for _, x := range ref.Values {
		s.influence = append(s.influence, (x-mean)/float64(n))
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 40000 {
		sum := 0.0
		for range n {
			sum += ref.Values[rng.IntN(n)]
		}
		s.drawn = append(s.drawn, sum/float64(n))
	}
	i, e := s.interval(Options{Method: BCa, Confidence: ref.Confidence, Resamples: len(s.drawn)})
	near(t, "low", i.Low, ref.Low, .02*(ref.High-ref.Low))
	near(t, "high", i.High, ref.High, .02*(ref.High-ref.Low))
	near(t, "standard error", e, s.standardError()*math.Sqrt(float64(n-1)/float64(n)), .02*e)
	percentile, _ := s.interval(Options{Method: Percentile, Confidence: ref.Confidence, Resamples: len(s.drawn)})
	if percentile.High >= i.High {
		t.Errorf("values skewed to the right: BCa's upper end %v is not above the percentile's %v", i.High,
			percentile.High)
	}
}

func TestSeedsAgreeWithSciPy(t *testing.T) {
	ref := readReference(t).Spread
	s, err := Seeds(ref.Values, ref.Confidence)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean", s.Mean.Value, ref.Mean, 1e-12)
	near(t, "sd", s.SD, ref.SD, 1e-12)
	near(t, "low", s.Mean.Low, ref.Low, 1e-9)
	near(t, "high", s.Mean.High, ref.High, 1e-9)
	for _, values := range [][]float64{nil, {1}, {1, math.NaN()}} {
		if _, err := Seeds(values, 0); err == nil {
			t.Errorf("%v are taken", values)
		}
	}
	if _, err := Seeds([]float64{1, 2}, 90); err == nil {
		t.Error("a confidence of 90 is accepted")
	}
}

func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{.03}, []float64{.03}},
		{[]float64{.01, .04, .03, .005}, []float64{.03, .06, .06, .02}}, // R: p.adjust(c(.01, .04, .03, .005), "holm")
		{[]float64{.9, .8}, []float64{1, 1}},
		{[]float64{.02, .02, .02}, []float64{.06, .06, .06}},
	} {
		got, err := holm(c.p)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range c.want {
			near(t, "adjusted", got[i], w, 1e-12)
		}
	}
	for _, p := range []float64{-.1, 1.1, math.NaN()} {
		if _, err := holm([]float64{.5, p}); err == nil {
			t.Errorf("p-value %v is taken", p)
		}
	}
}

// A system of a little noise against ones of the same and of more: what is no difference is rarely called one, what
// is one is found, and intervals of differences are narrower than those of either side.
func TestCompare(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	const sets = 40
	for _, method := range []Method{BCa, Delta} {
		var wrong, missed [numMetrics]int
		swapped := 0
		for seed := range uint64(sets) {
			base, labels := simulatedAny(120, 8, 6, .7, 5, seed)
			noisy := func(noise float64, stream uint64) []float32 {
				rng := rand.New(rand.NewPCG(seed, stream))
				out := make([]float32, len(base))
				for i, x := range base {
					out[i] = x + float32(noise*rng.NormFloat64())
				}
				return out
			}
			// The second and the third are alike in kind, the fourth is worse.
			all, err := Compare(ctx, One("a", noisy(.3, 10), .4),
				[]System{One("b", noisy(.3, 11), .4), One("c", noisy(1.2, 12), .4)}, labels,
				Options{Method: method, Resamples: 150, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			finite(t, "compared", all)
			if *all.Comparisons[0].Differences[MAPAtR].RandomisationP < .05 {
				swapped++
			}
			for f := range numMetrics {
				same, worse := all.Comparisons[0].list()[f], all.Comparisons[1].list()[f]
				if same.P < .05 {
					wrong[f]++
				}
				// noise turns as many different items apart as towards one another
				if worse.P >= .05 && f != falsePositives {
					missed[f]++
				}
				if same.Adjusted < same.P || worse.Adjusted < worse.P {
					t.Errorf("%s: adjusted p-values below p-values: %+v, %+v", registry[f].Name, same, worse)
				}
				near(t, "difference", worse.Value, worse.B-worse.A, 1e-12)
				near(t, "side", worse.A, all.Metrics[0].list()[f].Value, 0)
				near(t, "side", worse.B, all.Metrics[2].list()[f].Value, 0)
				if a := all.Metrics[0].list()[f]; f < numPairMetrics && same.StandardError > 1.2*a.StandardError {
					t.Errorf("%s: the difference of like systems has the standard error %v, one of them %v",
						registry[f].Name, same.StandardError, a.StandardError)
				}
			}
		}
		t.Logf("swaps of queries: MAP@R %d of %d wrong", swapped, sets)
		for f := range numMetrics {
			t.Logf("%s, %s: %d of %d wrong, %d missed", method, registry[f].Name, wrong[f], sets, missed[f])
			// 5 % of 40 are 2, with a standard deviation of 1.4.
			if wrong[f] > 7 || missed[f] > 4 {
				t.Errorf("%s, %s: %d of %d false differences, %d missed", method, registry[f].Name, wrong[f], sets,
					missed[f])
			}
		}
	}
}

// Turning a comparison round turns its signs, and workers change nothing.
func TestCompareTurnedRound(t *testing.T) {
	ctx := context.Background()
	emb, labels := simulated(8, 24, 5, .8, 1, 1)
	other, _ := simulated(8, 24, 5, 1, 1, 2)
	for _, by := range []Unit{ByItem, ByClass} {
		for _, method := range []Method{Percentile, BCa, Delta} {
			opt := Options{By: by, Method: method, Resamples: 99, Workers: 1}
			ab, err := compareTwo(ctx, One("a", emb, .4), One("b", other, .5), labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			opt.Workers = 3
			again, err := compareTwo(ctx, One("a", emb, .4), One("b", other, .5), labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(ab, again); d != "" {
				t.Errorf("on three goroutines:\n%s", d)
			}
			ba, err := compareTwo(ctx, One("b", other, .5), One("a", emb, .4), labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			for f, d := range ab.list() {
				r := ba.list()[f]
				near(t, "value", d.Value, -r.Value, 1e-12)
				near(t, "low", d.Low, -r.High, 1e-9)
				near(t, "high", d.High, -r.Low, 1e-9)
				near(t, "p", d.P, r.P, 1e-12)
				if d.Test == "" || d.Method != string(method) {
					t.Errorf("%s: test %q, method %q", registry[f].Name, d.Test, d.Method)
				}
			}
		}
	}
}

// Systems of several runs are compared with the variation of their runs.
func TestCompareRuns(t *testing.T) {
	ctx := context.Background()
	var a, b System
	var labels []int32
	for seed := range uint64(4) {
		var x, y []float32
		x, labels = simulated(15, 8, 5, .6+.1*float64(seed), 1, seed)
		y, _ = simulated(15, 8, 5, .6+.1*float64(seed), 1, seed+10)
		a.Runs, b.Runs = append(a.Runs, Run{Values: x, Threshold: .4}), append(b.Runs, Run{Values: y, Threshold: .4})
	}
	for _, method := range []Method{BCa, Delta} {
		runs, err := compareTwo(ctx, a, b, labels, Options{Method: method, Resamples: 300})
		if err != nil {
			t.Fatal(err)
		}
		one, err := compareTwo(ctx, System{Runs: a.Runs[:1]}, System{Runs: b.Runs[:1]}, labels,
			Options{Method: method, Resamples: 300})
		if err != nil {
			t.Fatal(err)
		}
		for f, d := range runs.list() {
			if d.RandomisationP != nil || d.Method == string(BCa) {
				t.Errorf("%s: swaps %v and method %q know nothing of runs", registry[f].Name, d.RandomisationP,
					d.Method)
			}
			if f != accuracy && f != falsePositives && d.StandardError < one.list()[f].StandardError {
				t.Errorf("%s: standard error %v with runs that differ much, %v of one of them", registry[f].Name,
					d.StandardError, one.list()[f].StandardError)
			}
		}
	}
}
