package forensic

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/stats"
)

// The costs of a sample are those of trying every threshold on every pair.
func TestCostAgainstEveryThreshold(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 40 {
		n := 4 + rng.IntN(30)
		llr, weights, same := make([]float64, n), make([]float64, n), make([]bool, n)
		for k := range n {
			same[k] = k%2 == 0
			llr[k], weights[k] = math.Round(4*rng.NormFloat64())/4, float64(rng.IntN(4))
			if same[k] {
				llr[k]++
			}
		}
		weights[0], weights[1] = 1, 2
		s, err := New(llr, same, weights)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []Costs{{.5, 1, 1}, {.01, 1, 10}, {.9, 3, 1}} {
			cost := func(threshold float64) float64 {
				var wrong, all [2]float64
				for k := range llr {
					all[kind(same[k])] += weights[k]
					if (llr[k] >= threshold) != same[k] {
						wrong[kind(same[k])] += weights[k]
					}
				}
				return (c.Prior*c.FN*wrong[1]/all[1] + (1-c.Prior)*c.FP*wrong[0]/all[0]) /
					min(c.Prior*c.FN, (1-c.Prior)*c.FP)
			}
			least := cost(math.Inf(1))
			for _, threshold := range llr {
				least = min(least, cost(threshold))
			}
			near(t, "cost", ByKey(ActualCost).Value(s, c), cost(math.Log10(c.FP*(1-c.Prior)/(c.FN*c.Prior))))
			near(t, "minimum cost", ByKey(MinCost).Value(s, c), least)
			near(t, "cost of the best", s.Best().Cost(c), least)
		}
	}
}

// The LLR of a probability takes out the prior of the calibration, and does not depend on the prevalence asked about.
func TestLLR(t *testing.T) {
	platt := &stats.Calibration{Method: stats.Platt, Slope: 7, Offset: -3, Pairs: 10, Fitted: .2, Prevalence: .6}
	isotonic := &stats.Calibration{Method: stats.Isotonic, Scores: []float64{-.5, .1, .7},
		Probabilities: []float64{0, .2, 1}, Pairs: 10, Fitted: .2, Prevalence: .5}
	for _, score := range []float64{-.3, 0, .1, .4} {
		for _, c := range []*stats.Calibration{platt, isotonic} {
			p := c.Probability(score)
			near(t, c.Method, LLR(c, score), math.Log10(p/(1-p)*(1-c.Prevalence)/c.Prevalence))
		}
	}
	near(t, "at the prior", LLR(isotonic, .1), 0)
	if a, b := LLR(isotonic, -1), LLR(isotonic, 1); !math.IsInf(a, -1) || !math.IsInf(b, 1) {
		t.Errorf("certain probabilities have LLRs %v and %v, want infinite ones", a, b)
	}
	if v := LLR(platt, 40); !(v > 100 && v < 200) {
		t.Errorf("an LLR where the probability is rounded to 1 is %v", v)
	}
}

func TestInfiniteAndScores(t *testing.T) {
	inf := math.Inf(1)
	pairs := stats.LabelledPairs{Left: []int32{0, 2, 4, 6}, Right: []int32{1, 3, 5, 7}, Label: []float32{1, 0, 1, 0}}
	opt := Options{Costs: Costs{.5, 1, 1}, Same: 2, Different: 2, Confidence: .95, Curves: true}
	e, err := Measure(pairs, []float64{-inf, -inf, inf, 1}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(e.Infinite, []string{Cllr, CalibrationLoss}) || e.Text(Cllr) != "infinite" {
		t.Errorf("infinite are %q, want Cllr and calibration loss", e.Infinite)
	}
	if _, ok := e.Values[MinCllr]; !ok || e.Check() != nil {
		t.Errorf("no minimum Cllr in %v, or not sound: %v", e.Values, e.Check())
	}
	opt.Scores = true
	if e, err = Measure(pairs, []float64{.4, .1, .5, .2}, opt); err != nil {
		t.Fatal(err)
	}
	if len(e.Values) != 2 || e.Values[MinCllr] != 0 || e.Values[MinCost] != 0 || e.Bounds != nil || e.Curves != nil {
		t.Errorf("evidence of scores is %+v, want measures of their order alone", e)
	}
	opt.Costs.FN = 0
	if e, err = Measure(pairs, []float64{.4, .1, .5, .2}, opt); err != nil || len(e.Values) != 1 {
		t.Errorf("where an error costs nothing there are %v (%v), want no costs", e.Values, err)
	}
	pairs.Label = []float32{1, 1, 1, 1}
	if e, err = Measure(pairs, []float64{.4, .1, .5, .2}, opt); e != nil || err != nil {
		t.Errorf("pairs of one kind give %v, %v", e, err)
	}
}

func TestFaults(t *testing.T) {
	for want, err := range map[string]error{
		"pair 1 is NaN":    second(New([]float64{0, math.NaN()}, []bool{true, false}, nil)),
		"weight of pair 0": second(New([]float64{0, 1}, []bool{true, false}, []float64{-1, 1})),
		"one kind":         second(New([]float64{0, 1}, []bool{true, true}, nil)),
		"equal length":     second(New([]float64{0, 1}, []bool{true}, nil)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %q", err, want)
		}
	}
	err := Costs{Prior: 1, FP: -1, FN: math.Inf(1)}.Validate()
	if names := option.Names(err); !slices.Equal(names, []string{"Prior", "CostFP", "CostFN"}) {
		t.Errorf("faults are of %q", names)
	}
}

func second[T any](_ T, err error) error { return err }

// A pair that is half the same counts half as each, and intervals are as wide as measures vary over samples of items.
func TestIntervalsCoverTheSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const samples, items = 60, 60
	values, widths := map[string][]float64{}, map[string]float64{}
	for range samples {
		var pairs stats.LabelledPairs
		var llr []float64
		var own [items]float64 // what an item adds to all its pairs
		for i := range own {
			own[i] = .4 * rng.NormFloat64()
		}
		for i := range items {
			for j := range i {
				label := float32((i + j) % 2)
				pairs.Left, pairs.Right = append(pairs.Left, int32(i)), append(pairs.Right, int32(j))
				pairs.Label = append(pairs.Label, label)
				llr = append(llr, 1.6*float64(label)-.8+own[i]+own[j]+.6*rng.NormFloat64())
			}
		}
		e, err := Measure(pairs, llr, Options{Costs: Costs{.3, 1, 1}, Same: 30, Different: 30, Confidence: .95})
		if err != nil {
			t.Fatal(err)
		}
		for key, i := range e.Intervals {
			values[key] = append(values[key], i.Value)
			widths[key] += (i.High - i.Low) / samples
		}
	}
	for _, c := range Registry() {
		all := values[c.Key]
		var mean, square float64
		for _, v := range all {
			mean += v / samples
		}
		for _, v := range all {
			square += (v - mean) * (v - mean) / (samples - 1)
		}
		// Seeded: the ratio is the same in every run.
		if ratio := widths[c.Key] / (2 * 1.96 * math.Sqrt(square)); len(all) != samples || !(ratio > .7 && ratio < 1.5) {
			t.Errorf("%s: %d intervals, as wide as %.2f of the spread", c.Name, len(all), ratio)
		}
	}
}
