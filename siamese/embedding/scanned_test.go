package embedding

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// A scan finds the same neighbours with the same cosines, to the bit, as all cosines sorted: widths with and without a
// rest, copies, zeros, rows that are longer than 1, and blocks of queries that gonum computes in either way.
func TestScannedIsCompared(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, size := range [][3]int{{2, 3000, 33}, {7, 256, 64}, {16, 256, 1}, {20, 300, 33}, {257, 700, 64}, {300, 300, 100}, {64, 2000, 257}} {
		for _, long := range []float32{1, 1.5, 300} {
			items := func(n int) *Embeddings {
				e := &Embeddings{Values: make([]float32, n*size[2]), N: n, E: size[2]}
				for i := range e.Values {
					e.Values[i] = float32(rng.NormFloat64())
				}
				e.ToUnit()
				for i := range e.Values {
					e.Values[i] *= long
				}
				for i := 0; i+9 < n; i += 9 {
					copy(e.Row(i), e.Row(i+3))
				}
				clear(e.Row(n / 2))
				return e
			}
			references := items(size[1])
			queries := &Embeddings{Values: references.Values[:size[0]*size[2]], N: size[0], E: size[2]}
			for _, self := range []bool{size[0] == size[1], false} {
				for _, k := range []int{1, 10, size[1] / 4} {
					name := fmt.Sprintf("%v, times %v, self %v, k %d", size, long, self, k)
					got, ok := scanned(queries, references, k, self)
					if !ok {
						t.Fatalf("%s: no scan", name)
					}
					want, err := compared(queries, references, k, self)
					if err != nil {
						t.Fatal(err)
					}
					for q := range want {
						if !slices.Equal(got[q], want[q]) {
							t.Fatalf("%s, query %d:\n%v, want\n%v", name, q, got[q], want[q])
						}
					}
				}
			}
		}
	}
}

// What a scan cannot order for certain is compared.
func TestScannedRefuses(t *testing.T) {
	for _, number := range []float32{float32(math.NaN()), float32(math.Inf(-1)), 1e25} {
		e := &Embeddings{Values: make([]float32, 300*2), N: 300, E: 2}
		e.Values[100] = number
		if _, ok := scanned(e, e, 3, true); ok {
			t.Errorf("embeddings with %v were scanned", number)
		}
		got, err := Nearest(e, e, 3, true)
		if err != nil || len(got[50]) != 3 || got[0][0].Item == 0 {
			t.Errorf("%v: %v, %v", number, got[50], err)
		}
	}
}
