package stats

import (
	"fmt"
	"math"
)

// FromInfluence returns a metric with its delta-method interval from the influences on it of every independent unit:
// for a mean of n numbers, their differences from it divided by n. The variance is n/(n-1) times the sum of squared
// influences.
//
// The metric lies in [low, high], which is its interval if there are fewer than two units. confidence is in (0, 1); 0
// means .95. Numbers that are not finite are an error. influence is not kept.
//
// Use it for a metric that this package does not know, whose units (items, classes, queries) are independent.
func FromInfluence(value float64, influence []float64, low, high, confidence float64) (Estimate, error) {
	opt := Options{Method: Delta, Confidence: confidence}
	if confidence == 0 {
		opt.Confidence = defaultConfidence
	}
	if err := checkConfidence(opt.Confidence); err != nil {
		return Estimate{}, fmt.Errorf("stats: %w", err)
	}
	for u, x := range append([]float64{value}, influence...) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Estimate{},
				fmt.Errorf("stats: of a metric and the influences on it, number %d is %v: want finite numbers",
					u, x)
		}
	}
	s := sample{value: value, low: low, high: high, defined: len(influence) >= 2, influence: influence, runs: 1}
	var out Estimate
	out.Interval, out.StandardError = s.interval(opt)
	return out, nil
}

// PairMeans computes means over listed pairs, with confidence intervals for pairs of other items. It prepares what
// depends on the pairs alone, so that the means of many lists of values (one for each feature, say) cost O(pairs) each.
// It is not changed after [NewPairMeans], so several goroutines may use it.
type PairMeans struct {
	pairs      LabelledPairs
	spread     *pairSpread
	total      [2]float64 // weight of negatives and positives
	kinds      [2]int     // number of distinct negatives and positives
	confidence float64
}

// NewPairMeans returns the means over pairs. confidence is in (0, 1); 0 means .95. Lists of different lengths, pairs
// of an item with itself, labels outside [0, 1] and weights below 0 are errors. The lists of pairs are kept, not
// copied.
func NewPairMeans(pairs LabelledPairs, confidence float64) (*PairMeans, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if err := checkConfidence(confidence); err != nil {
		return nil, fmt.Errorf("stats: %w", err)
	}
	if err := pairs.check(); err != nil {
		return nil, err
	}
	m := &PairMeans{pairs: pairs, spread: pairs.spread(), confidence: confidence}
	// Distinct pairs decide whether a kind has a spread: one pair listed twice has none.
	type pair struct {
		items [2]int32
		kind  int
	}
	seen := map[pair]bool{}
	for k := range pairs.Label {
		for kind, w := range m.weights(k) {
			if p := (pair{m.spread.key(k), kind}); w > 0 && !seen[p] {
				seen[p] = true
				m.kinds[kind]++
			}
			m.total[kind] += w
		}
	}
	return m, nil
}

// weights returns the weight of pair k as a negative and as a positive: (1-l) w and l w for label l and weight w.
func (m *PairMeans) weights(k int) [2]float64 {
	w, label := m.pairs.weight(k), float64(m.pairs.Label[k])
	return [2]float64{(1 - label) * w, label * w}
}

// Mean returns positive x (mean over positive pairs) + negative x (mean over negative pairs) of values, one a pair:
// with 1 and -1 by how much values of positive pairs are higher. The mean of no pairs is 0. Values must be finite and
// as many as the pairs; [PairMeans.Of] checks that.
func (m *PairMeans) Mean(values []float64, positive, negative float64) float64 {
	mean := m.means(values)
	return negative*mean[0] + positive*mean[1]
}

// means returns the weighted means over negatives and over positives. Values of pairs without weight are not looked at.
func (m *PairMeans) means(values []float64) (mean [2]float64) {
	for k, x := range values {
		for kind, w := range m.weights(k) {
			if w > 0 {
				mean[kind] += w / m.total[kind] * x
			}
		}
	}
	return mean
}

// Of returns the result of Mean with its confidence interval for pairs of other items. Pairs that share an item are
// not independent: the variance is that of [PairIntervals]. The metric lies in [low, high], which is its interval if
// it depends on a kind with fewer than two pairs. Another number of values and values that are not finite are errors.
func (m *PairMeans) Of(values []float64, positive, negative, low, high float64) (Estimate, error) {
	if len(values) != len(m.pairs.Label) {
		return Estimate{}, fmt.Errorf("stats: %d values of %d pairs", len(values), len(m.pairs.Label))
	}
	for k, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Estimate{}, fmt.Errorf("stats: the value of pair %d is %v: want finite numbers", k, x)
		}
	}
	mean, times := m.means(values), [2]float64{negative, positive}
	s := sample{value: negative*mean[0] + positive*mean[1], low: low, high: high}
	out := Estimate{Interval: Interval{
		Value: s.value, Low: low, High: high, Confidence: m.confidence, Method: "undefined",
	}}
	for kind, t := range times {
		if t != 0 && m.kinds[kind] < 2 {
			return out, nil
		}
	}
	// The influence of a pair on the weighted mean of its kind, times the factor of that mean.
	influence := make([]float64, len(values))
	for k, x := range values {
		for kind, w := range m.weights(k) {
			if w > 0 {
				influence[k] += times[kind] * w / m.total[kind] * (x - mean[kind])
			}
		}
	}
	out.Method, out.StandardError = string(Delta), m.spread.standardError(influence)
	out.Low, out.High = s.normal(out.StandardError, m.confidence)
	return out, nil
}
