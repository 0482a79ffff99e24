package stats

// histogram is the weight of pairs by bin of their score, in rising order. Weights are integers, so that sums do not
// depend on the order of pairs. It is used by one goroutine at a time.
type histogram struct {
	pos, neg []uint64
	from     curve // reused by metrics
}

// curve is what all metrics over pairs are computed from: a histogram with its cumulative weights.
type curve struct {
	*histogram
	p, n   float64   // weights of all positives and negatives
	tp, fp []float64 // of those at or above a bin; one entry more, of 0
	cut    int       // the first bin at or above the frozen threshold

	concordant float64 // sum over bins of negatives x (positives above + half of the positives in the bin)
	precision  float64 // sum over bins of positives x precision at the bin's lower edge
}

// newHistogram returns an empty histogram.
func newHistogram(bins int) *histogram {
	return &histogram{pos: make([]uint64, bins), neg: make([]uint64, bins)}
}

// clear sets all weights to 0. A curve of the histogram is no longer valid then.
func (h *histogram) clear() {
	clear(h.pos)
	clear(h.neg)
}

// curve returns the histogram's curve, which is valid until the next call; ok is false without positives or negatives.
//
// One walk also sums what ROC-AUC and average precision need. Each metric could walk over tp and fp itself, but a
// bootstrap computes the metrics once a resample, where a walk over thousands of bins costs about as much as counting
// the pairs of a few hundred items.
func (h *histogram) curve(cut int) (c *curve, ok bool) {
	c = &h.from
	bins := len(h.pos)
	if len(c.tp) != bins+1 {
		c.tp, c.fp = make([]float64, bins+1), make([]float64, bins+1)
	}
	c.histogram, c.cut, c.concordant, c.precision = h, cut, 0, 0
	var pos, neg uint64
	tp, fp := 0.0, 0.0
	for b := bins - 1; b >= 0; b-- {
		if h.pos[b]|h.neg[b] != 0 {
			wp, wn := float64(h.pos[b]), float64(h.neg[b])
			c.concordant += wn * (tp + wp/2)
			tp, fp = tp+wp, fp+wn
			c.precision += wp * tp / (tp + fp)
			pos, neg = pos+h.pos[b], neg+h.neg[b]
		}
		c.tp[b], c.fp[b] = tp, fp
	}
	c.p, c.n = float64(pos), float64(neg)
	return c, c.p > 0 && c.n > 0
}

// metrics returns the metrics over pairs as package metric defines them, pairs of one bin being ties; cut is the
// first bin at or above the frozen threshold, or the number of bins if there is none. ok is false, and f zero, without
// positives or without negatives. It takes O(bins) time and allocates nothing after the first call.
func (h *histogram) metrics(cut int) (f [numPairMetrics]float64, ok bool) {
	c, ok := h.curve(cut)
	if !ok {
		return f, false
	}
	for i := range f {
		f[i] = registry[i].binned(c)
	}
	return f, true
}

// slopes are the derivatives of one metric by the weight of a positive and of a negative pair, by bin of its score.
// Their weighted sum over all pairs is 0 (for the EER approximately), because no metric changes if all weights double.
type slopes struct{ pos, neg []float64 }

// gradient returns the slopes of every metric over pairs at a histogram with positives and negatives; cut is as in
// metrics. It is called once for all items, or once for all pairs.
func (h *histogram) gradient(cut int) (g [numPairMetrics]slopes) {
	c, _ := h.curve(cut)
	for i := range g {
		g[i] = slopes{make([]float64, len(h.pos)), make([]float64, len(h.pos))}
		registry[i].slopes(c, registry[i].binned(c), g[i])
	}
	return g
}
