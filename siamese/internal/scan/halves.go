package scan

import (
	"math"
	"sync"
)

// Half returns the number of 16 bits (IEEE 754 binary16) nearest to f, ties to even; what is too large is infinite.
func Half(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	switch b &= 1<<31 - 1; {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x47800000: // 65536
		return sign | 0x7c00
	case b < 0x38800000: // below 2^-14, in steps of 2^-24
		return sign | uint16(math.RoundToEven(float64(math.Float32frombits(b))*(1<<24)))
	default:
		// The exponent changes its bias; rounding may carry into it, which gives the next power of two or infinity.
		b -= 112 << 23
		return sign | uint16((b+0xfff+b>>13&1)>>13)
	}
}

// Float returns the value of a number of 16 bits.
func Float(h uint16) float32 {
	exponent, digits := int(h>>10&31), float64(h&1023)
	value := math.Ldexp(1024+digits, exponent-25)
	switch exponent {
	case 0:
		value = math.Ldexp(digits, -24)
	case 31:
		if value = math.Inf(1); digits != 0 {
			return float32(math.NaN())
		}
	}
	return float32(math.Copysign(value, 1-float64(h>>15)*2))
}

// halfValues returns the values of all numbers of 16 bits, for processors that cannot convert them: 256 KiB, which are
// not computed before they are needed.
var halfValues = sync.OnceValue(func() []float32 {
	all := make([]float32, 1<<16)
	for h := range all {
		all[h] = Float(uint16(h))
	}
	return all
})

// Floats16 writes the values of numbers of 16 bits to out, which is as long.
func Floats16(out []float32, in []uint16) {
	n := halvesToFloats(out, in)
	if n == len(in) {
		return
	}
	value := Float
	if !hasHalves {
		all := halfValues()
		value = func(h uint16) float32 { return all[h] }
	}
	for k := n; k < len(in); k++ {
		out[k] = value(in[k])
	}
}
