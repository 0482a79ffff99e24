package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// The influences of n numbers on their mean give the textbook's standard error.
func TestFromInfluence(t *testing.T) {
	values := []float64{.1, .5, .3, .8}
	mean, sd := stat.MeanStdDev(values, nil)
	var influence []float64
	for _, x := range values {
		influence = append(influence, (x-mean)/4)
	}
	f, err := FromInfluence(mean, influence, -1, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "standard error", f.StandardError, sd/2, 1e-12)
	near(t, "low", f.Low, mean-1.959963985*sd/2, 1e-9)
	near(t, "high", f.High, mean+1.959963985*sd/2, 1e-9)
	if f.Value != mean || f.Confidence != .95 || f.Method != string(Delta) {
		t.Errorf("%+v", f)
	}
	if f, err = FromInfluence(.4, nil, -1, 1, .9); err != nil || f.Low != -1 || f.High != 1 ||
		f.Method != "undefined" || f.Confidence != .9 {
		t.Errorf("of nothing: %+v, %v", f, err)
	}
	for want, c := range map[string]struct{ value, one, confidence float64 }{
		"number 0 is NaN": {math.NaN(), 0, 0}, "number 1 is +Inf": {0, math.Inf(1), 0}, "confidence is 2": {0, 0, 2},
	} {
		if _, err := FromInfluence(c.value, []float64{c.one, 0}, 0, 1, c.confidence); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Means and variances against sums over all pairs of pairs, some of which share an item, have weights or grades.
func TestPairMeans(t *testing.T) {
	p, values, _ := pairsOf(30, 4, 5)
	p.Label[3], p.Weight[5] = .25, 0
	m, err := NewPairMeans(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]float64{{1, 0}, {0, 1}, {1, -1}, {.5, .5}} {
		var total, sum [2]float64
		weight := func(k int) [2]float64 {
			l, w := float64(p.Label[k]), float64(p.Weight[k])
			return [2]float64{l * w, (1 - l) * w}
		}
		for k, x := range values {
			for kind, w := range weight(k) {
				total[kind] += w
				sum[kind] += w * x
			}
		}
		want := c[0]*sum[0]/total[0] + c[1]*sum[1]/total[1]
		u := make([]float64, len(values))
		for k, x := range values {
			for kind, w := range weight(k) {
				u[k] += c[kind] * w / total[kind] * (x - sum[kind]/total[kind])
			}
		}
		var variance float64
		for k := range u {
			for l := range u {
				if p.Left[k] == p.Left[l] || p.Left[k] == p.Right[l] || p.Right[k] == p.Left[l] ||
					p.Right[k] == p.Right[l] {
					variance += u[k] * u[l]
				}
			}
		}
		f, err := m.Of(values, c[0], c[1], -9, 9)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "mean", f.Value, want, 1e-12)
		near(t, "mean alone", m.Mean(values, c[0], c[1]), want, 1e-12)
		near(t, "standard error", f.StandardError, math.Sqrt(variance*30/29), 1e-12)
		near(t, "low", f.Low, want-1.959963985*f.StandardError, 1e-9)
	}
}

// Intervals of a mean hold the truth about as often as they say, where values of pairs that share an item lean
// together.
func TestPairMeansCover(t *testing.T) {
	const rounds, items, each = 400, 150, 2
	held := 0
	for round := range rounds {
		rng := rand.New(rand.NewPCG(uint64(round), 7))
		own := make([]float64, items)
		for i := range own {
			own[i] = rng.NormFloat64()
		}
		var p LabelledPairs
		var values []float64
		for range items * each / 2 {
			i, j := rng.IntN(items), rng.IntN(items-1)
			if j >= i {
				j++
			}
			p.Left, p.Right, p.Label = append(p.Left, int32(i)), append(p.Right, int32(j)), append(p.Label, 1)
			values = append(values, own[i]+own[j]+rng.NormFloat64())
		}
		m, err := NewPairMeans(p, .9)
		if err != nil {
			t.Fatal(err)
		}
		f, err := m.Of(values, 1, 0, -9, 9)
		if err != nil {
			t.Fatal(err)
		}
		if f.Holds(0) {
			held++
		}
	}
	if held < 340 || held > 380 { // 360 of 400 expected, standard deviation 6
		t.Errorf("intervals of 90 %% hold the truth in %d of %d rounds", held, rounds)
	}
}

func TestPairMeansDegenerate(t *testing.T) {
	p := LabelledPairs{Left: []int32{0, 2, 2, 3}, Right: []int32{1, 3, 3, 2}, Label: []float32{1, 0, 0, 0}}
	m, err := NewPairMeans(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]float64{{1, 0}, {0, 1}, {1, 1}} { // one pair of each kind, one of them thrice
		f, err := m.Of([]float64{.5, .25, .25, .25}, c[0], c[1], -1, 1)
		if err != nil || f.Low != -1 || f.High != 1 || f.Method != "undefined" || f.Value != c[0]*.5+c[1]*.25 ||
			f.Confidence != .95 {
			t.Errorf("%v: %+v, %v", c, f, err)
		}
	}
	if _, err := m.Of([]float64{1}, 1, 0, 0, 1); err == nil || !strings.Contains(err.Error(), "1 values of 4 pairs") {
		t.Errorf("too few: %v", err)
	}
	if _, err := m.Of([]float64{1, 2, math.Inf(-1), 3}, 1, 0, 0, 1); err == nil ||
		!strings.Contains(err.Error(), "value of pair 2 is -Inf") {
		t.Errorf("infinite: %v", err)
	}
	if _, err := NewPairMeans(p, 1.5); err == nil || !strings.Contains(err.Error(), "confidence is 1.5") {
		t.Errorf("confidence: %v", err)
	}
	p.Right = slices.Clone(p.Left)
	if _, err := NewPairMeans(p, 0); err == nil || !strings.Contains(err.Error(), "pair 0 is of items 0 and 0") {
		t.Errorf("with itself: %v", err)
	}
}
