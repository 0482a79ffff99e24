package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/metric"
)

func TestJudgeAgreesWithScikitLearn(t *testing.T) {
	ref := readReference(t)
	for _, p := range ref.Probabilities {
		r, err := MeasureReliability(p.Probability, p.Same, nil, ReliabilityOptions{Bins: 8})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Brier", r.Brier, p.Brier, 1e-12)
		if len(r.EqualWidth) != len(p.Share) {
			t.Fatalf("%d bins, want %d", len(r.EqualWidth), len(p.Share))
		}
		for i, b := range r.EqualWidth {
			near(t, "share", b.Share.Value, p.Share[i], 1e-12)
			near(t, "mean", b.Mean, p.Mean[i], 1e-12)
		}
		w, err := MeasureReliability(p.Probability, p.Same, p.Weight, ReliabilityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, "weighted Brier", w.Brier, p.WeightedBrier, 1e-12)
	}
	for _, w := range ref.Wilson {
		i := Wilson(float64(w.K)/float64(w.N), float64(w.N), w.Confidence)
		near(t, "Wilson low", i.Low, w.Low, 1e-12)
		near(t, "Wilson high", i.High, w.High, 1e-12)
	}
}

// Bins hold every pair once, the Brier score is the sum of its parts, and with one probability a bin nothing is
// within.
func TestReliabilityProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	for range 30 {
		n, levels := 1+rng.IntN(300), float64(1+rng.IntN(20))
		p, same, weights := make([]float64, n), make([]bool, n), make([]float64, n)
		for i := range n {
			p[i], weights[i] = math.Round(rng.Float64()*levels)/levels, float64(rng.IntN(3))
			same[i] = rng.Float64() < p[i]
		}
		weights[0] = 1
		r, err := MeasureReliability(p, same, weights, ReliabilityOptions{Bins: 1 + rng.IntN(12)})
		if err != nil {
			t.Fatal(err)
		}
		finite(t, "reliability", r)
		if miscalibration, resolution, _ := brierParts(r); miscalibration < 0 || resolution < 0 ||
			resolution > r.Uncertainty+1e-12 {
			t.Errorf("parts of Brier: %v, %v of %v", miscalibration, resolution, r.Uncertainty)
		}
		for _, bins := range [][]Bin{r.EqualWidth, r.EqualMass} {
			pairs := 0
			for i, b := range bins {
				pairs += b.Pairs
				if b.Mean < b.Low-1e-12 || b.Mean > b.High+1e-12 || !b.Share.Holds(b.Share.Value) || i > 0 &&
					b.Low < bins[i-1].High-1e-12 {
					t.Errorf("bin %d: %+v", i, b)
				}
			}
			if pairs != r.Pairs {
				t.Errorf("bins hold %d of %d pairs", pairs, r.Pairs)
			}
		}
		fine, err := MeasureReliability(p, same, weights, ReliabilityOptions{Bins: 4000})
		if err != nil {
			t.Fatal(err)
		}
		_, _, within := brierParts(fine)
		near(t, "within bins of one probability", within, 0, 1e-12)
	}
	// Half of all pairs at one probability leave the other half its bins.
	p, same := make([]float64, 1000), make([]bool, 1000)
	for i := range p {
		p[i], same[i] = max(.2, .2+.7*float64(i-500)/500), i%3 == 0
	}
	r, err := MeasureReliability(p, same, nil, ReliabilityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.EqualMass) != 6 || r.EqualMass[0].Pairs != 501 {
		t.Errorf("%d bins of equal mass, the first of %d pairs: want 6 and 501", len(r.EqualMass), r.EqualMass[0].Pairs)
	}
	for _, b := range r.EqualMass[1:] {
		if b.Pairs < 98 || b.Pairs > 101 {
			t.Errorf("a bin of equal mass holds %d pairs, want about 100", b.Pairs)
		}
	}
}

func TestDegenerateReliability(t *testing.T) {
	for _, c := range []struct {
		p    []float64
		same []bool
		kind metric.Kind
	}{
		{nil, nil, metric.NoItems},
		{[]float64{0, .5}, []bool{false, false}, metric.NoPositives},
		{[]float64{1, .5}, []bool{true, true}, metric.NoNegatives},
	} {
		r, err := MeasureReliability(c.p, c.same, nil, ReliabilityOptions{})
		if err != nil {
			t.Fatal(err)
		}
		finite(t, string(c.kind), r)
		if !r.Warnings.Has(c.kind) {
			t.Errorf("warnings %q lack %s", r.Warnings.Strings(), c.kind)
		}
	}
	for _, c := range []struct {
		p       []float64
		same    []bool
		weights []float64
		opt     ReliabilityOptions
		want    string
	}{
		{[]float64{.1, 1.1}, make([]bool, 2), nil, ReliabilityOptions{}, "pair 1 is 1.1"},
		{[]float64{math.NaN()}, make([]bool, 1), nil, ReliabilityOptions{}, "pair 0 is NaN"},
		{[]float64{.1}, make([]bool, 2), nil, ReliabilityOptions{}, "equal length"},
		{[]float64{.1}, make([]bool, 1), []float64{math.Inf(1)}, ReliabilityOptions{}, "weight of pair 0"},
		{nil, nil, nil, ReliabilityOptions{Bins: -1}, "Bins is -1"},
		{nil, nil, nil, ReliabilityOptions{Confidence: 95}, "confidence is 95"},
	} {
		if _, err := MeasureReliability(c.p, c.same, c.weights, c.opt); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v does not name %q", c, err, c.want)
		}
	}
}

// brierParts decomposes r.Brier, in the bins of r.EqualMass, into miscalibration - resolution + uncertainty + within
// (Murphy 1973; Stephenson, Coelho and Jolliffe 2008).
func brierParts(r *Reliability) (miscalibration, resolution, within float64) {
	var weight float64
	for _, b := range r.EqualMass {
		weight += b.Weight
	}
	for _, b := range r.EqualMass {
		off, apart := b.Mean-b.Share.Value, b.Share.Value-r.Prevalence
		miscalibration += b.Weight / weight * off * off
		resolution += b.Weight / weight * apart * apart
	}
	return miscalibration, resolution, r.Brier - (miscalibration - resolution + r.Uncertainty)
}
