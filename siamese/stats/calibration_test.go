package stats

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/metric"
)

func TestCalibrationAgreesWithScikitLearn(t *testing.T) {
	for i, f := range readReference(t).Fits {
		platt, warnings, err := FitCalibration(Platt, f.Score, f.Same, f.Weight)
		if err != nil {
			t.Fatal(err)
		}
		if len(warnings) > 0 {
			t.Errorf("fit %d: warnings %q", i, warnings.Strings())
		}
		near(t, "slope", platt.Slope, f.Slope, 1e-6*f.Slope)
		near(t, "offset", platt.Offset, f.Offset, 1e-6*math.Abs(f.Offset))
		isotonic, _, err := FitCalibration(Isotonic, f.Score, f.Same, f.Weight)
		if err != nil {
			t.Fatal(err)
		}
		for j, at := range f.At {
			near(t, "isotonic", isotonic.Probability(at), f.Isotonic[j], 1e-12)
			// scikit-learn's L-BFGS stops while the curve can still move by this much.
			near(t, "sigmoid", platt.Probability(at), f.Sigmoid[j], 2e-4)
		}
	}
}

// Isotonic regression by its min-max formula: the probability at a score is the largest over starts at or below it of
// the smallest over ends at or above it of the share of positives in between.
func TestIsotonicMinMax(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		n := 2 + rng.IntN(30)
		scores, same, weights := make([]float64, n), make([]bool, n), make([]float64, n)
		for i := range n {
			scores[i], weights[i] = float64(rng.IntN(12)), float64(1+rng.IntN(4))
			same[i] = i == 0 || i > 1 && rng.Float64() < scores[i]/12
		}
		c, _, err := FitCalibration(Isotonic, scores, same, weights)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range scores {
			most := 0.0
			for _, from := range scores {
				least := 1.0
				for _, to := range scores {
					var pos, sum float64
					for i, s := range scores {
						if from <= s && s <= to {
							sum += weights[i]
							if same[i] {
								pos += weights[i]
							}
						}
					}
					if to >= at && from <= at {
						least = min(least, pos/sum)
					}
				}
				if from <= at {
					most = max(most, least)
				}
			}
			near(t, "isotonic", c.Probability(at), most, 1e-12)
		}
	}
}

// A probability never falls, stays within [0, 1], is kept by JSON, and weights count as copies.
func TestCalibrationProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, method := range calibrationMethods() {
		for range 20 {
			var scores, weights, copied []float64
			var same, copiedSame []bool
			for i := range 80 {
				s, w := math.Round(rng.NormFloat64()*8+float64(i%2)*8)/32, rng.IntN(3)
				scores, same, weights = append(scores, s), append(same, i%2 == 1), append(weights, float64(w))
				for range w {
					copied, copiedSame = append(copied, s), append(copiedSame, i%2 == 1)
				}
			}
			c, _, err := FitCalibration(method, scores, same, weights)
			if err != nil {
				t.Fatal(err)
			}
			d, _, err := FitCalibration(method, copied, copiedSame, nil)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			var back Calibration
			if err := json.Unmarshal(raw, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c, &back); diff != "" {
				t.Errorf("%s through JSON:\n%s", method, diff)
			}
			rare, err := c.At(.01)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(c.Validate(), back.Validate(), rare.Validate()); err != nil {
				t.Error(err)
			}
			last, lastRare := 0.0, 0.0
			for s := -2.0; s <= 2; s += 1.0 / 1024 {
				p, q := c.Probability(s), rare.Probability(s)
				if !(p >= last && p <= 1 && q >= lastRare && q <= p) {
					t.Fatalf("%s: probabilities %v and %v at %v after %v and %v", method, p, q, s, last, lastRare)
				}
				last, lastRare = p, q
				near(t, "copies", d.Probability(s), p, 1e-9)
			}
			for _, s := range []float64{math.Inf(-1), math.Inf(1), -1e300, 1e300} {
				if p := c.Probability(s); !(p >= 0 && p <= 1) {
					t.Errorf("%s: probability %v at %v", method, p, s)
				}
			}
			if p := rare.Probability(math.NaN()); p != .01 {
				t.Errorf("%s: probability %v of NaN, want the prevalence", method, p)
			}
		}
	}
}

