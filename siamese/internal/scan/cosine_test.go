package scan

import (
	"math/rand/v2"
	"testing"
)

// A cosine is the same with and without vectors, and that of a plain sum but for its last digit.
func TestCosine(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for _, width := range []int{1, 3, 15, 16, 17, 64, 255, 1000} {
		z := matrix(rng, 40, width)
		for i := range 39 {
			x, y := z[i*width:][:width], z[(i+1)*width:][:width]
			got := Cosine(x, y)
			var sums [16]float64
			for k := range x {
				sums[k%16] += float64(x[k]) * float64(y[k])
			}
			for n := 8; n > 0; n /= 2 {
				for j := range n {
					sums[j] += sums[j+n]
				}
			}
			if want := float32(max(-1, min(1, sums[0]))); got != want {
				t.Errorf("width %d: %v, want %v", width, got, want)
			}
			if plain := exact(x, y, width)(0, 0); got-plain > 1e-7 || plain-got > 1e-7 {
				t.Errorf("width %d: %v, want about %v", width, got, plain)
			}
		}
	}
}
