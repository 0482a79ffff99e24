package stats

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/go-siamese/lab/siamese/metric"
)

// newMeasured returns what is known of one run, with its pairs kept.
func newMeasured(t *testing.T, emb []float32, labels []int32, threshold float64, by Unit) *measured {
	t.Helper()
	m, err := measure(context.Background(), Run{Values: emb, Threshold: threshold}, labels, Options{By: by, Method: BCa, Workers: 2},
		func(float64) {})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A resample's metrics are those of metric over the pairs of the drawn items, written out, apart from what bins lose.
func TestResampleIsTheMetricsOfDrawnItems(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const threshold = .37
	for _, by := range []Unit{ByItem, ByClass} {
		for seed := range uint64(4) {
			emb, labels := simulated(6, 10, 5, .8, seed, seed)
			m := newMeasured(t, emb, labels, threshold, by)
			drawer := drawer{seed: rng.Uint64(), by: by, class: m.class}
			byPlace, weights := make([]uint32, len(labels)), make([]uint32, len(labels))
			drawer.weights(3, len(m.influence[rocAUC]), byPlace)
			for place, w := range byPlace {
				weights[m.pairs.rows.Item(place)] = w
			}
			h := newHistogram(m.pairs.bins)
			m.pairs.resample(byPlace, by, nil, h)
			got, ok := h.metrics(m.pairs.cut)
			if !ok {
				t.Fatal("no positives or no negatives")
			}
			e, l, of := resampled(emb, labels, weights, by)
			rows, err := metric.NewRows(e, l, metric.Cosine)
			if err != nil {
				t.Fatal(err)
			}
			var acc collected
			err = rows.Sweep(context.Background(), 1, nil, func(_, p int, scores []float32) {
				for q := p + 1; q < rows.N(); q++ {
					i, j := rows.Item(p), rows.Item(q)
					if of[i] == of[j] || by == ByClass && l[i] != l[j] && labels[of[i]] == labels[of[j]] {
						continue // copies of one item, or of one class
					}
					acc.add(float64(scores[q]), l[i] == l[j], 1)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			v, err := acc.verify(threshold)
			if err != nil {
				t.Fatal(err)
			}
			if c, _ := h.curve(0); c.p != v.Positives || c.n != v.Negatives {
				t.Errorf("%s: %v positives and %v negatives, want %v and %v", by, c.p, c.n, v.Positives, v.Negatives)
			}
			near(t, "ROC-AUC", got[rocAUC], v.ROCAUC, 2e-3)
			near(t, "EER", got[eer], v.EER, 6e-3)
			near(t, "average precision", got[averagePrecision], v.Natural.AveragePrecision, 1e-2)
			near(t, "accuracy", got[accuracy], v.At[0].BalancedAccuracy(), 1e-12)
			near(t, "FPR", got[falsePositives], v.At[0].FPR(), 1e-12)
			near(t, "FNR", got[falseNegatives], v.At[0].FNR(), 1e-12)
		}
	}
}

// With as many bins as scores the metrics are exact: against package metric, weights and ties included.
func TestHistogramMetrics(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 50 {
		h := newHistogram(2 + rng.IntN(20))
		var acc collected
		for b := range h.pos {
			h.pos[b], h.neg[b] = uint64(rng.IntN(4)), uint64(rng.IntN(9))
			acc.add(float64(b), true, float64(h.pos[b]))
			acc.add(float64(b), false, float64(h.neg[b]))
		}
		cut := rng.IntN(len(h.pos) + 1)
		v, err := acc.verify(float64(cut))
		if err != nil {
			t.Fatal(err)
		}
		f, ok := h.metrics(cut)
		if ok != (v.Positives > 0 && v.Negatives > 0) {
			t.Errorf("defined: %v with %v positives and %v negatives", ok, v.Positives, v.Negatives)
		}
		if !ok {
			continue
		}
		near(t, "ROC-AUC", f[rocAUC], v.ROCAUC, 1e-12)
		near(t, "EER", f[eer], v.EER, 1e-12)
		near(t, "average precision", f[averagePrecision], v.Natural.AveragePrecision, 1e-12)
		near(t, "accuracy", f[accuracy], v.At[0].BalancedAccuracy(), 1e-12)
		near(t, "FPR", f[falsePositives], v.At[0].FPR(), 1e-12)
		near(t, "FNR", f[falseNegatives], v.At[0].FNR(), 1e-12)
	}
}

// Slopes against differences: a hundred pairs more in a bin, of many millions, change a metric by its slope.
func TestGradient(t *testing.T) {
	const bins, total, step = 200, 1e8, 100
	h := newHistogram(bins)
	for b := range bins {
		x := float64(b) / bins
		h.pos[b] = uint64(total / bins * math.Exp(-20*(x-.7)*(x-.7)))
		h.neg[b] = uint64(3 * total / bins * math.Exp(-30*(x-.4)*(x-.4)))
	}
	const cut = 110
	g := h.gradient(cut)
	before, _ := h.metrics(cut)
	for b := 3; b < bins; b += 7 {
		for kind, counts := range [][]uint64{h.pos, h.neg} {
			counts[b] += step
			after, _ := h.metrics(cut)
			counts[b] -= step
			for f := range after {
				got := g[f].pos[b]
				if kind == 1 {
					got = g[f].neg[b]
				}
				want := (after[f] - before[f]) / step
				tol := 5e-4 // of the second order, in bins with few pairs above them
				if f == eer {
					tol = .03 // its densities are smoothed
				}
				near(t, registry[f].Name, got, want, tol*math.Abs(want)+1e-11*float64(btoi(f == eer))+1e-15)
			}
		}
	}
}

// Influences add up to nothing, and their difference between two units is what drawing one twice and the other not at
// all does to a metric, to the first order.
func TestInfluence(t *testing.T) {
	for _, by := range []Unit{ByItem, ByClass} {
		emb, labels := simulated(20, 30, 6, .9, 1, 1)
		m := newMeasured(t, emb, labels, .4, by)
		for f, influence := range m.influence {
			var sum, size float64
			for _, x := range influence {
				sum += x
				size += math.Abs(x)
			}
			near(t, by2(by, f), sum, 0, 1e-12)
			if size == 0 {
				t.Errorf("%s: no influence", by2(by, f))
			}
		}
		h := newHistogram(m.pairs.bins)
		weights := make([]uint32, len(labels))
		var off, squares [numPairMetrics]float64
		units := len(m.influence[rocAUC])
		for unit := range units {
			other := (unit + units/2) % units
			for place := range weights {
				weights[place] = 1
				at := place
				if by == ByClass {
					at = int(m.class[place])
				}
				switch at {
				case unit:
					weights[place] = 2
				case other:
					weights[place] = 0
				}
			}
			m.pairs.resample(weights, by, nil, h)
			f, _ := h.metrics(m.pairs.cut)
			for k := range f {
				want := m.influence[k][unit] - m.influence[k][other]
				d := f[k] - m.binned[k] - want
				off[k] += d * d
				squares[k] += want * want
			}
		}
		for k := range off {
			x := math.Sqrt(off[k] / squares[k])
			t.Logf("%s: off by %.3f", by2(by, k), x)
			if x > .25 && (k != eer || x > .4) { // the EER's densities are smoothed
				t.Errorf("%s: drawing one unit for another differs from their influence by %.3f of it", by2(by, k), x)
			}
		}
	}
}

func by2(by Unit, f int) string { return registry[f].Name + " by " + string(by) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
