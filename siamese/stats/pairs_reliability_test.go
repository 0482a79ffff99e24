package stats

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// saidOf returns probabilities that rise with scores, too slowly: neither end is said often enough.
func saidOf(scores []float64) []float64 {
	out := make([]float64, len(scores))
	for k, x := range scores {
		out[k] = sigmoid(.7 * (x - .5))
	}
	return out
}

// reliabilityAt returns the reliability of probabilities of pairs at a prevalence, with intervals.
func reliabilityAt(t *testing.T, p LabelledPairs, said []float64, prevalence, confidence float64) *Reliability {
	t.Helper()
	var probabilities, weights []float64
	var same []bool
	for y, shares := range p.kinds(prevalence) {
		for k, share := range shares {
			probabilities, same, weights = append(probabilities, said[k]), append(same, y == 1), append(weights, share)
		}
	}
	r, err := MeasureReliability(probabilities, same, weights, ReliabilityOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.AddIntervals(r, said, confidence); err != nil {
		t.Fatal(err)
	}
	return r
}

// Intervals of 95 % hold the metrics of very many pairs in about 95 of 100 worlds, whether items are in one pair or
// in many.
func TestReliabilityIntervalsCoverage(t *testing.T) {
	t.Parallel()
	const worlds, prevalence = 200, .3
	p, scores, _ := pairsOf(40_000, 12, 1<<20)
	truth := reliabilityAt(t, p, saidOf(scores), prevalence, 0)
	for _, c := range []struct{ n, each int }{{1000, 1}, {120, 12}} {
		var held [2]int
		var width [2]float64
		for seed := range uint64(worlds) {
			p, scores, _ := pairsOf(c.n, c.each, seed)
			r := reliabilityAt(t, p, saidOf(scores), prevalence, 0)
			for f, x := range []struct {
				i    *Interval
				want float64
			}{{r.BrierInterval, truth.Brier}, {r.ECEInterval, truth.ECE}} {
				if x.i.Holds(x.want) {
					held[f]++
				}
				width[f] += (x.i.High - x.i.Low) / worlds
			}
		}
		for f, name := range []string{"Brier", "ECE"} {
			share := float64(held[f]) / worlds
			t.Logf("%d items in %d pairs each: %s: intervals, %.3f wide, hold in %.3f", c.n, c.each, name, width[f],
				share)
			if share < .915 || share > .985 {
				t.Error("that is off")
			}
		}
	}
}

// naiveReliability returns Brier and ECE of weighted pairs at a prevalence by loops over pairs.
func naiveReliability(p LabelledPairs, said []float64, weight func(k int) float64, prevalence float64) [2]float64 {
	var of [2]float64 // weights of negatives and positives
	for k, l := range p.Label {
		of[1] += weight(k) * float64(l)
		of[0] += weight(k) * float64(1-l)
	}
	var brier float64
	off := map[int]float64{}
	for k, l := range p.Label {
		bin := max(1, int(math.Ceil(said[k]*10-1e-9)))
		pos, neg := prevalence*weight(k)*float64(l)/of[1], (1-prevalence)*weight(k)*float64(1-l)/of[0]
		brier += pos*(said[k]-1)*(said[k]-1) + neg*said[k]*said[k]
		off[bin] += pos*(said[k]-1) + neg*said[k]
	}
	ece := 0.0
	for _, x := range off {
		ece += math.Abs(x)
	}
	return [2]float64{brier, ece}
}

// Values and widths against the definition: influences by differences of the naive metrics, summed over all pairs of
// pairs with an item in common. Graded labels, weights and pairs that occur again are among them.
func TestReliabilityIntervalsOracle(t *testing.T) {
	const prevalence, confidence = .2, .9
	p, scores, _ := pairsOf(14, 5, 3)
	for k := range p.Label {
		if k%5 == 0 {
			p.Label[k] = .25
		}
	}
	p.Left, p.Right, p.Label = append(p.Left, p.Right[4]), append(p.Right, p.Left[4]), append(p.Label, p.Label[4])
	p.Weight, scores = append(p.Weight, 2), append(scores, scores[4]+.5)
	p.Weight[1] = 0
	said := saidOf(scores)
	got := reliabilityAt(t, p, said, prevalence, confidence)
	weight := func(k int) float64 { return float64(p.Weight[k]) }
	want := naiveReliability(p, said, weight, prevalence)
	const step = 1e-5
	var u [2][]float64
	for k := range said {
		moved := func(by float64) [2]float64 {
			return naiveReliability(p, said, func(j int) float64 {
				if j == k {
					return weight(j) + by
				}
				return weight(j)
			}, prevalence)
		}
		up, down := moved(step), moved(-step)
		for f := range u {
			u[f] = append(u[f], weight(k)*(up[f]-down[f])/(2*step))
		}
	}
	for f, i := range []*Interval{got.BrierInterval, got.ECEInterval} {
		var sum float64
		for a := range said {
			for b := range said {
				if p.Left[a] == p.Left[b] || p.Left[a] == p.Right[b] || p.Right[a] == p.Left[b] ||
					p.Right[a] == p.Right[b] {
					sum += u[f][a] * u[f][b]
				}
			}
		}
		low, high := sample{value: want[f], high: 1}.normal(math.Sqrt(sum*14/13), confidence)
		wanted := &Interval{Value: want[f], Low: low, High: high, Confidence: confidence, Method: "delta"}
		if diff := cmp.Diff(wanted, i, cmp.Comparer(func(x,
			y float64) bool {
			return math.Abs(x-y) < 1e-7
		})); diff != "" {
			t.Errorf("%s: %s", []string{"Brier", "ECE"}[f], diff)
		}
	}
}

func TestReliabilityIntervalsDegenerate(t *testing.T) {
	p := LabelledPairs{Left: []int32{0, 1, 2}, Right: []int32{1, 2, 0}, Label: []float32{1, 0, 0}}
	r := reliabilityAt(t, p, []float64{1, 0, 0}, .5, 0)
	if i := r.BrierInterval; i.Low != 0 || i.High != 0 || !r.Warnings.Has(kindNoSpread) {
		t.Errorf("%+v %v", i, r.Warnings)
	}
	said := []float64{.5, .5, .5}
	for want, err := range map[string]error{
		"confidence is 3":                   p.AddIntervals(&Reliability{Prevalence: .5}, said, 3),
		"the prevalence is 0":               p.AddIntervals(&Reliability{}, said, 0),
		"2 probabilities of 3 pairs":        p.AddIntervals(&Reliability{Prevalence: .5}, said[:2], 0),
		"the probability of pair 1 is -0.5": p.AddIntervals(&Reliability{Prevalence: .5}, []float64{0, -.5, 1}, 0),
		"pairs of one kind only": LabelledPairs{Left: p.Left, Right: p.Right,
			Label: []float32{1, 1, 1}}.AddIntervals(&Reliability{Prevalence: .5}, said, 0),
		"want lists of equal length": LabelledPairs{Left: p.Left,
			Label: p.Label}.AddIntervals(&Reliability{Prevalence: .5}, said, 0),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
