package advise

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/stats"
)

// curve returns the learning curve of what was found, with its forecast and check.
func (r *runner) curve(p *plan, found [][]outcome, tested string) *Curve {
	c := &Curve{Of: p.of, Metric: p.metric, Tested: tested, Folds: p.k}
	s := curves{at: p.sizes, ratio: 1 / float64(p.k-1)}
	for _, one := range found {
		values := make([]float64, len(one))
		for k, o := range one {
			values[k] = o.value
		}
		s.values = append(s.values, values)
	}
	for k, size := range p.sizes {
		point := Point{Size: size}
		for _, values := range s.values {
			point.Values = append(point.Values, values[k])
		}
		point.Value = s.at0(k, r.opt.confidence())
		c.Points = append(c.Points, point)
	}
	if len(p.sizes) < leastPoints {
		r.refuse("no forecast over "+p.of, fmt.Errorf("the curve has %d points, and a law with three numbers needs %d",
			len(p.sizes), leastPoints))
		return c
	}
	c.Check = s.check(r.opt.confidence())
	c.Forecast = &Forecast{From: p.now, To: 2 * p.now, Gain: s.forecast(p.now, 2*p.now, r.opt.confidence()),
		Trusted: c.Check != nil && c.Check.Outcome == Holds}
	return c
}

// at0 returns the mean of point k with its interval over folds, within [0, 1].
func (s curves) at0(k int, confidence float64) stats.Interval {
	i := s.interval(func(out int) float64 { return s.mean(out)[k] }, 0, confidence)
	i.Low, i.High = max(0, i.Low), min(1, i.High)
	return i
}
