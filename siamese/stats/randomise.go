package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/provenance"
)

// flips is the number of random swaps; if there are fewer possible swaps, all of them are tried.
const flips = 9999

// randomise returns the two-sided p-value of the hypothesis that two systems are equal, from the differences of a
// metric by unit: under it the two values of a unit can be swapped, which changes the sign of the difference (Fisher
// 1935; Noreen 1989; Smucker, Allan and Carterette 2007). p is the share of swaps whose sum is at least as far from 0
// as the observed one: of all 2^n swaps if these are at most flips, else of flips random ones and the observed one.
// Without differences other than 0 it is 1. It takes O(flips x units) time.
func randomise(differences []float64, seed uint64) float64 {
	var d []float64
	var observed, scale float64
	for _, x := range differences {
		if x != 0 { // swapping equal values changes nothing
			d = append(d, x)
			observed += x
			scale += math.Abs(x)
		}
	}
	// Sums that differ by rounding are equal.
	far := math.Abs(observed) - 1e-12*scale
	if n := len(d); n < bits.Len(flips) {
		hits := 0
		for signs := range uint64(1) << n {
			if math.Abs(signed(d, func() uint64 { return signs })) >= far {
				hits++
			}
		}
		return float64(hits) / float64(uint64(1)<<n)
	}
	provenance.Seed(seed)
	rng := rand.New(rand.NewPCG(seed, 0x73776170)) // "swap"
	hits := 1                                      // the observed one
	for range flips {
		if math.Abs(signed(d, func() uint64 { return rng.Uint64() })) >= far {
			hits++
		}
	}
	return float64(hits) / (flips + 1)
}

// signed returns the sum of d with the sign of each number changed where its bit is 1. bit returns the next 64 bits,
// the first number's bit the lowest.
func signed(d []float64, bit func() uint64) (sum float64) {
	for from := 0; from < len(d); from += 64 {
		signs := bit()
		for _, x := range d[from:min(len(d), from+64)] {
			if signs&1 == 1 {
				x = -x
			}
			sum += x
			signs >>= 1
		}
	}
	return sum
}
