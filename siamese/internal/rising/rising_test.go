package rising

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The order is that of a stable sort by comparisons.
func TestOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	odd := []float64{math.NaN(), math.Inf(-1), math.Inf(1), 0, math.Copysign(0, -1), math.SmallestNonzeroFloat64,
		-math.MaxFloat64, 1, -1, math.Nextafter(1, 2)}
	for _, n := range []int{0, 1, 2, 17, 5000} {
		values, keys := make([]float64, n), make([]uint64, n)
		for k := range values {
			values[k], keys[k] = math.Round(rng.NormFloat64()*50)/64, rng.Uint64N(1<<(1+rng.IntN(63)))
			if k%5 == 0 {
				values[k] = odd[rng.IntN(len(odd))]
			}
		}
		want, wantKeys := make([]int32, n), make([]int32, n)
		for k := range want {
			want[k], wantKeys[k] = int32(k), int32(k)
		}
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
		slices.SortStableFunc(wantKeys, func(a, b int32) int { return cmp.Compare(keys[a], keys[b]) })
		if got := Order(values); !slices.Equal(got, want) {
			t.Errorf("%d values: order differs", n)
		}
		if got := ByKey(keys); !slices.Equal(got, wantKeys) {
			t.Errorf("%d keys: order differs", n)
		}
	}
}

func BenchmarkOrder(b *testing.B) {
	for _, n := range []int{500_000} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			rng, values := rand.New(rand.NewPCG(1, 2)), make([]float64, n)
			for k := range values {
				values[k] = rng.Float64()
			}
			for b.Loop() {
				Order(values)
			}
		})
	}
}
