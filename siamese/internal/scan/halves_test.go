package scan

import (
	"math"
	"testing"
)

// Every number of 16 bits comes back; between two neighbours the nearer one is taken, and the even one in the middle.
// Values are those of numpy.float16.
func TestHalves(t *testing.T) {
	all, values := make([]uint16, 1<<16), make([]float32, 1<<16)
	for h := range all {
		all[h] = uint16(h)
	}
	Floats16(values, all)
	for h, v := range values {
		f := Float(uint16(h))
		if f != f {
			if v == v || Half(v)&0x7fff <= 0x7c00 {
				t.Errorf("%#x is not NaN", h)
			}
			continue
		}
		if math.Float32bits(v) != math.Float32bits(f) || Half(f) != uint16(h) {
			t.Errorf("%#x is %v or %v, and that is %#x", h, f, v, Half(f))
		}
		if next := Float(uint16(h) + 1); h&0x7fff < 0x7bff {
			middle := (f + next) / 2
			if even := uint16(h + h&1); Half(middle) != even {
				t.Errorf("%v is %#x, want %#x", middle, Half(middle), even)
			}
			if up := math.Nextafter32(middle, next); Half(up) != uint16(h)+1 {
				t.Errorf("%v is %#x, want %#x", up, Half(up), h+1)
			}
		}
	}
	for f, want := range map[float32]uint16{.1: 0x2e66, 65504: 0x7bff, 65519: 0x7bff, 65520: 0x7c00, 1e-8: 0,
		6e-8: 1, -2: 0xc000, .33333334: 0x3555} {
		if got := Half(f); got != want {
			t.Errorf("%v is %#x, want %#x", f, got, want)
		}
	}
}
