package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/go-siamese/lab/data/memory"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
)

// Subsamples draws size of n items without replacement, count times, and returns their numbers, from 0, in rising
// order. A size above n means all. Subsample k depends on n, the seed and k alone. It takes O(n count) time. Negative
// numbers, and more subsamples than there is memory for, are errors.
func Subsamples(n, size, count int, seed uint64) ([][]int, error) {
	for _, o := range []struct {
		name  string
		value int
	}{{"n", n}, {"size", size}, {"count", count}} {
		if o.value < 0 {
			return nil, fmt.Errorf("stats: subsamples: %w", option.Errorf(o.name, "%d: want 0 or more", o.value))
		}
	}
	// A header and the kept numbers for each, and once the numbers of all.
	bytes := float64(count)*(24+8*float64(n)) + 8*float64(n)
	if err := memory.Check("drawing subsamples", bytes, option.Do("draw fewer, or of fewer items")); err != nil {
		return nil, err
	}
	provenance.Seed(seed)
	out := make([][]int, count)
	for k := range out {
		out[k] = rand.New(rand.NewPCG(seed, uint64(k))).Perm(n)[:min(n, size)]
		slices.Sort(out[k])
	}
	return out, nil
}

// SubsampleInterval returns the confidence interval of any smooth metric of n items from its values on subsamples of
// them (see [Subsamples]) of share x n items each: if its variance falls as 1/n, it has the variance
//
//	share/(1-share) x variance of the values
//
// because a part of the items differs from all of them by 1/(share n) - 1/n of the variance of a single item
// (Politis, Romano and Wolf 1999, Subsampling, with the correction for a finite population). A half differs from the
// whole as much as the whole does from the truth. The values may be biased against the metric, as when a smaller
// collection makes a search easier; only their variance counts. The interval is Student's with one degree of freedom
// less than there are values, on the log-odds scale for metrics in [0, 1] (low 0), and within [low, 1]. Equal values
// give an interval of width 0.
//
// Fewer than two values, values that are not finite, and a share or a confidence outside (0, 1) are errors;
// confidence 0 means .95.
func SubsampleInterval(value float64, values []float64, share, low, confidence float64) (Interval, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if err := checkConfidence(confidence); err != nil {
		return Interval{}, fmt.Errorf("stats: %w", err)
	}
	if !(share > 0 && share < 1) {
		return Interval{},
			fmt.Errorf("stats: subsamples are %v of the items: want a share between 0 and 1, both excluded",
				share)
	}
	if len(values) < 2 {
		return Interval{}, fmt.Errorf("stats: values on %d subsamples: want two or more", len(values))
	}
	for i, x := range values {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return Interval{}, fmt.Errorf("stats: the value on subsample %d is %v: want finite numbers", i, x)
		}
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(len(values) - 1)}.Quantile((1 + confidence) / 2)
	out := Interval{Value: value, Confidence: confidence, Method: "subsamples"}
	half := t * math.Sqrt(share/(1-share)*stat.Variance(values, nil))
	out.Low, out.High = sample{value: value, low: low, high: 1}.within(half)
	return out, nil
}
