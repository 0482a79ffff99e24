package preprocess

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/numeric"
)

// checkColumn returns an error that names the first item whose value in column j of f is not allowed, or that no
// item has a value. values [n] are those of the n items: infinity is never allowed, NaN only where it is imputed.
func (t *Transform) checkColumn(f *data.Frame, items []int, j int, values []float32) error {
	impute := t.Spec.Imputing() != ImputeNone
	known := false // with infinity excluded, v == v means a number
	for r, v := range values {
		known = known || v == v
		if v-v != 0 && (v == v || !impute) {
			return fmt.Errorf("item %q column %q is %g; %s", f.IDs[items[r]], f.Columns[j], v, remedy(v))
		}
	}
	if !known {
		return fmt.Errorf("column %q has no known value in the items: drop it", f.Columns[j])
	}
	return nil
}

// remedy returns what to do about a value that is not finite, as the end of an error.
func remedy(v float32) string {
	if v != v {
		return "drop it, fill it or choose to impute"
	}
	return "drop it or fill it"
}

// fitColumn learns the numbers of column j from the values [n] of the items, which it overwrites with the result of
// the first two stages. scratch has room for n values. classes is nil unless the spec uses them.
//
// It returns the mean of the squares of the scaled column, Σ_r ((v_r - Centre_j)·Factor_j)² / n, for [Options].
// EqualBlocks; 0 where nothing is scaled.
func (t *Transform) fitColumn(j int, values, scratch []float32, classes *classes) (square float64) {
	// Missing values are filled before the square root, as in Transform.stages: the order is that of [Options].
	if t.Fill != nil {
		known := scratch[:0]
		for _, v := range values {
			if v == v {
				known = append(known, v)
			}
		}
		t.Fill[j] = centre(known, t.Spec.Imputing() == ImputeMedian)
	}
	for r, v := range values {
		if v != v {
			v = t.Fill[j]
		}
		if t.Spec.SignedSqrt {
			v = signedSqrt(v)
		}
		values[r] = v
	}
	if t.Centre == nil {
		return 0
	}
	n := float64(len(values))
	var largest float64
	for _, v := range values {
		largest = max(largest, math.Abs(float64(v)))
	}
	// A column that varies by no more than the rounding of its values is constant: its factor stays 0.
	least := max(numeric.ConstantBelow*largest, numeric.SmallestSpread)
	var middle, spread float64
	switch t.Spec.Scaling() {
	case ScaleNone:
		t.Factor[j] = 1
	case ScaleStandard:
		middle = mean(values)
		spread = math.Sqrt(squares(values, middle) / n)
	case ScaleWithin:
		middle = mean(values)
		spread = math.Sqrt(squares(values, middle) / n)
		spread = max(classes.deviation(values), leastWithin*spread)
	case ScaleRobust: // where the quartiles are equal, what a normal distribution of that deviation would have
		sorted := append(scratch[:0], values...)
		slices.Sort(sorted)
		middle = numeric.Quantile(sorted, 0.5)
		if spread = numeric.Quantile(sorted, 0.75) - numeric.Quantile(sorted, 0.25); spread <= least {
			spread = numeric.NormalIQR * math.Sqrt(squares(values, mean(values))/n)
		}
	}
	// Centre and Factor are rounded to float32 once; what they give is measured with the rounded factor.
	t.Centre[j] = float32(middle)
	if spread > least {
		t.Factor[j] = float32(1 / spread)
	}
	factor := float64(t.Factor[j])
	return squares(values, middle) * factor * factor / n
}

// centre returns the median or the mean of values, rounded to float32. It may reorder them; none is not allowed.
func centre(values []float32, median bool) float32 {
	if !median {
		return float32(mean(values))
	}
	slices.Sort(values)
	return float32(numeric.Quantile(values, 0.5))
}

// mean returns the mean of values, added in order and in float64, so that the bits are always the same.
func mean(values []float32) float64 {
	var sum float64
	for _, v := range values {
		sum += float64(v)
	}
	return sum / float64(len(values))
}

// squares returns Σ (v - middle)². Unlike Σ v² - n·middle² it loses no digits where the middle is large beside the
// spread.
func squares(values []float32, middle float64) float64 {
	var sum float64
	for _, v := range values {
		d := float64(v) - middle
		sum += d * d
	}
	return sum
}
