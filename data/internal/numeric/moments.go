// Package numeric holds statistics of columns that several packages share: means and deviations, quantiles, and from
// which spread on a column counts as constant.
package numeric

import (
	"context"
	"math"

	"github.com/go-siamese/lab/data"
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

// ColumnMoments returns the moments of the columns of f, whose structure must be sound, in two passes over the items:
// first the means, then the squared differences from them, which loses no digits where a mean is large. Sums are in
// float64 in the order of items, so that the result does not depend on the number of cores. The error is that of ctx.
func ColumnMoments(ctx context.Context, f *data.Frame) (*Moments, error) {
	width := f.F()
	m := &Moments{
		Count: make([]int, width), Missing: make([]int, width), Infinite: make([]int, width),
		Min: make([]float32, width), Max: make([]float32, width),
		Mean: make([]float64, width), Std: make([]float64, width),
	}
	for k := range width {
		m.Min[k], m.Max[k] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	sum, square := make([]float64, width), make([]float64, width)
	if err := Pass(ctx, f, FitTile, func(from, to, first, last int) { m.add(f, sum, from, to, first, last) }); err != nil {
		return nil, err
	}
	for k := range width {
		if m.Count[k] == 0 {
			m.Min[k], m.Max[k] = 0, 0
			continue
		}
		m.Mean[k] = sum[k] / float64(m.Count[k])
	}
	if err := Pass(ctx, f, FitTile, func(from, to, first, last int) {
		mean, square := m.Mean[from:to], square[from:to]
		for i := first; i < last; i++ {
			for k, v := range f.Row(i)[from:to] {
				if v-v == 0 {
					d := float64(v) - mean[k]
					square[k] += d * d
				}
			}
		}
	}); err != nil {
		return nil, err
	}
	for k := range width {
		if m.Count[k] == 0 {
			continue
		}
		largest := max(math.Abs(float64(m.Min[k])), math.Abs(float64(m.Max[k])))
		if std := math.Sqrt(square[k] / float64(m.Count[k])); std > max(ConstantBelow*largest, SmallestSpread) {
			m.Std[k] = std
		}
	}
	return m, nil
}

// add counts the values of rows [first, last) in columns [from, to) and adds them to sum.
func (m *Moments) add(f *data.Frame, sum []float64, from, to, first, last int) {
	sum = sum[from:to]
	for i := first; i < last; i++ {
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
