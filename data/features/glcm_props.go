package features

import (
	"fmt"
	"math"
	"math/bits"
)

// Property is a number computed from a co-occurrence matrix, by the name that scikit-image has for it.
type Property string

// The properties of a matrix p whose entries sum to 1, with levels i and j (Haralick, Shanmugam and Dinstein, 1973;
// Hall-Beyer, "GLCM Texture: A Tutorial", 2017). Mean and variance are those of the first level, as in scikit-image.
const (
	Contrast      Property = "contrast"      // Σ p(i,j) (i-j)²
	Dissimilarity Property = "dissimilarity" // Σ p(i,j) |i-j|
	Homogeneity   Property = "homogeneity"   // Σ p(i,j) / (1+(i-j)²)
	ASM           Property = "ASM"           // Σ p(i,j)², the angular second moment
	Energy        Property = "energy"        // √ASM
	Correlation   Property = "correlation"   // Σ p(i,j) (i-μi)(j-μj) / (σi σj); 1 when σi or σj is 0
	Entropy       Property = "entropy"       // -Σ p(i,j) ln p(i,j)
	Mean          Property = "mean"          // μ = Σ p(i,j) i
	Variance      Property = "variance"      // Σ p(i,j) (i-μ)²
	Std           Property = "std"           // √variance
)

// Properties lists all properties of a co-occurrence matrix. Do not change it.
var Properties = []Property{Contrast, Dissimilarity, Homogeneity, ASM, Energy, Correlation, Entropy, Mean, Variance,
	Std}

// Property returns one property of every matrix, shape [Distances, Angles], as scikit-image's graycoprops does.
// Matrices of counts are normalised first; a matrix without any pair has correlation 1 and is 0 in all else.
// It is an error when the property is not one of [Properties].
func (m *CoMatrix) Property(p Property) ([]float64, error) {
	out := make([]float64, m.Distances*m.Angles)
	for k := range out {
		v, ok := propertyOf(m.matrix(k/m.Angles, k%m.Angles), m.Levels, p)
		if !ok {
			return nil, fmt.Errorf("unknown property %q of a co-occurrence matrix, want one of %q", p, Properties)
		}
		out[k] = v
	}
	return out, nil
}

// propertyOf computes a property directly by its formula: slow, and the yardstick for [pairSums]. p is a matrix
// [levels, levels] of counts or shares; one of zeros is divided by 1, which makes every sum 0. false = the property is
// unknown.
func propertyOf(p []float64, levels int, prop Property) (float64, bool) {
	total := 0.0
	for _, v := range p {
		total += v
	}
	if total == 0 {
		total = 1
	}
	sum := func(f func(i, j, v float64) float64) (s float64) {
		for k, v := range p {
			s += f(float64(k/levels), float64(k%levels), v/total)
		}
		return s
	}
	mean := func() float64 { return sum(func(i, _, v float64) float64 { return v * i }) }
	variance := func() float64 {
		mu := mean()
		return sum(func(i, _, v float64) float64 { return v * (i - mu) * (i - mu) })
	}
	asm := func() float64 { return sum(func(_, _, v float64) float64 { return v * v }) }
	switch prop {
	case Contrast:
		return sum(func(i, j, v float64) float64 { return v * (i - j) * (i - j) }), true
	case Dissimilarity:
		return sum(func(i, j, v float64) float64 { return v * math.Abs(i-j) }), true
	case Homogeneity:
		return sum(func(i, j, v float64) float64 { return v / (1 + (i-j)*(i-j)) }), true
	case ASM:
		return asm(), true
	case Energy:
		return math.Sqrt(asm()), true
	case Entropy:
		return sum(func(_, _, v float64) float64 {
			if v == 0 {
				return 0
			}
			return -v * math.Log(v)
		}), true
	case Mean:
		return mean(), true
	case Variance:
		return variance(), true
	case Std:
		return math.Sqrt(variance()), true
	case Correlation:
		muJ := sum(func(_, j, v float64) float64 { return v * j })
		varJ := sum(func(_, j, v float64) float64 { return v * (j - muJ) * (j - muJ) })
		muI, varI := mean(), variance()
		// Rounding leaves a little of a variance that is 0; scikit-image draws the line here.
		if math.Sqrt(varI) < 1e-15 || math.Sqrt(varJ) < 1e-15 {
			return 1, true
		}
		cov := sum(func(i, j, v float64) float64 { return v * (i - muI) * (j - muJ) })
		return cov / math.Sqrt(varI*varJ), true
	}
	return 0, false
}

// pairSums holds the sums from which all properties of a matrix of counts follow, in whole numbers and
// therefore exact. They fit 64 bits: an offset has at most 2^28 pairs, 2^29 in both orders, of levels below 2^8.
type pairSums struct {
	n               uint64  // pairs
	i, j            uint64  // Σ i, Σ j
	ii, jj, ij      uint64  // Σ i², Σ j², Σ ij
	squares         uint64  // Σ count²
	contrast, apart uint64  // Σ (i-j)², Σ |i-j|
	homogeneity     float64 // Σ 1/(1+(i-j)²)
	logs            float64 // Σ count ln count
}

// property returns a property of the matrix of counts that the sums were taken of. With n pairs, Σ over p is Σ over
// counts divided by n; a variance is (n Σi² - (Σi)²) / n², and the correlation
// (n Σij - Σi Σj) / √((n Σi² - (Σi)²) (n Σj² - (Σj)²)).
func (s *pairSums) property(p Property) float64 {
	if s.n == 0 {
		if p == Correlation {
			return 1
		}
		return 0
	}
	n := float64(s.n)
	switch p {
	case Contrast:
		return float64(s.contrast) / n
	case Dissimilarity:
		return float64(s.apart) / n
	case Homogeneity:
		return s.homogeneity / n
	case ASM:
		return float64(s.squares) / (n * n)
	case Energy:
		return math.Sqrt(float64(s.squares)) / n
	case Entropy:
		return max(0, math.Log(n)-s.logs/n)
	case Mean:
		return float64(s.i) / n
	case Variance:
		return productDiff(s.n, s.ii, s.i, s.i) / (n * n)
	case Std:
		return math.Sqrt(productDiff(s.n, s.ii, s.i, s.i)) / n
	}
	// Correlation: with whole numbers, a variance of zero is zero and not a rounding error.
	varI, varJ := productDiff(s.n, s.ii, s.i, s.i), productDiff(s.n, s.jj, s.j, s.j)
	if varI == 0 || varJ == 0 {
		return 1
	}
	return productDiff(s.n, s.ij, s.i, s.j) / math.Sqrt(varI*varJ)
}

// productDiff returns ab - cd, rounded once: it is taken in 128 bits, where a difference of two large products in
// float64 would lose its digits. |ab - cd| must be below 2^127.
func productDiff(a, b, c, d uint64) float64 {
	hi, lo := bits.Mul64(a, b)
	hi2, lo2 := bits.Mul64(c, d)
	lo, borrow := bits.Sub64(lo, lo2, 0)
	hi, _ = bits.Sub64(hi, hi2, borrow)
	if int64(hi) >= 0 {
		return float64(hi)*(1<<64) + float64(lo)
	}
	lo, carry := bits.Add64(^lo, 1, 0)
	return -(float64(^hi+carry)*(1<<64) + float64(lo))
}
