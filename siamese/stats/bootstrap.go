package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// sample holds what an interval is computed from: the value, its resamples (for BCa and percentile) and the influences
// of the units on it (for Delta, and for BCa's acceleration).
type sample struct {
	value     float64
	low, high float64   // range of the metric: [0, 1], or [-1, 1] for a difference
	defined   bool      // whether the value is; if not, the interval is the whole range
	drawn     []float64 // resamples in which it is defined; none with Delta
	lost      int       // resamples in which it is not
	influence []float64 // by unit; their mean is 0
	seeds     float64   // variance of the value due to the choice of runs, for Delta; 0 for one run
	runs      int       // trainings that the value is the mean of
}

// interval returns the interval of a sample and its standard error (0 if undefined). opt has its defaults. It sorts
// s.drawn. With fewer than half of the resamples left the interval is undefined: those that were lost are not a random
// choice, so the others would say too little. Several runs have percentile intervals even if opt asks for BCa.
func (s sample) interval(opt Options) (Interval, float64) {
	i := Interval{Value: s.value, Low: s.low, High: s.high, Confidence: opt.Confidence, Method: "undefined"}
	if !s.defined || opt.Method != Delta && len(s.drawn) < opt.Resamples/2 {
		return i, 0
	}
	if opt.Method == Delta {
		i.Method = string(Delta)
		e := s.standardError()
		i.Low, i.High = s.normal(e, opt.Confidence)
		return i, e
	}
	// Percentile takes these quantiles unchanged, BCa moves them.
	slices.Sort(s.drawn)
	tail := (1 - opt.Confidence) / 2
	low, high := tail, 1-tail
	i.Method = string(Percentile)
	if opt.Method == BCa && s.runs == 1 { // the influences do not cover runs
		i.Method = string(BCa)
		low, high = s.corrected(low), s.corrected(high)
	}
	at := func(p float64) float64 {
		return min(s.high, max(s.low, between(s.drawn, p)))
	}
	i.Low, i.High = at(low), at(high)
	return i, stat.StdDev(s.drawn, nil)
}

// standardError returns sqrt(n/(n-1) x sum of squared influences + variance between runs): the infinitesimal jackknife
// (Efron 1982) for n independent units. The factor makes it that of the usual n-1 for a mean.
func (s sample) standardError() float64 {
	var sum float64
	for _, x := range s.influence {
		sum += x * x
	}
	if n := float64(len(s.influence)); n > 1 {
		sum *= n / (n - 1)
	}
	return math.Sqrt(sum + s.seeds)
}

// normal returns the normal interval of standard error e. Metrics in [0, 1] use the log-odds scale, which is closer to
// normal near the ends and never leaves the range:
//
//	sigmoid(log(v/(1-v)) +- z e / (v (1-v)))      v the value
//
// Differences, and values of exactly 0 or 1 (where the scale is not finite), have value +- z e, cut to the range.
func (s sample) normal(e, confidence float64) (low, high float64) { return s.within(z(confidence) * e) }

// within returns the interval of this half-width, on the scale of normal.
func (s sample) within(half float64) (low, high float64) {
	if s.low == 0 && s.value > 0 && s.value < 1 {
		middle, half := math.Log(oddsOf(s.value)), half/(s.value*(1-s.value))
		return sigmoid(middle - half), sigmoid(middle + half)
	}
	return max(s.low, s.value-half), min(s.high, s.value+half)
}

// corrected returns BCa's quantile in place of the percentile method's p (Efron 1987): Phi(b + (b+z)/(1 - a(b+z))),
// with the bias b from the share of resamples below the value and the acceleration a from the influences (equation
// 6.6). Resamples equal to the value count half, or a metric of few distinct values, such as Recall@1, would look
// biased. p is in (0, 1), and so is the result, or it is 0 or 1.
func (s sample) corrected(p float64) float64 {
	var below float64
	for _, x := range s.drawn {
		switch {
		case x < s.value:
			below++
		case x == s.value:
			below += .5
		}
	}
	// Half a resample at either end keeps the bias finite if all resamples are on one side.
	n := float64(len(s.drawn))
	bias := distuv.UnitNormal.Quantile(min(n-.5, max(.5, below)) / n)
	var squares, cubes float64
	for _, x := range s.influence {
		squares += x * x
		cubes += x * x * x
	}
	a := 0.0
	if squares > 0 {
		a = cubes / math.Pow(squares, 1.5) / 6
	}
	w := bias + distuv.UnitNormal.Quantile(p)
	if 1-a*w <= 0 {
		return math.Round(p) // so skewed that the end is that of all resamples
	}
	return min(1, max(0, distuv.UnitNormal.CDF(bias+w/(1-a*w))))
}

// between returns the p quantile of sorted numbers, interpolated linearly (Hyndman and Fan 1996, definition 7). Unlike
// gonum's quantiles it is symmetric: changing all signs changes the sign of the 1-p quantile, so that the intervals of
// B - A and of A - B mirror each other. There must be two numbers or more; p is in [0, 1].
func between(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-2)
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
