package tensorboard

import (
	"errors"
	"fmt"
	"math"
)

// buckets is the number of buckets of a histogram, TensorBoard's own default.
const buckets = 30

// histogram is what event files keep of a list of numbers: bucket i counts those from limits[i-1] (the first from
// min) to below limits[i]; the last counts max as well.
type histogram struct {
	min, max, num, sum, sumSquares float64   // of the values; num is their number
	limits, counts                 []float64 // one of each a bucket; limits rise
}

// newHistogram counts values in buckets of equal width between the least and the greatest of them; equal values need
// one bucket, because a width of 0 has none. An empty list and a value that is not finite are errors: TensorBoard would
// drop the point without a word.
func newHistogram(values []float32) (*histogram, error) {
	if len(values) == 0 {
		return nil, errors.New("there are no values")
	}
	h := &histogram{min: math.Inf(1), max: math.Inf(-1), num: float64(len(values))}
	for i, value := range values {
		v := float64(value)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("value %d of %d is %v: leave out what is not finite", i, len(values), v)
		}
		h.min, h.max = min(h.min, v), max(h.max, v)
		h.sum += v
		h.sumSquares += v * v
	}
	if h.min == h.max {
		h.limits, h.counts = []float64{h.max}, []float64{h.num}
		return h, nil
	}
	h.limits, h.counts = make([]float64, buckets), make([]float64, buckets)
	width := (h.max - h.min) / buckets
	for i := range h.limits {
		h.limits[i] = h.min + float64(i+1)*width
	}
	h.limits[buckets-1] = h.max // not a rounding error below it
	for _, v := range values {
		h.counts[min(int((float64(v)-h.min)/width), buckets-1)]++
	}
	return h, nil
}

// binned returns the histogram of counts in bins of equal width from one number to another; nil if all counts are 0.
// The values are not known any more: sums take them to be in the middle of their bin, and min and max are the edges of
// the outermost bins in use.
func binned(counts []int, from, to float64) *histogram {
	h := &histogram{min: to, max: from}
	edge := func(i int) float64 { return from + (to-from)*float64(i)/float64(len(counts)) }
	for i, n := range counts {
		start, end, count := edge(i), edge(i+1), float64(n)
		h.limits, h.counts = append(h.limits, end), append(h.counts, count)
		if n == 0 {
			continue
		}
		// Empty bins at both ends do not count, or min and max would always be those of the bins.
		middle := (start + end) / 2
		h.min, h.max = min(h.min, start), max(h.max, end)
		h.num += count
		h.sum += count * middle
		h.sumSquares += count * middle * middle
	}
	if h.num == 0 {
		return nil
	}
	return h
}
