package stats

// histogram is the weight of pairs by bin of their score, in rising order.
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
}

func newHistogram(bins int) *histogram {
	return &histogram{pos: make([]uint64, bins), neg: make([]uint64, bins)}
}

func (h *histogram) clear() {
	clear(h.pos)
	clear(h.neg)
}

func (h *histogram) totals() (pos, neg float64) {
	var p, n uint64
	for b := range h.pos {
		p, n = p+h.pos[b], n+h.neg[b]
	}
	return float64(p), float64(n)
}

// curve returns the histogram's curve, which is valid until the next call; ok is false without positives or negatives.
func (h *histogram) curve(cut int) (c *curve, ok bool) {
	c = &h.from
	bins := len(h.pos)
	if len(c.tp) != bins+1 {
		c.tp, c.fp = make([]float64, bins+1), make([]float64, bins+1)
	}
	c.histogram, c.cut = h, cut
	tp, fp := 0.0, 0.0
	for b := bins - 1; b >= 0; b-- {
		tp, fp = tp+float64(h.pos[b]), fp+float64(h.neg[b])
		c.tp[b], c.fp[b] = tp, fp
	}
	c.p, c.n = h.totals()
	return c, c.p > 0 && c.n > 0
}

// metrics returns the metrics over pairs as package metric defines them, pairs of one bin being ties; cut is the
// first bin at or above the frozen threshold. ok is false without positives or without negatives.
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
type slopes struct{ pos, neg []float64 }

// gradient returns the slopes of every metric over pairs at a histogram with positives and negatives.
func (h *histogram) gradient(cut int) (g [numPairMetrics]slopes) {
	c, _ := h.curve(cut)
	for i := range g {
		g[i] = slopes{make([]float64, len(h.pos)), make([]float64, len(h.pos))}
		registry[i].slopes(c, registry[i].binned(c), g[i])
	}
	return g
}
