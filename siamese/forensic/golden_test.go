package forensic

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
)

// golden is a list of LLRs with what lir 1.8.0 says of it; testdata/make_golden.py writes it.
type golden struct {
	Name             string
	LLR              []float64
	Same             []bool
	Cllr             float64
	MinCllr          float64   `json:"min_cllr"`
	CalibrationLoss  float64   `json:"calibration_loss"`
	LogPriorOdds     []float64 `json:"log_prior_odds"`
	CrossEntropy     []float64 `json:"cross_entropy"`
	MinCrossEntropy  []float64 `json:"min_cross_entropy"`
	Thresholds       []float64
	BayesError       []float64 `json:"bayes_error"`
	TippettSame      []float64 `json:"tippett_same"`
	TippettDifferent []float64 `json:"tippett_different"`
	ELUB             [2]float64
	same, different  int
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	content, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	if err := json.Unmarshal(content, &out); err != nil {
		t.Fatal(err)
	}
	if len(out) != 7 {
		t.Fatalf("%d golden lists, want 7", len(out))
	}
	for k := range out {
		for _, same := range out[k].Same {
			if same {
				out[k].same++
			} else {
				out[k].different++
			}
		}
	}
	return out
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-9*max(1, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestAgreesWithLir(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(g.Name, func(t *testing.T) {
			s, err := New(g.LLR, g.Same, nil)
			if err != nil {
				t.Fatal(err)
			}
			even := Costs{.5, 1, 1}
			near(t, "Cllr", ByKey(Cllr).Value(s, even), g.Cllr)
			near(t, "minimum Cllr", ByKey(MinCllr).Value(s, even), g.MinCllr)
			near(t, "calibration loss", ByKey(CalibrationLoss).Value(s, even), g.CalibrationLoss)
			for k, odds := range g.LogPriorOdds {
				near(t, fmt.Sprint("cross-entropy at ", odds), s.CrossEntropy(odds), g.CrossEntropy[k])
				near(t, fmt.Sprint("best cross-entropy at ", odds), s.Best().CrossEntropy(odds), g.MinCrossEntropy[k])
			}
			for k, threshold := range g.Thresholds {
				near(t, fmt.Sprint("Bayes error at ", threshold), s.Cost(evenAt(-threshold)), g.BayesError[k])
				fpr, fnr := s.Rates(threshold)
				near(t, "Tippett, same", 1-fnr, g.TippettSame[k])
				near(t, "Tippett, different", fpr, g.TippettDifferent[k])
			}
			bounds := s.Bounds(g.same, g.different)
			near(t, "lower bound", bounds.Low, g.ELUB[0])
			near(t, "upper bound", bounds.High, g.ELUB[1])
		})
	}
}
