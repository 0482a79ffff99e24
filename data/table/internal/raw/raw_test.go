package raw

import (
	"math"
	"testing"
)

// TestHalves compares all float16 with their value by definition.
func TestHalves(t *testing.T) {
	for bits := range 1 << 16 {
		sign, exponent, fraction := 1-2*float64(bits>>15), bits>>10&31, float64(bits&1023)
		want := sign * math.Ldexp(1+fraction/1024, exponent-15)
		switch {
		case exponent == 0:
			want = sign * math.Ldexp(fraction, -24)
		case exponent == 31 && fraction == 0:
			want = sign * math.Inf(1)
		case exponent == 31:
			want = math.NaN()
		}
		got := Float16(uint16(bits))
		if want != want && got == got || want == want && math.Float32bits(got) != math.Float32bits(float32(want)) &&
			want != 0 {
			t.Fatalf("%#x is %g, want %g", bits, got, want)
		}
		if want == 0 && (got != 0 || math.Signbit(float64(got)) != (bits>>15 == 1)) {
			t.Fatalf("%#x is %g", bits, got)
		}
	}
}
