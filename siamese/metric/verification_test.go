package metric

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// approx compares floats to a relative 1e-9; thresholds are checked separately.
var approx = cmp.Options{
	cmpopts.EquateApprox(1e-9, 1e-12),
	cmpopts.IgnoreFields(Verification{}, "EERThreshold", "Warnings", "At"),
	cmpopts.IgnoreFields(Choice{}, "Threshold", "FPR", "FNR"),
	cmpopts.IgnoreFields(OperatingPoint{}, "Threshold", "FPR"),
}

// drawPairs returns n scored pairs; with few levels most scores are tied.
func drawPairs(rng *rand.Rand, n, levels int) (scores []float64, same []bool) {
	for range n {
		s := rng.IntN(levels)
		scores = append(scores, float64(s)/8)
		same = append(same, rng.IntN(levels+4) < s+2)
	}
	same[0], same[n-1] = true, false
	return scores, same
}

func TestVerifyAgainstOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for trial := range 300 {
		scores, same := drawPairs(rng, 2+rng.IntN(60), 1+rng.IntN(40))
		var weights []float64
		if trial%3 == 0 {
			for range scores {
				weights = append(weights, float64(1+rng.IntN(4)))
			}
		}
		opt := VerificationOptions{FPRs: []float64{.5, .1, .01}, CostFP: float64(rng.IntN(5)),
			CostFN: float64(rng.IntN(5))}
		got, err := Verify(scores, same, weights, opt)
		if err != nil {
			t.Fatal(err)
		}
		want := oracleVerification(scores, same, weights, opt)
		if d := cmp.Diff(want, got, approx); d != "" {
			t.Fatalf("trial %d (-oracle +got):\n%s", trial, d)
		}
		checkThresholds(t, scores, same, weights, got, opt)
	}
}

// checkThresholds freezes every chosen threshold and sees that it gives what was promised.
func checkThresholds(t *testing.T, scores []float64, same []bool, weights []float64, v Verification,
	opt VerificationOptions) {
	t.Helper()
	freeze := func(th float64) Counts {
		o := opt
		o.Thresholds = []float64{th}
		again, err := Verify(scores, same, weights, o)
		if err != nil {
			t.Fatal(err)
		}
		return again.At[0]
	}
	c := freeze(v.Natural.BestAccuracy.Threshold)
	near(t, "accuracy at its best threshold", accuracyOf(c), v.Natural.BestAccuracy.Value, 1e-12)
	near(t, "FPR there", c.FPR(), v.Natural.BestAccuracy.FPR, 1e-12)
	near(t, "FNR there", c.FNR(), v.Natural.BestAccuracy.FNR, 1e-12)
	near(t, "F1 at its best threshold", f1Of(freeze(v.Natural.BestF1.Threshold)), v.Natural.BestF1.Value, 1e-12)
	near(t, "balanced accuracy at its best threshold", freeze(v.Balanced.BestAccuracy.Threshold).BalancedAccuracy(),
		v.Balanced.BestAccuracy.Value, 1e-12)
	for _, p := range v.FNRAtFPR {
		c := freeze(p.Threshold)
		near(t, "FNR at FPR", c.FNR(), p.FNR, 1e-12)
		if c.FPR() > p.Want {
			t.Errorf("threshold %v for FPR %v gives %v", p.Threshold, p.Want, c.FPR())
		}
	}
	// The EER lies between the error rates of the two scores its threshold lies between.
	above := freeze(math.Nextafter(v.EERThreshold, math.Inf(1)))
	below := freeze(nextLower(scores, v.EERThreshold))
	if above.FPR() > v.EER+1e-12 || below.FNR() > v.EER+1e-12 {
		t.Errorf("EER %v at %v: above it FPR is %v, below it FNR is %v", v.EER, v.EERThreshold, above.FPR(),
			below.FNR())
	}
}

// nextLower returns the highest score that is at most t.
func nextLower(scores []float64, t float64) float64 {
	best := slices.Min(scores)
	for _, s := range scores {
		if s <= t && s > best {
			best = s
		}
	}
	return best
}

func TestVerifyProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		scores, same := drawPairs(rng, 80, 30)
		base, err := Verify(scores, same, nil, VerificationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		check := func(what string, s []float64, y []bool, w []float64) Verification {
			t.Helper()
			v, err := Verify(s, y, w, VerificationOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(base, v, approx, cmpopts.IgnoreFields(Verification{}, "Positives", "Negatives")); d != "" {
				t.Fatalf("%s changes the metrics (-before +after):\n%s", what, d)
			}
			return v
		}
		monotone := make([]float64, len(scores))
		for i, s := range scores {
			monotone[i] = math.Exp(3*s) - 7
		}
		check("a monotone transform", monotone, same, nil)

		order := rng.Perm(len(scores))
		ps, py := make([]float64, len(scores)), make([]bool, len(scores))
		for i, j := range order {
			ps[i], py[i] = scores[j], same[j]
		}
		if v := check("the order of pairs", ps, py, nil); v.EERThreshold != base.EERThreshold {
			t.Fatal("the order of pairs changes the EER threshold")
		}
		check("taking every pair twice", append(slices.Clone(scores), scores...), append(slices.Clone(same), same...),
			nil)
		threes := make([]float64, len(scores))
		for i := range threes {
			threes[i] = 3
		}
		check("weighting all pairs alike", scores, same, threes)

		// Exchanging the classes and the sign of the scores leaves the area and the equal error rate.
		ns, ny := make([]float64, len(scores)), make([]bool, len(scores))
		for i := range scores {
			ns[i], ny[i] = -scores[i], !same[i]
		}
		mirror, err := Verify(ns, ny, nil, VerificationOptions{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mirrored ROC-AUC", mirror.ROCAUC, base.ROCAUC, 1e-12)
		near(t, "mirrored EER", mirror.EER, base.EER, 1e-12)
	}
}

func TestVerifyByHand(t *testing.T) {
	// Scores 4 3 2 1; same, different, same, different: of the four positive-negative pairs three are in order.
	v, err := Verify([]float32{4, 3, 2, 1}, []bool{true, false, true, false}, nil,
		VerificationOptions{Thresholds: []float64{2.5}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ROC-AUC", v.ROCAUC, .75, 0)
	near(t, "average precision", v.Natural.AveragePrecision, .5+.5*2/3, 1e-15)
	near(t, "EER", v.EER, .5, 0)
	near(t, "EER threshold", v.EERThreshold, 3, 0)
	near(t, "best accuracy", v.Natural.BestAccuracy.Value, .75, 0)
	near(t, "its threshold, the highest of equals", v.Natural.BestAccuracy.Threshold, 4, 0)
	if d := cmp.Diff([]Counts{{Threshold: 2.5, TP: 1, FP: 1, TN: 1, FN: 1}}, v.At); d != "" {
		t.Error(d)
	}
}

func TestVerifyDegenerate(t *testing.T) {
	for _, c := range []struct {
		name   string
		scores []float64
		same   []bool
		want   Kind
	}{
		{"empty", nil, nil, NoItems},
		{"no positive", []float64{1, 2}, []bool{false, false}, NoPositives},
		{"no negative", []float64{1, 2}, []bool{true, true}, NoNegatives},
		{"one score", []float64{1, 1}, []bool{true, false}, OneScore},
		{"few negatives", []float64{1, 2}, []bool{true, false}, CoarseFPR},
	} {
		v, err := Verify(c.scores, c.same, nil, VerificationOptions{Thresholds: []float64{1.5}})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if !v.Warnings.Has(c.want) {
			t.Errorf("%s: warnings %q lack %s", c.name, v.Warnings.Strings(), c.want)
		}
		finite(t, c.name, v)
		if undefined := c.want != OneScore && c.want != CoarseFPR; undefined &&
			(v.ROCAUC != 0 || v.EER != 1 || v.Natural.MinCost.Value != 2) {
			t.Errorf("%s: undefined metrics flatter: %+v", c.name, v)
		}
	}
	v, err := Verify([]float64{1, 1, 1}, []bool{true, false, false}, nil, VerificationOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ROC-AUC of equal scores", v.ROCAUC, .5, 0)
	near(t, "EER of equal scores", v.EER, .5, 0)
}

func TestVerifyErrors(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		scores  []float64
		same    []bool
		weights []float64
		opt     VerificationOptions
		want    string
	}{
		{"NaN score", []float64{1, nan}, []bool{true, false}, nil, VerificationOptions{}, "pair 1"},
		{"infinite score", []float64{math.Inf(-1)}, []bool{true}, nil, VerificationOptions{}, "pair 0"},
		{"NaN weight", []float64{1}, []bool{true}, []float64{nan}, VerificationOptions{}, "weight of pair 0"},
		{"negative weight", []float64{1}, []bool{true}, []float64{-1}, VerificationOptions{}, "weight of pair 0"},
		{"lengths", []float64{1}, nil, nil, VerificationOptions{}, "equal length"},
		{"rate", nil, nil, nil, VerificationOptions{FPRs: []float64{0, .5, 2}}, "FPRs[2]"},
		{"threshold", nil, nil, nil, VerificationOptions{Thresholds: []float64{nan}}, "Thresholds[0]"},
		{"cost", nil, nil, nil, VerificationOptions{CostFN: -1}, "CostFN"},
	} {
		_, err := Verify(c.scores, c.same, c.weights, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not name %q", c.name, err, c.want)
		}
	}
}

func accuracyOf(c Counts) float64 { return (c.TP + c.TN) / (c.TP + c.FP + c.TN + c.FN) }

// f1Of returns 0 for a threshold that accepts no positive.
func f1Of(c Counts) float64 { return 2 * c.TP / (2*c.TP + c.FP + c.FN) }

// TestFar: the short cut without logarithms decides as they do, also next to the border and below the lowest rate.
func TestFar(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	answers := map[bool]int{}
	for range 20000 {
		part := 1 / float64(1+rng.IntN(500))
		low := math.Pow(10, -8*rng.Float64())
		high := min(1, max(low, lowestRate)*math.Pow(10, part*decades*(.98+.04*rng.Float64())))
		want := logRate(high)-logRate(low) >= part
		if got := far(high, low, part); got != want {
			t.Fatalf("%g and %g are %v as far apart as %g, want %v", high, low, got, part, want)
		}
		answers[want]++
	}
	if answers[true] < 1000 || answers[false] < 1000 {
		t.Errorf("answers %v: both are wanted", answers)
	}
}
