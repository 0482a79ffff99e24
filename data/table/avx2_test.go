package table

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/cpu"
)

// bothWays runs a test with what is made for the processor, where it has that, and in Go alone.
func bothWays(t *testing.T, test func(t *testing.T)) {
	defer func() { hasAVX2 = cpu.X86.HasAVX2 }()
	for _, fast := range []bool{cpu.X86.HasAVX2, false} {
		hasAVX2 = fast
		t.Run(fmt.Sprintf("AVX2=%t", fast), test)
	}
}

// TestTranspose: values of columns come to rows of a wider matrix, whether aligned or not, and nothing is written beside
// them; those that are not finite are counted, wherever they are.
func TestTranspose(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, columns := range []int{1, 7, 8, 9, 16, 31, 32} {
			for _, n := range []int{1, 7, 8, 33, 70} {
				for _, at := range []int{0, 3, 8} {
					for _, width := range []int{at + columns, at + columns + 5, 48} {
						names := make([]string, width)
						m := newMatrix("x", n+2, names, true)
						want := make([]float32, len(m.x))
						for i := range m.x {
							m.x[i] = float32(-i) // overwritten or kept
							want[i] = m.x[i]
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
						m.transpose(cols, n, 1, at)
						same := cmp.Comparer(func(a, b float32) bool { return a == b || a != a && b != b })
						if diff := cmp.Diff(want, m.x, same); diff != "" {
							t.Fatalf("%d columns of %d at %d of %d (-want +got):\n%s", columns, n, at, width, diff)
						}
						if m.nan != nans || m.inf != infs {
							t.Fatalf("%d columns of %d at %d of %d: %d NaN and %d infinite, want %d and %d", columns, n, at, width, m.nan, m.inf, nans, infs)
						}
					}
				}
			}
		}
	})
}

// TestLookPacked: codes of every width stand for the values that a bit by bit reading finds, read in whatever pieces; a code
// outside the dictionary is refused.
func TestLookPacked(t *testing.T) {
	bothWays(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		for width := 1; width <= 26; width++ {
			dict := make([]float32, min(1<<width, 3000))
			for i := range dict {
				dict[i] = rng.Float32()
			}
			const n = 1600
			packed := make([]byte, n*width/8)
			want := make([]float32, n)
			last := rng.IntN(n) // where the last value of the dictionary stands at least
			for i := range want {
				code := rng.IntN(len(dict))
				if i == last {
					code = len(dict) - 1
				}
				want[i] = dict[code]
				for b := range width {
					if code>>b&1 == 1 {
						bit := i*width + b
						packed[bit/8] |= 1 << (bit % 8)
					}
				}
			}
			h := hybrid{packed: packed, width: uint(width), left: n}
			got := make([]float32, n)
			for from := 0; from < n; {
				to := min(n, from+1+rng.IntN(900))
				if !h.lookPacked(got[from:to], dict) {
					t.Fatalf("width %d: codes %d to %d are refused", width, from, to)
				}
				from = to
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("width %d (-want +got):\n%s", width, diff)
			}
			for _, short := range []int{1, (len(dict) + 1) / 2} {
				h = hybrid{packed: packed, width: uint(width), left: n}
				if h.lookPacked(got, dict[:len(dict)-short]) {
					t.Errorf("width %d: codes beyond the dictionary are taken", width)
				}
			}
		}
	})
}
