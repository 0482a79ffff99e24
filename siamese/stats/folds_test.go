package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// Expected: of 1, 2, 3, 4 the mean is 2.5 and the SD sqrt(5/3); t of .975 with 3 degrees is 3.182446 (any table).
func TestFolds(t *testing.T) {
	values := []float64{1, 2, 3, 4}
	for ratio, want := range map[float64]float64{0: 3.182446 * math.Sqrt(5./3/4),
		.25: 3.182446 * math.Sqrt(5./3*(1./4+.25))} {
		got, err := Folds(values, ratio, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got.Mean.Value != 2.5 || math.Abs(got.Mean.High-2.5-want) > 1e-5 || math.Abs(2.5-got.Mean.Low-want) > 1e-5 ||
			got.Mean.Confidence != .95 {
			t.Errorf("ratio %v: %v, want 2.5 +- %v", ratio, got, want)
		}
	}
	for _, c := range []struct {
		values            []float64
		ratio, confidence float64
	}{{[]float64{1}, 0, 0}, {values, -1, 0}, {values, math.NaN(), 0}, {values, math.Inf(1), 0}, {values, 0, 2}} {
		if got, err := Folds(c.values, c.ratio, c.confidence); err == nil {
			t.Errorf("%+v gives %v", c, got)
		}
	}
}

// Repeated drawings of a test from one table: Student's interval misses the truth far more often than it says, that
// of Folds holds it about as often. The metric is the mean of the test items' numbers less what is learnt, the mean
// of the others.
func TestFoldsCoverage(t *testing.T) {
	const rounds, n, tests, k = 2000, 60, 12, 8
	rng := rand.New(rand.NewPCG(1, 7))
	held := [2]int{}
	for range rounds {
		items := make([]float64, n)
		for i := range items {
			items[i] = rng.NormFloat64()
		}
		var values []float64
		for range k {
			rng.Shuffle(n, func(i, j int) { items[i], items[j] = items[j], items[i] })
			learnt := stat.Mean(items[tests:], nil)
			var loss float64
			for _, x := range items[:tests] {
				loss += (x - learnt) * (x - learnt) / tests
			}
			values = append(values, loss)
		}
		const truth = 1 + 1./(n-tests)
		for i, ratio := range []float64{0, float64(tests) / (n - tests)} {
			s, err := Folds(values, ratio, 0)
			if err != nil {
				t.Fatal(err)
			}
			if s.Mean.Holds(truth) {
				held[i]++
			}
		}
	}
	plain, wide := float64(held[0])/rounds, float64(held[1])/rounds
	if plain > .85 || wide < .9 {
		t.Errorf("intervals of 95 %% hold the truth in %v of simulations as Student's and in %v by the rule", plain,
			wide)
	}
	t.Logf("held: %v as Student's, %v by the rule", plain, wide)
}
