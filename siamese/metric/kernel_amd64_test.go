package metric

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/klauspost/cpuid/v2"
)

// TestKeysAsGonum: keys of eight pairs at a time are to the bit those of gonum's dot products, for any number of
// columns, of scores beyond 1 too, and nothing else is written.
func TestKeysAsGonum(t *testing.T) {
	t.Parallel()
	if !cpuid.CPU.Supports(cpuid.AVX2) {
		t.Skip("this processor has no AVX2")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, width := range []int{16, 48, 256, 1776} {
		for _, cols := range []int{1, 3, 4, 5, 8, 39, 130} {
			for _, rows := range []int{4, 12} {
				t.Run(fmt.Sprintf("%d x %d, %d wide", rows, cols, width), func(t *testing.T) {
					draw := func(n int) []float32 {
						out := make([]float32, n*width)
						for k := range out {
							out[k] = float32(rng.NormFloat64() / math.Sqrt(float64(width)))
						}
						return out
					}
					a, b := draw(rows), draw(cols)
					for k := range width { // scores of about 1, and where there is room beyond 1 and below -1
						b[k] = a[k]
						if cols > 2 {
							b[width+k], b[2*width+k] = 2*a[k], -2*a[k]
						}
					}
					stride := cols + 3
					want, got := make([]int32, rows*stride), make([]int32, rows*stride)
					dotKeys(want, stride, a, rows, b, cols, width)
					dotKeys2x4(got, stride, a, rows, b, cols, width)
					if !slices.Equal(got, want) {
						t.Errorf("keys %v\nwant %v", got, want)
					}
				})
			}
		}
	}
}
