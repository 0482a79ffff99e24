package metric

import "math"

// decades is the range of the logarithmic scale of error rates, for DET curves: rates from 1e-6 to 1.
const decades = 6

const lowestRate = 1e-6 // 10^-decades

// point keeps p if the curve has moved far enough since the last kept point: by 1/Points of the range of FPR or FNR, or
// of their logarithms. Otherwise 200 million pairs would give a curve of millions of points, and even steps in FPR
// alone would leave out the low rates that a DET curve is about.
func (c *curve) point(p CurvePoint) {
	// The first point, at FPR 0 and FNR 1, was kept when the curve was made.
	q := c.points[len(c.points)-1]
	part := 1 / float64(c.opt.Points)
	if p.FPR-q.FPR >= part || q.FNR-p.FNR >= part || p.FPR > 0 && far(p.FPR, q.FPR, part) || far(q.FNR, p.FNR, part) {
		c.points = append(c.points, p)
	}
}

// far returns whether two rates are as far apart on the logarithmic scale as part, which is well above rounding. Nearly
// all points are not, and log x <= x - 1 tells that without a logarithm.
func far(high, low, part float64) bool {
	if high < max(low, lowestRate)*(1+(1-1e-9)*part*decades*math.Ln10) {
		return false
	}
	return logRate(high)-logRate(low) >= part
}

// logRate returns the position of a rate in [0, 1] on the logarithmic scale: 0 for rates up to 10^-decades, 1 for 1.
func logRate(rate float64) float64 {
	return math.Max(0, 1+math.Log10(math.Max(rate, 1e-300))/decades)
}

// add counts weights wp of positives and wn of negatives that score t, in [Low, High]. The highest score belongs to the
// last bin. If all scores are equal, all are in the first.
func (h *Histogram) add(t, wp, wn float64) {
	bins := len(h.Positives)
	i := 0
	if h.High > h.Low {
		i = min(bins-1, int((t-h.Low)/(h.High-h.Low)*float64(bins)))
	}
	h.Positives[i] += wp
	h.Negatives[i] += wn
}
