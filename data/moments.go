package data

import "github.com/go-siamese/lab/data/parallel"

import "math"

// moments are what the finite values of every column have in common; values that are missing
// (NaN) or infinite are counted and left out.
type moments struct {
	count    []int // finite values
	missing  []int // NaN
	infinite []int
	min, max []float32 // 0 where there is no finite value
	mean     []float64
	std      []float64 // of the population; 0 for a constant column, see constantBelow
}

// columnMoments takes sums in float64 in the order of items, so that the result does not
// depend on the number of cores.
func columnMoments(f *Frame) *moments {
	width := f.F()
	m := &moments{
		count: make([]int, width), missing: make([]int, width), infinite: make([]int, width),
		min: make([]float32, width), max: make([]float32, width),
		mean: make([]float64, width), std: make([]float64, width),
	}
	parallel.For((width+fitTile-1)/fitTile, func(t int) {
		m.fit(f, t*fitTile, min(width, (t+1)*fitTile))
	})
	return m
}

// fit handles columns [from, to) in two passes: first the means, then the squared differences from them, which loses
// no digits where a mean is large.
func (m *moments) fit(f *Frame, from, to int) {
	var sum, square [fitTile]float64
	for k := from; k < to; k++ {
		m.min[k], m.max[k] = float32(math.Inf(1)), float32(math.Inf(-1))
	}
	for i := range f.N() {
		for k, v := range f.Row(i)[from:to] {
			switch {
			case v-v == 0:
				m.count[from+k]++
				sum[k] += float64(v)
				m.min[from+k], m.max[from+k] = min(m.min[from+k], v), max(m.max[from+k], v)
			case v != v:
				m.missing[from+k]++
			default:
				m.infinite[from+k]++
			}
		}
	}
	for k := from; k < to; k++ {
		if m.count[k] == 0 {
			m.min[k], m.max[k] = 0, 0
			continue
		}
		m.mean[k] = sum[k-from] / float64(m.count[k])
	}
	for i := range f.N() {
		for k, v := range f.Row(i)[from:to] {
			if v-v == 0 {
				d := float64(v) - m.mean[from+k]
				square[k] += d * d
			}
		}
	}
	for k := from; k < to; k++ {
		if m.count[k] == 0 {
			continue
		}
		largest := max(math.Abs(float64(m.min[k])), math.Abs(float64(m.max[k])))
		if std := math.Sqrt(square[k-from] / float64(m.count[k])); std > max(constantBelow*largest, smallestSpread) {
			m.std[k] = std
		}
	}
}

// inverse returns 1 / std of every column, 0 for a constant one.
func (m *moments) inverse() []float64 {
	out := make([]float64, len(m.std))
	for k, s := range m.std {
		if s > 0 {
			out[k] = 1 / s
		}
	}
	return out
}
