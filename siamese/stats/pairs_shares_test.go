package stats

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Shares of bins: intervals hold those of very many pairs in about 95 of 100 worlds, also where pairs share items,
// where those of as many independent pairs hold less often.
func TestBinIntervalsCoverage(t *testing.T) {
	t.Parallel()
	const worlds, prevalence = 150, .3
	p, scores, _ := pairsOf(40_000, 12, 1<<20)
	truth := map[float64]float64{}
	for _, b := range reliabilityAt(t, p, saidOf(scores), prevalence, 0).EqualWidth {
		truth[b.High] = b.Share.Value
	}
	for _, c := range []struct{ n, each int }{{1000, 1}, {200, 30}} {
		var held, alone, all float64
		for seed := range uint64(worlds) {
			p, scores, _ := pairsOf(c.n, c.each, seed)
			for _, b := range reliabilityAt(t, p, saidOf(scores), prevalence, 0).EqualWidth {
				if b.Pairs < 20 {
					continue
				}
				all++
				if b.Share.Holds(truth[b.High]) {
					held++
				}
				if Wilson(b.Share.Value, float64(b.Pairs), .95).Holds(truth[b.High]) {
					alone++
				}
			}
		}
		t.Logf("%d items in %d pairs each: %.0f bins: intervals hold in %.3f, "+
			"those of as many independent pairs in %.3f",
			c.n, c.each, all, held/all, alone/all)
		if held/all < .92 || held/all > .98 || c.each > 1 && alone > held {
			t.Error("that is off")
		}
	}
}

// Shares of bins against the definition, as in TestReliabilityIntervalsOracle.
func TestBinIntervalsOracle(t *testing.T) {
	const prevalence, confidence = .2, .9
	p, scores, _ := pairsOf(14, 6, 3)
	p.Label[2], p.Label[7] = .25, .5
	p.Left, p.Right, p.Label = append(p.Left, p.Right[4]), append(p.Right, p.Left[4]), append(p.Label, p.Label[4])
	p.Weight, scores = append(p.Weight, 2), append(scores, scores[4]+.1)
	said := saidOf(scores)
	got := reliabilityAt(t, p, said, prevalence, confidence)
	told := 0
	for _, b := range append(got.EqualWidth, got.EqualMass...) {
		// no score is on an edge of bins of equal width
		in := func(k int) bool { return b.Low <= said[k] && said[k] <= b.High }
		share := func(weight func(k int) float64) float64 {
			var of, inside [2]float64
			for k, l := range p.Label {
				for y, w := range [2]float64{weight(k) * float64(1-l), weight(k) * float64(l)} {
					of[y] += w
					if in(k) {
						inside[y] += w
					}
				}
			}
			pos, neg := prevalence*inside[1]/of[1], (1-prevalence)*inside[0]/of[0]
			return pos / (pos + neg)
		}
		weight := func(k int) float64 { return float64(p.Weight[k]) }
		value := share(weight)
		const step = 1e-5
		var u []float64
		for k := range said {
			moved := func(by float64) float64 {
				return share(func(j int) float64 {
					if j == k {
						return weight(j) + by
					}
					return weight(j)
				})
			}
			u = append(u, weight(k)*(moved(step)-moved(-step))/(2*step))
		}
		var sum, alone float64
		pairs, items := map[[2]int32]bool{}, map[int32]bool{}
		for a := range said {
			if in(a) {
				pairs[[2]int32{min(p.Left[a], p.Right[a]), max(p.Left[a], p.Right[a])}] = true
				items[p.Left[a]], items[p.Right[a]] = true, true
			}
			for b := range said {
				if p.Left[a] == p.Left[b] || p.Left[a] == p.Right[b] || p.Right[a] == p.Left[b] ||
					p.Right[a] == p.Right[b] {
					sum += u[a] * u[b]
				}
				if p.Left[a] == p.Left[b] && p.Right[a] == p.Right[b] || p.Left[a] == p.Right[b] &&
					p.Right[a] == p.Left[b] {
					alone += u[a] * u[b]
				}
			}
		}
		n := float64(min(len(pairs), len(items)))
		if value > 0 && value < 1 && len(pairs) > 1 {
			n = value * (1 - value) / (max(sum, alone) * 14 / 13)
			told++
		}
		if diff := cmp.Diff(Wilson(value, n, confidence), b.Share,
			cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) < 1e-6 })); diff != "" {
			t.Errorf("%v-%v: %s", b.Low, b.High, diff)
		}
	}
	if told < 4 {
		t.Errorf("%d bins have both kinds: too few to tell", told)
	}
}
