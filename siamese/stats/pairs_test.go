package stats

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/metric"
)

// pairsOf returns listed pairs of n new items with two scores each: every item is in about so many pairs, and is of
// one of two classes. Both scores carry what the items themselves add to every pair they are in.
func pairsOf(n, each int, seed uint64) (LabelledPairs, []float64, []float64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	class, own, other := make([]int, n), make([]float64, n), make([]float64, n)
	for i := range n {
		class[i], own[i], other[i] = rng.IntN(2), rng.NormFloat64(), rng.NormFloat64()
	}
	var p LabelledPairs
	var a, b []float64
	order := rng.Perm(n)
	for k := range n * each / 2 {
		if each > 1 && k%(n/2) == 0 {
			order = rng.Perm(n)
		}
		l, r := order[2*(k%(n/2))], order[2*(k%(n/2))+1]
		same := 0.0
		if class[l] == class[r] {
			same = 1
		}
		p.Left, p.Right, p.Label = append(p.Left, int32(l)), append(p.Right, int32(r)), append(p.Label, float32(same))
		p.Weight = append(p.Weight, 1+float32(k%3))
		a = append(a, same+.6*(own[l]+own[r])+.5*rng.NormFloat64())
		b = append(b, 1.3*same+.4*(own[l]+own[r])+.3*(other[l]+other[r])+.5*rng.NormFloat64())
	}
	return p, a, b
}

// The standard errors are how the metrics vary over simulations, whether items are in one pair or in many.
func TestPairIntervalsCoverage(t *testing.T) {
	t.Parallel()
	const confidence = .9
	for _, c := range []struct{ n, each, rounds int }{{400, 1, 300}, {80, 12, 300}} {
		var values, differences [numPairMetrics][]float64
		var errors, errorsOfDifferences [numPairMetrics]float64
		var intervals [numPairMetrics][]Interval
		for seed := range uint64(c.rounds) {
			p, a, b := pairsOf(c.n, c.each, seed)
			f, err := PairIntervals(t.Context(), PairSystem{"a", a, .5}, p, PairOptions{Confidence: confidence})
			if err != nil {
				t.Fatal(err)
			}
			d, err := compareTwoPairs(t.Context(), PairSystem{"a", a, .5}, PairSystem{"b", b, .5}, p,
				PairOptions{Confidence: confidence})
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range f.list() {
				values[i], intervals[i] = append(values[i], x.Value), append(intervals[i], x.Interval)
				errors[i] += x.StandardError / float64(c.rounds)
				differences[i] = append(differences[i], d.list()[i].Value)
				errorsOfDifferences[i] += d.list()[i].StandardError / float64(c.rounds)
			}
		}
		for i := range values {
			spread, err := Seeds(values[i], 0)
			if err != nil {
				t.Fatal(err)
			}
			ofDifferences, err := Seeds(differences[i], 0)
			if err != nil {
				t.Fatal(err)
			}
			held := 0
			for _, x := range intervals[i] {
				if x.Holds(spread.Mean.Value) {
					held++
				}
			}
			share := float64(held) / float64(c.rounds)
			one, two := errors[i]/spread.SD, errorsOfDifferences[i]/ofDifferences.SD
			t.Logf("%d items in %d pairs each: %s: standard error / deviation %.3f, of the difference %.3f; "+
				"%g %% intervals hold %.3f", c.n, c.each, registry[i].Name, one, two, 100*confidence, share)
			if one < .85 || one > 1.2 || two < .85 || two > 1.25 || share < .85 {
				t.Error("that is off")
			}
		}
	}
}

// naivePairs returns all metrics but the EER of weighted pairs by loops over pairs of pairs.
func naivePairs(p LabelledPairs, scores []float64, weight func(k int) float64,
	threshold float64) [numPairMetrics]float64 {
	var wins, pos, neg, ap, tp, tn float64
	for a := range scores {
		y := float64(p.Label[a])
		pa, na := weight(a)*y, weight(a)*(1-y)
		pos, neg = pos+pa, neg+na
		if scores[a] >= threshold {
			tp += pa
		} else {
			tn += na
		}
		var above, all float64
		for b := range scores {
			y := float64(p.Label[b])
			switch {
			case scores[a] > scores[b]:
				wins += pa * weight(b) * (1 - y)
			case scores[a] == scores[b]:
				wins += pa * weight(b) * (1 - y) / 2
			}
			if scores[b] >= scores[a] {
				above, all = above+weight(b)*y, all+weight(b)
			}
		}
		if pa > 0 {
			ap += pa * above / all
		}
	}
	return [numPairMetrics]float64{rocAUC: wins / pos / neg, averagePrecision: ap / pos,
		accuracy:       (tp/pos + tn/neg) / 2,
		falsePositives: 1 - tn/neg, falseNegatives: 1 - tp/pos}
}

