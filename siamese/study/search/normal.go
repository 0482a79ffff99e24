package search

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// cdf returns Φ(x), the standard normal distribution function.
func cdf(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// quantile returns Φ⁻¹(p); p is within (0, 1).
func quantile(p float64) float64 {
	return distuv.UnitNormal.Quantile(min(max(p, 1e-300), 1-1e-16))
}

// logMass returns log(Φ(b) - Φ(a)), for a < b, with its digits in both tails.
func logMass(a, b float64) float64 {
	switch {
	case a > 0: // the right tail is the left one, mirrored
		return logMass(-b, -a)
	case b <= 0:
		high, low := logCDF(b), logCDF(a)
		return high + math.Log1p(-math.Exp(low-high))
	}
	return math.Log1p(-cdf(a) - cdf(-b))
}

// logCDF returns log Φ(x) for x <= 0. Far out it is the asymptotic series (Abramowitz and Stegun 26.2.12), up to the
// smallest term.
func logCDF(x float64) float64 {
	if x > -30 {
		return math.Log(cdf(x))
	}
	sum, term := 1., 1.
	for i := 1.; i < 20; i++ {
		term *= -(2*i - 1) / (x * x)
		sum += term
	}
	return -x*x/2 - math.Log(-x) - math.Log(2*math.Pi)/2 + math.Log(sum)
}
