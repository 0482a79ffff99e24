package reading

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTranspose: values of columns come to rows of a wider matrix, nothing is written beside them, and those that are
// not finite are counted, wherever they are.
func TestTranspose(t *testing.T) {
	nan := float32(math.NaN())
	rng := rand.New(rand.NewPCG(1, 2))
	for _, columns := range []int{1, 7, 8, 9, 16, 31, 32} {
		for _, n := range []int{1, 7, 8, 33, 70} {
			for _, at := range []int{0, 3, 8} {
				for _, width := range []int{at + columns, at + columns + 5, 48} {
					names := make([]string, width)
					m := NewMatrix("x", n+2, names, true)
					want := make([]float32, len(m.X))
					for i := range m.X {
						m.X[i] = float32(-i) // overwritten or kept
						want[i] = m.X[i]
					}
					nans, infs := 0, 0
					cols := make([][]float32, columns)
					for k := range cols {
						cols[k] = make([]float32, n)
						for i := range n {
							v := rng.Float32() - .5
							switch rng.IntN(40) {
							case 0:
								v, nans = nan, nans+1
							case 1:
								v, infs = float32(math.Inf(rng.IntN(2)*2-1)), infs+1
							}
							cols[k][i] = v
							if want[(i+1)*width+at+k] = v; v-v != 0 {
								want[(i+1)*width+at+k] = nan
							}
						}
					}
					m.Transpose(cols, n, 1, at)
					same := cmp.Comparer(func(a, b float32) bool { return a == b || a != a && b != b })
					if diff := cmp.Diff(want, m.X, same); diff != "" {
						t.Fatalf("%d columns of %d at %d of %d (-want +got):\n%s", columns, n, at, width, diff)
					}
					if m.NaN != nans || m.Inf != infs {
						t.Fatalf("%d columns of %d at %d of %d: %d NaN and %d infinite, want %d and %d", columns, n, at,
							width, m.NaN, m.Inf, nans, infs)
					}
				}
			}
		}
	}
}
