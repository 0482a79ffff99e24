package stats

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/go-siamese/lab/siamese/metric"
)

// The influence on MAP@R and Recall@1 is what leaving a unit out does, as query and as reference, by package metric.
func TestReferencesAgainstLeavingOut(t *testing.T) {
	ctx := context.Background()
	opt := metric.Options{Ks: []int{1}, PerQuery: true, NoVerification: true}
	for _, by := range []Unit{ByItem, ByClass} {
		for seed := range uint64(6) {
			// Classes of one item up to many; coarse numbers, so that there are ties.
			emb, labels := simulatedAny(40, 3+7*int(seed%3), 2, .8, seed, seed)
			for i, x := range emb {
				emb[i] = float32(int(4*x)) + .5
			}
			m := newMeasured(t, emb, labels, .4, by)
			whole, err := metric.AllPairs(ctx, emb, labels, opt)
			if err != nil {
				t.Fatal(err)
			}
			n := float64(whole.Retrieval.Queries)
			want := [numQueryMetrics][]float64{}
			unitOf := func(place int) int {
				if by == ByClass {
					return int(m.class[place])
				}
				return place
			}
			for unit := range m.influence[mapAtR] {
				var e []float32
				var l []int32
				var kept []int
				for place := range labels {
					if item := m.pairs.rows.Item(place); unitOf(place) != unit {
						kept = append(kept, item)
						e, l = append(e, emb[2*item:2*item+2]...), append(l, labels[item])
					}
				}
				// Places change the order of items, which decides ties: those of metric go by it, as given.
				e, l, kept = inOrder(e, l, kept)
				left, err := metric.AllPairs(ctx, e, l, opt)
				if err != nil {
					t.Fatal(err)
				}
				var change [numQueryMetrics]float64
				for f := range change {
					d, mean := registry[numPairMetrics+f], m.exact[numPairMetrics+f]
					value, sum := d.query.of, 0.0
					for _, q := range whole.Retrieval.PerQuery {
						if q.R > 0 {
							sum += value(q) / n
						}
					}
					near(t, d.Name+", the mean of queries", sum, mean, 1e-12)
					for i, item := range kept {
						before, after := whole.Retrieval.PerQuery[item], left.Retrieval.PerQuery[i]
						switch {
						case before.R == 0:
						case after.R == 0:
							change[f] += value(before) - mean
						default:
							change[f] += value(before) - value(after)
						}
					}
					for place := range labels {
						if q := whole.Retrieval.PerQuery[m.pairs.rows.Item(place)]; unitOf(place) == unit && q.R > 0 {
							change[f] += value(q) - mean
						}
					}
					want[f] = append(want[f], change[f]/n)
				}
			}
			for f := range want {
				mean := stat.Mean(want[f], nil)
				for u, w := range want[f] {
					near(t, by2(by, mapAtR+f), m.influence[mapAtR+f][u], w-mean, 1e-9)
				}
			}
		}
	}
}

// inOrder returns items in the order of their numbers.
func inOrder(emb []float32, labels []int32, items []int) (e []float32, l []int32, of []int) {
	width := len(emb) / len(labels)
	at := map[int]int{}
	most := 0
	for i, item := range items {
		at[item], most = i, max(most, item)
	}
	for item := range most + 1 {
		if i, ok := at[item]; ok {
			e, l, of = append(e, emb[i*width:(i+1)*width]...), append(l, labels[i]), append(of, item)
		}
	}
	return e, l, of
}

// TestRisingBits: scores and their numbers have one order, and both zeros one number.
func TestRisingBits(t *testing.T) {
	scores := []float32{-2, -1, -1e-40, 0, 1e-40, 0.5, 1}
	for i, s := range scores[1:] {
		if risingBits(s) <= risingBits(scores[i]) {
			t.Errorf("%g is not above %g", s, scores[i])
		}
	}
	if risingBits(float32(math.Copysign(0, -1))) != risingBits(0) {
		t.Error("the zeros differ")
	}
}
