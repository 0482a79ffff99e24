// Package numeric holds statistics of columns that several packages share: means and deviations, quantiles, and from
// which spread on a column counts as constant.
package numeric

import (
	"math"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/parallel"
)

// Moments are statistics of the finite values of every column, each [F]; values that are missing (NaN) or
// infinite are counted and left out. Count, Missing and Infinite add up to N.
type Moments struct {
	Count    []int // finite values
	Missing  []int // NaN
	Infinite []int
	Min, Max []float32 // 0 where there is no finite value
	Mean     []float64
	Std      []float64 // of the population; 0 for a constant column, see ConstantBelow
}

// ColumnMoments returns the moments of the columns of f, whose structure must be sound. Sums are in float64 in
// the order of items, so that the result does not depend on the number of cores.
func ColumnMoments(f *data.Frame) *Moments {
	width := f.F()
	m := &Moments{
		Count: make([]int, width), Missing: make([]int, width), Infinite: make([]int, width),
		Min: make([]float32, width), Max: make([]float32, width),
		Mean: make([]float64, width), Std: make([]float64, width),
	}
	parallel.For((width+FitTile-1)/FitTile, func(t int) {
		m.fit(f, t*FitTile, min(width, (t+1)*FitTile))
	})
	return m
}

// fit handles columns [from, to), at most FitTile of them, in two passes: first the means, then the squared
// differences from them, which loses no digits where a mean is large.
func (m *Moments) fit(f *data.Frame, from, to int) {
	var sum, square [FitTile]float64
	for k := from; k < to; k++ {
		m.Min[k], m.Max[k] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for i := range f.N() {
		for k, v := range f.Row(i)[from:to] {
			switch {
			case v-v == 0: // finite: NaN and infinities give NaN
				m.Count[from+k]++
				sum[k] += float64(v)
				m.Min[from+k], m.Max[from+k] = min(m.Min[from+k], v), max(m.Max[from+k], v)
			case v != v:
				m.Missing[from+k]++
			default:
				m.Infinite[from+k]++
			}
		}
	}
	for k := from; k < to; k++ {
		if m.Count[k] == 0 {
			m.Min[k], m.Max[k] = 0, 0
			continue
		}
		m.Mean[k] = sum[k-from] / float64(m.Count[k])
	}
	for i := range f.N() {
		for k, v := range f.Row(i)[from:to] {
			if v-v == 0 {
				d := float64(v) - m.Mean[from+k]
				square[k] += d * d
			}
		}
	}
	for k := from; k < to; k++ {
		if m.Count[k] == 0 {
			continue
		}
		largest := max(math.Abs(float64(m.Min[k])), math.Abs(float64(m.Max[k])))
		if std := math.Sqrt(square[k-from] / float64(m.Count[k])); std > max(ConstantBelow*largest, SmallestSpread) {
			m.Std[k] = std
		}
	}
}

// Inverse returns 1 / std of every column, [F], 0 for a constant one, which so drops out of products.
func (m *Moments) Inverse() []float64 {
	out := make([]float64, len(m.Std))
	for k, s := range m.Std {
		if s > 0 {
			out[k] = 1 / s
		}
	}
	return out
}
