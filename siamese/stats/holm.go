package stats

import (
	"cmp"
	"fmt"
	"slices"
)

// holm returns p-values adjusted for the number of tests, in the order given: if those below .05 are called
// significant, the chance of at least one false positive is at most .05 (Holm 1979). The error names the value
// outside [0, 1].
func holm(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, x := range p {
		if !(x >= 0 && x <= 1) {
			return nil, fmt.Errorf("stats: p-value %d is %v: want a number from 0 to 1", i, x)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]float64, len(p))
	last := 0.0
	for rank, i := range order {
		last = max(last, min(1, float64(len(p)-rank)*p[i]))
		out[i] = last
	}
	return out, nil
}
