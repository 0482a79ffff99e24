package forensic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/metric"
	"github.com/go-siamese/lab/siamese/stats"
)

// Options says what [Measure] measures.
type Options struct {
	Costs Costs // valid ones
	// Scores says that the numbers are no LLRs, so that only their order is judged.
	Scores bool
	// Same and Different are how many independent pairs of each kind there are; see [Independent].
	Same, Different int
	// Confidence is that of intervals, in (0, 1); 0 = none.
	Confidence float64
	Curves     bool // whether to make them; scores have none
}

// Measure returns the evidence of listed pairs with these LLRs, or nil where all weight is of one kind. A label between 0
// and 1 counts as a part of each kind. Intervals are by the delta method, and account for shared items as
// [stats.PairMeans] does. Errors are those of [New], [Costs.Validate] and [stats.NewPairMeans].
func Measure(pairs stats.LabelledPairs, llr []float64, opt Options) (*Evidence, error) {
	if err := opt.Costs.Validate(); err != nil {
		return nil, fmt.Errorf("forensic: %w", err)
	}
	if n := len(pairs.Label); len(llr) != n || len(pairs.Left) != n || len(pairs.Right) != n ||
		pairs.Weight != nil && len(pairs.Weight) != n {
		return nil, fmt.Errorf("forensic: %d LLRs of %d pairs: want lists of equal length", len(llr), n)
	}
	whole, llr, same := parts(pairs, llr)
	var has [2]bool
	for _, is := range same {
		has[kind(is)] = true
	}
	if !has[0] || !has[1] {
		return nil, nil
	}
	weights := make([]float64, len(same))
	for k := range weights {
		weights[k] = float64(whole.Weight[k])
	}
	s, err := New(llr, same, weights)
	if err != nil {
		return nil, err
	}
	out := &Evidence{Pairs: len(pairs.Label), Costs: opt.Costs, Same: opt.Same, Different: opt.Different,
		Values: make(map[string]float64)}
	if err := out.measure(s, whole, llr, same, opt); err != nil {
		return nil, err
	}
	if opt.Scores {
		return out, nil
	}
	if opt.Same > 0 && opt.Different > 0 {
		b := s.Bounds(opt.Same, opt.Different)
		out.Bounds, out.Beyond = &b, s.beyond(b)
	}
	if opt.Curves {
		out.Curves = s.curves()
	}
	return out, nil
}

// parts returns pairs of positive weight with labels 0 and 1 only: one with a label between becomes two.
func parts(p stats.LabelledPairs, llr []float64) (whole stats.LabelledPairs, of []float64, same []bool) {
	n := len(llr)
	whole = stats.LabelledPairs{Left: make([]int32, 0, n), Right: make([]int32, 0, n), Label: make([]float32, 0, n),
		Weight: make([]float32, 0, n)}
	of, same = make([]float64, 0, n), make([]bool, 0, n)
	for k := range n {
		w, label := float32(1), p.Label[k]
		if p.Weight != nil {
			w = p.Weight[k]
		}
		for kind, part := range []float32{w * (1 - label), w * label} {
			if part > 0 {
				whole.Left, whole.Right = append(whole.Left, p.Left[k]), append(whole.Right, p.Right[k])
				whole.Label, whole.Weight = append(whole.Label, float32(kind)), append(whole.Weight, part)
				of, same = append(of, llr[k]), append(same, kind == 1)
			}
		}
	}
	return whole, of, same
}

// measure fills in the measures and their intervals.
func (e *Evidence) measure(s *Sample, pairs stats.LabelledPairs, llr []float64, same []bool, opt Options) error {
	var means *stats.PairMeans
	if opt.Confidence > 0 {
		var err error
		if means, err = stats.NewPairMeans(pairs, opt.Confidence); err != nil {
			return err
		}
	}
	values := make([]float64, len(llr))
	for _, c := range Registry() {
		if c.Calibrated && opt.Scores || c.Costed && opt.Costs.free() {
			continue
		}
		v := c.Value(s, opt.Costs)
		if math.IsInf(v, 0) {
			e.Infinite = append(e.Infinite, c.Key)
			continue
		}
		e.Values[c.Key] = v
		if means == nil {
			continue
		}
		l := c.losses(s, opt.Costs)
		for k, x := range llr {
			values[k] = l.of(x, same[k])
		}
		of, err := means.Of(values, l.same, l.different, 0, math.Inf(1))
		if err != nil {
			return fmt.Errorf("forensic: %s: %w", c.Name, err)
		}
		// Without spread, as where all is separated, nothing says how far other pairs would be from it; sums of numbers
		// that cancel out are rounded.
		if of.Method == string(stats.Delta) && of.StandardError > 1e-9*max(1, v) {
			half := distuv.UnitNormal.Quantile((1+opt.Confidence)/2) * of.StandardError
			if e.Intervals == nil {
				e.Intervals = make(map[string]stats.Interval)
			}
			e.Intervals[c.Key] = stats.Interval{Value: v, Low: max(0, v-half), High: v + half,
				Confidence: opt.Confidence, Method: string(stats.Delta)}
		}
	}
	return nil
}

// beyond returns the share of LLRs outside of bounds, the mean over both kinds.
func (s *Sample) beyond(b Bounds) float64 {
	differentAbove, sameUpTo := s.Rates(math.Nextafter(b.High, math.Inf(1)))
	differentFrom, sameBelow := s.Rates(b.Low)
	return (differentAbove + (1 - sameUpTo) + (1 - differentFrom) + sameBelow) / 2
}

// curves returns what plots show.
func (s *Sample) curves() *Curves {
	out := &Curves{}
	best := s.Best()
	for k := -12; k <= 12; k++ {
		at := float64(k) / 4
		prior := share(at)
		p := PriorPoint{LogOdds: at, Best: best.CrossEntropy(at), Error: s.Cost(evenAt(at)),
			BestError: best.Cost(evenAt(at)), Neutral: -prior*math.Log2(prior) - (1-prior)*math.Log2(1-prior)}
		if entropy := s.CrossEntropy(at); !math.IsInf(entropy, 0) {
			p.Entropy = &entropy
		}
		out.Priors = append(out.Priors, p)
	}
	const bins = 60
	low, high := s.cut(s.llr[0]), s.cut(s.llr[len(s.llr)-1])
	if high-low < grid {
		low, high = low-grid, high+grid
	}
	out.Histogram = &metric.Histogram{Low: low, High: high, Positives: make([]float64, bins),
		Negatives: make([]float64, bins)}
	width := (high - low) / bins
	for i, llr := range s.llr {
		at := min(bins-1, int((s.cut(llr)-low)/width))
		out.Histogram.Negatives[at] += s.weight[0][i] / s.all(0)
		out.Histogram.Positives[at] += s.weight[1][i] / s.all(1)
	}
	for k := range 2*bins + 1 {
		at := low + (high-low)*float64(k)/(2*bins)
		fpr, fnr := s.Rates(at)
		out.Tippett = append(out.Tippett, TippettPoint{LLR: at, Same: 1 - fnr, Different: fpr})
	}
	return out
}
