package advise

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/siamese/stats"
)

// leastPoints is the least number of sizes that a forecast is made from: the law has three numbers.
const leastPoints = 4

// usualExponent is the middle of the prior of exponents.
const usualExponent = .7

// curves are J learning curves of m sizes, whose test items differ.
type curves struct {
	at     []float64   // [m] sizes, rising
	values [][]float64 // [J][m]
	// ratio is that of test to training units of a fold: curves share training items, see [stats.Folds].
	ratio float64
}

// exponents are the values of c that are tried, those of learning curves in the literature and some on both sides.
func exponents() []float64 {
	return []float64{.1, .15, .2, .3, .4, .5, .65, .8, 1, 1.25, 1.6, 2}
}

// mean returns the mean curve, without curve number out; -1 = of all.
func (s curves) mean(out int) []float64 {
	mean := make([]float64, len(s.at))
	n := 0.
	for j, curve := range s.values {
		if j == out {
			continue
		}
		n++
		for k, v := range curve {
			mean[k] += v
		}
	}
	for k := range mean {
		mean[k] /= n
	}
	return mean
}

// spread returns the variances of the points of the mean curve by which they are weighed: of the values once their
// curve's own level is taken off, since a fold that is harder than others is so at every size. Each is mixed with their
// mean, because they come from few curves.
func (s curves) spread() []float64 {
	m := len(s.at)
	rest := make([][]float64, m)
	for _, curve := range s.values {
		level := stat.Mean(curve, nil)
		for k, v := range curve {
			rest[k] = append(rest[k], v-level)
		}
	}
	out, all := make([]float64, m), 0.
	for k := range out {
		out[k] = stat.Variance(rest[k], nil) * (1/float64(len(s.values)) + s.ratio)
		all += out[k] / float64(m)
	}
	for k := range out {
		out[k] = max((out[k]+all)/2, 1e-8)
	}
	return out
}

// gain returns by how much the saturating power law a - b n^-c that goes through the mean curve rises from one size to
// another: the mean over exponents c, each weighed by how well the best line for it fits (the likelihood of normal
// errors) and by a prior, log-normal around .7 with deviation 1, with the variance between exponents. Few points hardly
// tell one exponent from another: a single best one would jump between them, and without the prior those near 0, which
// say that there is no end, would make forecasts too high.
func gain(at, mean, variance []float64, from, to float64) (value, between float64) {
	list := exponents()
	gains, fit := make([]float64, len(list)), make([]float64, len(list))
	best := math.Inf(1)
	for i, c := range list {
		// y = a - b x, x = n^-c, weighed by 1/variance.
		var w, wx, wy, wxx, wxy float64
		for k, n := range at {
			x, weight := math.Pow(n, -c), 1/variance[k]
			w += weight
			wx += weight * x
			wy += weight * mean[k]
			wxx += weight * x * x
			wxy += weight * x * mean[k]
		}
		slope := 0.
		if d := w*wxx - wx*wx; d > 0 {
			slope = (w*wxy - wx*wy) / d
		}
		a := (wy - slope*wx) / w
		for k, n := range at {
			r := mean[k] - a - slope*math.Pow(n, -c)
			fit[i] += r * r / variance[k]
		}
		gains[i] = slope * (math.Pow(to, -c) - math.Pow(from, -c))
		best = min(best, fit[i])
	}
	sum := 0.
	for i, g := range gains {
		l := math.Log(list[i] / usualExponent)
		fit[i] = math.Exp((best - fit[i] - l*l) / 2)
		sum += fit[i]
		value += fit[i] * g
	}
	value /= sum
	for i, g := range gains {
		between += fit[i] / sum * (g - value) * (g - value)
	}
	return value, between
}

// interval returns the interval of a number of the curves: its value on all of them, value(-1), with the spread of its
// values without one curve each (the jackknife; Efron and Tibshirani 1993, chapter 11), widened for curves that share
// training items as [stats.Folds] does it, by extra, a variance of its own, and Student's quantile.
func (s curves) interval(value func(out int) float64, extra, confidence float64) stats.Interval {
	n := float64(len(s.values))
	all := value(-1)
	without := make([]float64, len(s.values))
	for j := range without {
		without[j] = value(j)
	}
	// (J-1)/J Σ (g_j - mean)²; stat.Variance divides by J-1.
	variance := (n-1)*(n-1)/n*stat.Variance(without, nil)*(1+n*s.ratio) + extra
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile((1+confidence)/2) * math.Sqrt(variance)
	return stats.Interval{Value: all, Low: all - half, High: all + half, Confidence: confidence, Method: "jackknife"}
}

// forecast returns by how much the metric rises from one size to another, with its interval.
func (s curves) forecast(from, to, confidence float64) stats.Interval {
	variance := s.spread()
	_, between := gain(s.at, s.mean(-1), variance, from, to)
	return s.interval(func(out int) float64 {
		v, _ := gain(s.at, s.mean(out), variance, from, to)
		return v
	}, between, confidence)
}

// first returns the curves of the first m sizes.
func (s curves) first(m int) curves {
	out := curves{at: s.at[:m], ratio: s.ratio}
	for _, curve := range s.values {
		out.values = append(out.values, curve[:m])
	}
	return out
}

// check leaves out the points above half of the largest size, one at least, and compares what the others forecast
// with what was measured. nil where fewer than leastPoints-1 are left.
func (s curves) check(confidence float64) *Check {
	m := len(s.at)
	kept := m - 1
	for kept > leastPoints-1 && s.at[kept-1] > s.at[m-1]/2 {
		kept--
	}
	if kept < leastPoints-1 {
		return nil
	}
	few := s.first(kept)
	from, to := s.at[kept-1], s.at[m-1]
	c := &Check{From: from, To: to, Forecast: few.forecast(from, to, confidence)}
	measured := func(out int) float64 {
		mean := s.mean(out)
		return mean[m-1] - mean[kept-1]
	}
	c.Measured = s.interval(measured, 0, confidence)
	// Of one set of curves, so that what a fold has in common cancels out.
	variance := few.spread()
	_, between := gain(few.at, few.mean(-1), variance, from, to)
	c.Difference = s.interval(func(out int) float64 {
		v, _ := gain(few.at, few.mean(out), variance, from, to)
		return v - measured(out)
	}, between, confidence)
	switch {
	case !c.Difference.Holds(0):
		c.Outcome = Fails
	case c.Difference.High-c.Difference.Low > 2*mostUnsure:
		c.Outcome = Unclear
	default:
		c.Outcome = Holds
	}
	return c
}

// mostUnsure is how far to both sides the difference of a forecast from what was measured may reach, for the check to
// say anything.
const mostUnsure = .1
