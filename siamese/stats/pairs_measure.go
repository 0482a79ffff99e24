package stats

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// check returns the first fault, which names the pair, counted from 0, or nil.
func (p LabelledPairs) check() error {
	n := len(p.Label)
	if len(p.Left) != n || len(p.Right) != n || p.Weight != nil && len(p.Weight) != n {
		return fmt.Errorf("stats: %d left and %d right items, %d labels, %d weights of pairs: "+
			"want lists of equal length (or no weights)", len(p.Left), len(p.Right), n, len(p.Weight))
	}
	for k, label := range p.Label {
		switch w := p.weight(k); {
		case p.Left[k] < 0 || p.Right[k] < 0 || p.Left[k] == p.Right[k]:
			return fmt.Errorf("stats: pair %d is of items %d and %d: want two different numbers from 0 on",
				k, p.Left[k], p.Right[k])
		case !(label >= 0 && label <= 1):
			return fmt.Errorf("stats: the label of pair %d is %v: want 0 to 1", k, label)
		case !(w >= 0) || math.IsInf(w, 0):
			return fmt.Errorf("stats: the weight of pair %d is %v: want a finite number of 0 or more", k, w)
		}
	}
	return nil
}

// weight returns the weight of pair k.
func (p LabelledPairs) weight(k int) float64 {
	if p.Weight == nil {
		return 1
	}
	return float64(p.Weight[k])
}

// numbers returns the items of pairs of positive weight, each once, in rising order.
func (p LabelledPairs) numbers() []int32 {
	seen := map[int32]bool{}
	for k := range p.Label {
		if p.weight(k) > 0 {
			seen[p.Left[k]], seen[p.Right[k]] = true, true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// pairsMeasured holds the metrics and influences of a system on pairs.
type pairsMeasured struct {
	metrics   [numPairMetrics]float64
	defined   bool                      // whether there are positives and negatives; if not, metrics are 0
	influence [numPairMetrics][]float64 // by pair; nil if not defined

	bins, cut int         // number of bins, by rising score; the first one at or above the threshold
	bin       []int       // by pair
	parts     [][2]uint64 // by pair: its weight as a positive and as a negative, in units of total/2^52
}

// measure returns the metrics of a system and their influences. Every score has its own bin, so both are exact;
// weights are integers in units of total/2^52, which keeps sums exact too. Pairs of weight 0 are in bin 0 without
// weight. The error names the system, and the pair whose score is not finite. It takes O(pairs log pairs) time.
func (p LabelledPairs) measure(s PairSystem) (*pairsMeasured, error) {
	if len(s.Scores) != len(p.Label) {
		return nil, fmt.Errorf("stats: system %q has %d scores of %d pairs", s.Name, len(s.Scores), len(p.Label))
	}
	if math.IsNaN(s.Threshold) || math.IsInf(s.Threshold, 0) {
		return nil, fmt.Errorf("stats: system %q: the threshold is %v: want the finite score frozen on other pairs",
			s.Name, s.Threshold)
	}
	total := 0.0
	var counting []float64 // scores of pairs of positive weight
	for k, x := range s.Scores {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("stats: system %q: the score of pair %d is %v: want finite numbers", s.Name, k, x)
		}
		if w := p.weight(k); w > 0 {
			total, counting = total+w, append(counting, x)
		}
	}
	// Bins come from pairs that count, so that a score of weight 0 makes no empty bin.
	bins := slices.Compact(slices.Sorted(slices.Values(counting)))
	h := newHistogram(len(bins))
	m := &pairsMeasured{bins: len(bins), bin: make([]int, len(s.Scores)), parts: make([][2]uint64, len(s.Scores))}
	for k, x := range s.Scores {
		if p.weight(k) == 0 {
			continue
		}
		m.bin[k], _ = slices.BinarySearch(bins, x)
		// Rounded apart: a label between 0 and 1 gives both parts, and a weight below total/2^53 is lost.
		w, label := p.weight(k)/total*(1<<52), float64(p.Label[k])
		pos, neg := uint64(math.Round(w*label)), uint64(math.Round(w*(1-label)))
		h.pos[m.bin[k]] += pos
		h.neg[m.bin[k]] += neg
		m.parts[k] = [2]uint64{pos, neg}
	}
	m.cut, _ = slices.BinarySearch(bins, s.Threshold)
	if m.metrics, m.defined = h.metrics(m.cut); !m.defined {
		return m, nil
	}
	for f, slope := range h.gradient(m.cut) {
		m.influence[f] = make([]float64, len(m.bin))
		for k, b := range m.bin {
			m.influence[f][k] = float64(m.parts[k][0])*slope.pos[b] + float64(m.parts[k][1])*slope.neg[b]
		}
	}
	return m, nil
}
