package search

import (
	"math/bits"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese/study/space"
)

// Sobol proposes the points of a Sobol sequence, which fills the space more evenly than random points do. A shift by
// the seed (a random digital shift) makes sequences of different seeds differ; numbers of trials that are powers of two
// are filled best.
type Sobol struct{}

// direction defines a dimension of the sequence.
type direction struct {
	polynomial uint32
	first      []uint32
}

// sobolBits is the number of binary digits of a coordinate.
const sobolBits = 30

// Needs returns 0.
func (Sobol) Needs(space.Space, int, int) int { return 0 }

// Propose returns point n of the sequence. More than 64 settings are an error.
func (Sobol) Propose(s space.Space, seed uint64, n, _ int, _ []Trial) (space.Point, error) {
	if len(s) > len(directions)+1 {
		return nil, option.Errorf("Sampler", "a Sobol sequence of %d settings: %d are the most", len(s), len(directions)+1)
	}
	if n >= 1<<sobolBits {
		return nil, ErrExhausted
	}
	shift := rand.New(rand.NewPCG(seed, 1<<36))
	u := make([]float64, len(s))
	for d := range u {
		// Half a digit keeps coordinates off both ends.
		u[d] = (float64(sobol(d, n)^uint32(shift.Uint64()>>(64-sobolBits))) + .5) / (1 << sobolBits)
	}
	return s.At(u), nil
}

func (Sobol) String() string { return "sobol" }

// sobol returns coordinate d of point n, from 0, as a fraction of 2^30. Points are in the order of the Gray code
// (Antonov and Saleev 1979).
func sobol(d, n int) uint32 {
	var x uint32
	gray := uint32(n) ^ uint32(n)>>1
	v := vectors(d)
	for gray != 0 {
		x ^= v[bits.TrailingZeros32(gray)]
		gray &= gray - 1
	}
	return x
}

// vectors returns the direction numbers of a dimension, scaled to 30 digits.
func vectors(d int) [sobolBits]uint32 {
	var v [sobolBits]uint32
	if d == 0 { // van der Corput's sequence
		for k := range v {
			v[k] = 1 << (sobolBits - 1 - k)
		}
		return v
	}
	of := directions[d-1]
	degree := len(of.first)
	for k := range v {
		if k < degree {
			v[k] = of.first[k]
			continue
		}
		// The recurrence of the polynomial, whose highest and lowest digits are 1.
		v[k] = v[k-degree] ^ v[k-degree]<<degree
		for j := 1; j < degree; j++ {
			if of.polynomial>>(degree-j)&1 == 1 {
				v[k] ^= v[k-j] << j
			}
		}
	}
	for k := range v {
		v[k] <<= sobolBits - 1 - k
	}
	return v
}
