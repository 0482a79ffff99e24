package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// reference holds the metrics of scikit-learn and SciPy; testdata/reference.py makes them.
type reference struct {
	Fits []struct {
		Score, Weight, At, Isotonic, Sigmoid []float64
		Same                                 []bool
		Slope, Offset                        float64
	}
	Probabilities []struct {
		Probability, Weight, Share, Mean []float64
		Same                             []bool
		Brier                            float64
		WeightedBrier                    float64 `json:"weighted_brier"`
	}
	Wilson []struct {
		K, N                  int
		Confidence, Low, High float64
	}
	Spread struct {
		Values                          []float64
		Confidence, Mean, SD, Low, High float64
	}
	BCa struct {
		Values                []float64
		Confidence, Low, High float64
	}
	Flips []struct {
		A, B  []float64
		P     float64
		Exact bool
	}
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	raw, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// near fails unless got is within tol of want.
func near(t *testing.T, name string, got, want, tol float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tol) {
		t.Errorf("%s = %.12g, want %.12g within %g", name, got, want, tol)
	}
}

// finite fails if v cannot be written as JSON, which NaN and infinities cannot.
func finite(t *testing.T, name string, v any) {
	t.Helper()
	if _, err := json.Marshal(v); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