// Fitted half and half on normal scores, whose true probabilities are known, and moved to another prevalence.
func TestPrevalence(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	scores, same := make([]float64, 40000), make([]bool, 40000)
	for i := range scores {
		same[i] = i%2 == 0
		scores[i] = rng.NormFloat64()
		if same[i] {
			scores[i] += 2
		}
	}
	truth := func(s, prevalence float64) float64 { // of N(2, 1) against N(0, 1): the log odds are 2s - 2
		return sigmoid(2*s - 2 + math.Log(oddsOf(prevalence)))
	}
	for method, tol := range map[string]float64{Platt: .015, Isotonic: .1} {
		c, _, err := FitCalibration(method, scores, same, nil)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "prevalence", c.Prevalence, .5, 0)
		for _, prevalence := range []float64{.5, .1, .02} {
			at, err := c.At(prevalence)
			if err != nil {
				t.Fatal(err)
			}
			for s := -1.0; s <= 3; s += .25 {
				near(t, method, at.Probability(s), truth(s, prevalence), tol)
			}
			back, err := at.At(.5)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c, back); d != "" {
				t.Errorf("there and back:\n%s", d)
			}
		}
		for _, p := range []float64{0, 1, -1, math.NaN()} {
			if _, err := c.At(p); err == nil {
				t.Errorf("prevalence %v is taken", p)
			}
		}
	}
}

func TestDegenerateCalibration(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name    string
		scores  []float64
		same    []bool
		warning metric.Kind
		want    float64 // probability everywhere, for Platt and for Isotonic
	}{
		{"one score", []float64{.3, .3, .3, .3}, []bool{yes, no, no, yes}, metric.OneScore, .5},
		{"reversed", []float64{.1, .2, .3, .4}, []bool{yes, yes, no, no}, kindReversed, .5},
	} {
		for _, method := range calibrationMethods() {
			fit, warnings, err := FitCalibration(method, c.scores, c.same, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !warnings.Has(c.warning) {
				t.Errorf("%s, %s: warnings %q lack %s", c.name, method, warnings.Strings(), c.warning)
			}
			for _, s := range []float64{-1, .3, math.Inf(1)} {
				near(t, c.name+" "+method, fit.Probability(s), c.want, 1e-12)
			}
		}
	}
	fit, warnings, err := FitCalibration(Isotonic, []float32{.125, .25, .75, .875}, []bool{no, no, yes, yes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !warnings.Has(Certain) || fit.Probability(.15) != 0 || fit.Probability(.85) != 1 || fit.Probability(.5) != .5 {
		t.Errorf("separated: %+v, warnings %q", fit, warnings.Strings())
	}
	for _, c := range []struct {
		method  string
		scores  []float64
		same    []bool
		weights []float64
		want    string
	}{
		{"beta", []float64{1, 2}, []bool{yes, no}, nil, `method "beta"`},
		{Platt, []float64{1, math.NaN()}, []bool{yes, no}, nil, "pair 1 is NaN"},
		{Isotonic, []float64{math.Inf(1), 1}, []bool{yes, no}, nil, "pair 0 is +Inf"},
		{Platt, []float64{1, 2}, []bool{yes}, nil, "equal length"},
		{Platt, []float64{1, 2}, []bool{yes, no}, []float64{1, -1}, "weight of pair 1"},
		{Platt, []float64{1, 2}, []bool{yes, no}, []float64{math.MaxFloat64, math.MaxFloat64}, "scale them down"},
		{Platt, []float64{1, 2}, []bool{yes, yes}, nil, "of one kind"},
		{Isotonic, []float64{1, 2}, []bool{yes, no}, []float64{1, 0}, "of one kind"},
		{Isotonic, nil, nil, nil, "of one kind"},
	} {
		if _, _, err := FitCalibration(c.method, c.scores, c.same, c.weights); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v does not name %q", c, err, c.want)
		}
	}
}

func TestCalibrationValidate(t *testing.T) {
	good := Calibration{Method: Isotonic, Scores: []float64{0, 1}, Probabilities: []float64{.1, .9}, Pairs: 9,
		Fitted: .5, Prevalence: .1}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for want, c := range map[string]Calibration{
		"method":           {Pairs: 1, Fitted: .5, Prevalence: .5},
		"slope -1":         {Method: Platt, Slope: -1, Pairs: 1, Fitted: .5, Prevalence: .5},
		"belong to method": {Method: Platt, Scores: []float64{1}, Pairs: 1, Fitted: .5, Prevalence: .5},
		"0 scores":         {Method: Isotonic, Pairs: 1, Fitted: .5, Prevalence: .5},
		"scores[1]": {Method: Isotonic, Scores: []float64{1, 1}, Probabilities: []float64{0, 1}, Pairs: 1,
			Fitted: .5, Prevalence: .5},
		"probabilities[1]": {Method: Isotonic, Scores: []float64{1, 2}, Probabilities: []float64{.5, .4}, Pairs: 1,
			Fitted: .5, Prevalence: .5},
		"pairs is 0":        {Method: Platt, Fitted: .5, Prevalence: .5},
		"prevalence is NaN": {Method: Platt, Pairs: 1, Fitted: .5, Prevalence: math.NaN()},
		"fitted_prevalence": {Method: Platt, Pairs: 1, Fitted: 1, Prevalence: .5},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %q", err, want)
		}
	}
}
