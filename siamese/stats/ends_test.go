package stats

import (
	"math"
	"testing"
)

// A metric without an error on few items has an interval of the items and pairs that there are, not one of width 0: the
// upper end for 0 of n is q^2 / (n + q^2) with q = 1.96 (Wilson 1927).
func TestIntervalsAtEnds(t *testing.T) {
	// Three classes of two items each, at right angles, and one item alone: 3 positive pairs of 6 items, negative ones
	// of 7.
	emb := []float32{1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1}
	labels := []int32{1, 1, 2, 2, 3, 3, 4}
	upper := func(n float64) float64 { q := 1.959963984540054; return q * q / (n + q*q) }
	for _, test := range []struct {
		by       Unit
		pos, neg float64
	}{{ByItem, 3, 7}, {ByClass, 3, 4}} {
		both := min(test.pos, test.neg)
		units := map[string]float64{ROCAUC: both, EER: both, AveragePrecision: both, Accuracy: both, FPR: test.neg,
			FNR: test.pos, MAPAtR: test.pos, RecallAt1: test.pos, RPrecision: test.pos}
		for _, method := range []Method{Delta, Percentile, BCa} {
			opt := Options{By: test.by, Method: method, Resamples: 200}
			compared, err := Compare(t.Context(), One("a", emb, .5), []System{One("b", emb, .5)}, labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			for key, n := range units {
				x, d := compared.Metrics[1].Estimates[key], compared.Comparisons[0].Differences[key]
				if x.Method == "undefined" { // most resamples lack a kind of pair
					if method == Delta || x.Low != 0 || x.High != 1 {
						t.Errorf("%s, %s: %s is %+v", test.by, method, key, x)
					}
					continue
				}
				low, high := x.Value, x.Value+upper(n)
				if x.Value == 1 {
					low, high = 1-upper(n), 1
				}
				if math.Abs(x.Low-low) > 1e-12 || math.Abs(x.High-high) > 1e-12 || x.Method != "wilson" {
					t.Errorf("%s, %s: %s is %+v, want %v to %v", test.by, method, key, x, low, high)
				}
				if math.Abs(d.Low+upper(n)) > 1e-12 || math.Abs(d.High-upper(n)) > 1e-12 || d.P != 1 {
					t.Errorf("%s, %s: the difference in %s is %+v, want up to %v", test.by, method, key, d, upper(n))
				}
			}
			if compared.Metrics[1].Warnings.Has(kindNoSpread) || compared.Comparisons[0].Warnings.Has(kindNoSpread) {
				t.Errorf("%s, %s: %q", test.by, method, compared.Metrics[1].Warnings.Strings())
			}
		}
	}
}

// Of listed pairs each kind has its own number: two positive pairs, one of them listed twice, among many negatives.
func TestPairIntervalsAtEnds(t *testing.T) {
	pairs, s := LabelledPairs{}, PairSystem{Name: "a", Threshold: .5}
	add := func(l, r int32, label float32, score float64) {
		pairs.Left, pairs.Right = append(pairs.Left, l), append(pairs.Right, r)
		pairs.Label, s.Scores = append(pairs.Label, label), append(s.Scores, score)
	}
	add(0, 1, 1, .9)
	add(1, 0, 1, .8)
	add(2, 3, 1, .7)
	for k := range int32(20) {
		add(4+2*k, 5+2*k, 0, .1)
	}
	f, err := PairIntervals(t.Context(), s, pairs, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for key, n := range map[string]float64{FNR: 2, FPR: 20, ROCAUC: 2, Accuracy: 2} {
		if x := f.Estimates[key]; x.Interval != Wilson(x.Value, n, .95) {
			t.Errorf("%s is %+v, want %+v", key, x, Wilson(x.Value, n, .95))
		}
	}
	other := s
	other.Name = "b"
	c, err := ComparePairs(t.Context(), s, []PairSystem{other}, pairs, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := c[0].Differences[FNR]; d.Low != -Wilson(0, 2, .95).High || d.High != -d.Low {
		t.Errorf("%+v", d)
	}
}