// Values and variances against the definition: influences by differences of the naive metrics, summed over all pairs
// of pairs with an item in common. Ties, graded labels and pairs that occur again are among them.
func TestPairIntervalsOracle(t *testing.T) {
	p, scores, _ := pairsOf(14, 5, 3)
	for k := range scores {
		scores[k] = math.Round(2*scores[k]) / 2
		if k%5 == 0 {
			p.Label[k] = .25
		}
	}
	p.Left, p.Right, p.Label = append(p.Left, p.Right[4]), append(p.Right, p.Left[4]), append(p.Label, p.Label[4])
	p.Weight, scores = append(p.Weight, 2), append(scores, scores[4]+.5)
	p.Weight[1] = 0
	got, err := PairIntervals(t.Context(), PairSystem{"a", scores, .5}, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	weight := func(k int) float64 { return float64(p.Weight[k]) }
	want := naivePairs(p, scores, weight, .5)
	const step = 1e-5
	var u [numPairMetrics][]float64
	for k := range scores {
		moved := func(by float64) [numPairMetrics]float64 {
			return naivePairs(p, scores, func(j int) float64 {
				if j == k {
					return weight(j) + by
				}
				return weight(j)
			}, .5)
		}
		up, down := moved(step), moved(-step)
		for f := range u {
			u[f] = append(u[f], weight(k)*(up[f]-down[f])/(2*step))
		}
	}
	for _, f := range []int{rocAUC, averagePrecision, accuracy, falsePositives, falseNegatives} {
		var sum float64
		for a := range scores {
			for b := range scores {
				if p.Left[a] == p.Left[b] || p.Left[a] == p.Right[b] || p.Right[a] == p.Left[b] ||
					p.Right[a] == p.Right[b] {
					sum += u[f][a] * u[f][b]
				}
			}
		}
		x := got.list()[f]
		if math.Abs(x.Value-want[f]) > 1e-9 {
			t.Errorf("%s is %v, want %v", registry[f].Name, x.Value, want[f])
		}
		if want := math.Sqrt(sum * 14 / 13); math.Abs(x.StandardError-want) > 1e-6 {
			t.Errorf("%s: standard error %v, want %v", registry[f].Name, x.StandardError, want)
		}
	}
}

// sameOf returns which labels are more same than different.
func sameOf(labels []float32) []bool {
	out := make([]bool, len(labels))
	for k, l := range labels {
		out[k] = l >= .5
	}
	return out
}

// Metrics are those of metric.Verify, EER and weights included; a weight of 2 is the pair twice, sides may change
// places, and a system does not differ from itself.
func TestPairIntervalsProperties(t *testing.T) {
	p, a, b := pairsOf(60, 4, 9)
	system := PairSystem{"a", a, .4}
	f, err := PairIntervals(t.Context(), system, p, PairOptions{Confidence: .8})
	if err != nil {
		t.Fatal(err)
	}
	v, err := metric.Verify(a, sameOf(p.Label), widened(p.Weight),
		metric.VerificationOptions{Thresholds: []float64{.4}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{v.ROCAUC, v.EER, v.Natural.AveragePrecision, v.At[0].BalancedAccuracy(),
		v.At[0].FPR(), v.At[0].FNR()} {
		if x := f.list()[i]; math.Abs(x.Value-want) > 1e-9 || x.Confidence != .8 ||
			!(x.Low < x.Value && x.Value < x.High) {
			t.Errorf("%s is %v, want %v", registry[i].Name, x, want)
		}
	}
	var twice LabelledPairs
	var scores []float64
	for k, w := range p.Weight {
		for range int(w) {
			twice.Left, twice.Right = append(twice.Left, p.Right[k]), append(twice.Right, p.Left[k])
			twice.Label, scores = append(twice.Label, p.Label[k]), append(scores, a[k])
		}
	}
	again, err := PairIntervals(t.Context(), PairSystem{"a", scores, .4}, twice, PairOptions{Confidence: .8})
	if err != nil {
		t.Fatal(err)
	}
	approximately := cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) <= 1e-9 })
	if diff := cmp.Diff(f, again, approximately); diff != "" {
		t.Error(diff)
	}
	d, err := compareTwoPairs(t.Context(), system, PairSystem{"b", b, .4}, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	back, err := compareTwoPairs(t.Context(), PairSystem{"b", b, .4}, system, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range d.list() {
		if y := back.list()[i]; math.Abs(x.Value+y.Value) > 1e-12 || math.Abs(x.Low+y.High) > 1e-12 ||
			math.Abs(x.P-y.P) > 1e-12 {
			t.Errorf("%s: %v and turned round %v", registry[i].Name, x, y)
		}
	}
	// Of several systems p-values are Holm's, and nothing else depends on the others.
	all, err := ComparePairs(t.Context(), system, []PairSystem{{"b", b, .4}, {"c", a, .6}}, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := compareTwoPairs(t.Context(), system, PairSystem{"c", a, .6}, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for key := range d.Differences {
		one, other := d.Differences[key], second.Differences[key]
		adjusted, err := holm([]float64{one.P, other.P})
		if err != nil {
			t.Fatal(err)
		}
		one.Adjusted, other.Adjusted = adjusted[0], adjusted[1]
		d.Differences[key], second.Differences[key] = one, other
	}
	if diff := cmp.Diff([]*Comparison{d, second}, all); diff != "" {
		t.Error(diff)
	}
	if text := all[1].String(); !strings.Contains(text, "c against a: 95 % intervals by item of pairs\n  ROC-AUC ") ||
		!strings.Contains(text, second.Differences[FNR].String()) || strings.Contains(text, "MAP@R") {
		t.Error(text)
	}
	if _, err := ComparePairs(t.Context(), system, nil, p, PairOptions{}); err == nil {
		t.Error("no other system is no error")
	}
	self, err := compareTwoPairs(t.Context(), system, system, p, PairOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if x := self.Differences[ROCAUC]; x.Value != 0 || x.Low != 0 || x.High != 0 || x.P != 1 ||
		len(self.Warnings) != 1 || self.Warnings[0].Kind != kindNoSpread {
		t.Errorf("with itself: %+v", self)
	}
}

func widened(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func TestPairIntervalsDegenerate(t *testing.T) {
	p := LabelledPairs{Left: []int32{0, 1, 2}, Right: []int32{1, 2, 0}, Label: []float32{1, 1, 1}}
	s := PairSystem{"a", []float64{.1, .2, .3}, .2}
	for _, labels := range [][]float32{{1, 1, 1}, {0, 0, 0}, {}} {
		p.Label, p.Left, p.Right, s.Scores = labels, p.Left[:len(labels)], p.Right[:len(labels)], s.Scores[:len(labels)]
		f, err := PairIntervals(t.Context(), s, p, PairOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := compareTwoPairs(t.Context(), s, s, p, PairOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if x := f.Estimates[ROCAUC]; x.Low != 0 || x.High != 1 || x.Method != "undefined" ||
			d.Differences[ROCAUC].Low != -1 || d.Differences[ROCAUC].P != 1 || f.Warnings[0].Kind != kindFewUnits {
			t.Errorf("%v: %+v, %+v", labels, f, d)
		}
	}
	good := LabelledPairs{Left: []int32{0, 1}, Right: []int32{1, 2}, Label: []float32{1, 0}, Weight: []float32{1, 1}}
	for want, change := range map[string]func(p *LabelledPairs, s *PairSystem, opt *PairOptions){
		"lists of equal length": func(p *LabelledPairs, _ *PairSystem, _ *PairOptions) {
			p.Left = p.Left[:1]
		},
		"pair 1 is of items 2 and 2": func(p *LabelledPairs, _ *PairSystem, _ *PairOptions) {
			p.Left[1] = 2
		},
		"pair 0 is of items -1": func(p *LabelledPairs, _ *PairSystem, _ *PairOptions) {
			p.Left[0] = -1
		},
		"label of pair 0 is 2": func(p *LabelledPairs, _ *PairSystem, _ *PairOptions) {
			p.Label[0] = 2
		},
		"weight of pair 1 is -1": func(p *LabelledPairs, _ *PairSystem, _ *PairOptions) {
			p.Weight[1] = -1
		},
		"has 1 scores of 2 pairs": func(_ *LabelledPairs, s *PairSystem, _ *PairOptions) {
			s.Scores = s.Scores[:1]
		},
		"the score of pair 1 is NaN": func(_ *LabelledPairs, s *PairSystem, _ *PairOptions) {
			s.Scores[1] = math.NaN()
		},
		"the threshold is +Inf": func(_ *LabelledPairs, s *PairSystem, _ *PairOptions) {
			s.Threshold = math.Inf(1)
		},
		"confidence is 7": func(_ *LabelledPairs, _ *PairSystem, opt *PairOptions) {
			opt.Confidence = 7
		},
		"Resamples is 3": func(_ *LabelledPairs, _ *PairSystem, opt *PairOptions) {
			opt.Resamples = 3
		},
		`Method is "bca"`: func(_ *LabelledPairs, _ *PairSystem, opt *PairOptions) {
			opt.Method = BCa
		},
	} {
		p := LabelledPairs{slices.Clone(good.Left), slices.Clone(good.Right), slices.Clone(good.Label),
			slices.Clone(good.Weight)}
		s, opt := PairSystem{"a", []float64{.1, .2}, .2}, PairOptions{}
		change(&p, &s, &opt)
		_, one := PairIntervals(t.Context(), s, p, opt)
		_, two := compareTwoPairs(t.Context(), s, s, p, opt)
		for _, err := range []error{one, two} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		}
	}
}

// A resample's metrics are those of metric.Verify where a pair counts as often as both its items together.
func TestPairResamples(t *testing.T) {
	p, a, b := pairsOf(40, 5, 3)
	for k := range p.Label {
		if k%4 == 0 {
			p.Label[k] = .25
		}
	}
	p.Weight[0] = 0
	e, err := newPairEvaluation(t.Context(), []PairSystem{{"a", a, .5}, {"b", b, .7}}, p,
		PairOptions{Method: Percentile, Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	counts := make([]uint64, 40)
	for range counts {
		counts[rng.IntN(len(counts))]++
	}
	for s, scores := range [][]float64{a, b} {
		m := e.systems[s]
		got, ok := m.resample(p, counts, newHistogram(m.bins))
		var acc collected
		for k, x := range scores {
			w := float64(p.Weight[k]) * float64(counts[p.Left[k]]*counts[p.Right[k]])
			acc.add(x, true, w*float64(p.Label[k]))
			acc.add(x, false, w*(1-float64(p.Label[k])))
		}
		v, err := acc.verify([]float64{.5, .7}[s])
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		for f, want := range []float64{v.ROCAUC, v.EER, v.Natural.AveragePrecision, v.At[0].BalancedAccuracy(),
			v.At[0].FPR(), v.At[0].FNR()} {
			near(t, registry[f].Name, got[f], want, 1e-9)
		}
	}
}

// Resamples have standard errors like those of the first order, up to sqrt 3 times as large where items are in one
// pair each, and the same bits at every number of goroutines.
func TestPairBootstrap(t *testing.T) {
	for _, c := range []struct {
		n, each   int
		low, high float64
	}{{120, 40, .9, 1.75}, {400, 1, 1.4, 2}} {
		p, a, b := pairsOf(c.n, c.each, 5)
		one, two := PairSystem{"a", a, .5}, PairSystem{"b", b, .5}
		opt := PairOptions{Method: Percentile, Resamples: 500, Seed: 3}
		delta, err := PairIntervals(t.Context(), one, p, PairOptions{})
		if err != nil {
			t.Fatal(err)
		}
		drawn, err := PairIntervals(t.Context(), one, p, opt)
		if err != nil {
			t.Fatal(err)
		}
		for f, x := range drawn.list() {
			y := delta.list()[f]
			ratio := x.StandardError / y.StandardError
			t.Logf("%d items in %d pairs each: %s: %v by resamples, %v to the first order, ratio %.2f", c.n, c.each,
				registry[f].Name, x, y, ratio)
			if ratio < c.low || ratio > c.high || x.Value != y.Value || x.Method != string(Percentile) ||
				!x.Holds(x.Value) {
				t.Error("that is off")
			}
		}
		d, err := compareTwoPairs(t.Context(), one, two, p, opt)
		if err != nil {
			t.Fatal(err)
		}
		if d.Resamples != 500 || d.Differences[ROCAUC].Test != "bootstrap" ||
			!(d.Differences[ROCAUC].P > 0 && d.Differences[ROCAUC].P <= 1) ||
			d.Differences[ROCAUC].Holds(0) != (d.Differences[ROCAUC].P > .05) {
			t.Errorf("%+v", d)
		}
		before := runtime.GOMAXPROCS(1)
		again, err := compareTwoPairs(t.Context(), one, two, p, opt)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, again); diff != "" {
			t.Error(diff)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, a, _ := pairsOf(40, 2, 5)
	for _, opt := range []PairOptions{{}, {Method: Percentile, Resamples: 50}} {
		if _, err := PairIntervals(ctx, PairSystem{"a", a, .5}, p, opt); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	// One positive pair is often not drawn.
	few := LabelledPairs{Left: []int32{0, 2, 4}, Right: []int32{1, 3, 5}, Label: []float32{1, 0, 0}}
	f, err := PairIntervals(t.Context(), PairSystem{"a", []float64{.9, .1, .2}, .5}, few,
		PairOptions{Method: Percentile, Resamples: 100})
	if err != nil {
		t.Fatal(err)
	}
	if !f.Warnings.Has(kindFewUnits) || !f.Warnings.Has(kindLostResample) || f.Estimates[ROCAUC].Method != "undefined" {
		t.Errorf("%+v", f)
	}
}
