package rawtiff

import "math"

// white is the chromaticity of the light under which colours of L*a*b* are white, and what turns their XYZ into linear
// sRGB, whose own white is D65.
type white struct {
	x, y   float64
	matrix [9]float64
}

// The whites that are known. The matrices are those of B. Lindbloom (RGB/XYZ Matrices), the first one with the
// adaptation of Bradford in it, which is that of ICC profiles.
var (
	d50 = white{0.34567, 0.35850, [9]float64{3.1338561, -1.6168667, -0.4906146, -0.9787684, 1.9161415, 0.0334540,
		0.0719453, -0.2289914, 1.4052427}}
	d65 = white{0.31271, 0.32902, [9]float64{3.2404542, -1.5371385, -0.4985314, -0.9692660, 1.8760108, 0.0415560,
		0.0556434, -0.2040259, 1.0572252}}
)

// white returns the white of the file (tag 318, two fractions), D50 where it says nothing; ok is false for one that is
// not known.
func (f *File) white() (w white, ok bool) {
	given := f.tags[tagWhite]
	if len(given) < 2 {
		return d50, true
	}
	x, y := f.fraction(given[0]), f.fraction(given[1])
	for _, w := range []white{d50, d65} {
		if math.Abs(x-w.x) < 2e-3 && math.Abs(y-w.y) < 2e-3 {
			return w, true
		}
	}
	return white{}, false
}

// fraction returns a fraction that was read as one number of 64 bits: numerator and denominator follow each other.
func (f *File) fraction(v uint64) float64 {
	first, second := v>>32, v&math.MaxUint32
	if f.order.Uint16([]byte{1, 0}) == 1 { // little-endian
		first, second = second, first
	}
	return float64(first) / float64(second)
}

// fromLab turns values [pixels, Samples] of L*a*b* into red, green and blue of the same bits, in place: sRGB, clipped
// where a colour is beyond it. Further samples stay. How numbers of 8 and 16 bits stand for L*a*b* is in TIFF 6.0,
// section 23; L* of 16 bits is as in libtiff, and that of ICC colours as in their profiles (100 is ff00).
func (f *File) fromLab(values []float32, w white) {
	top := math.Exp2(float64(f.Bits)) - 1
	scaleL, scale := 100/top, math.Exp2(float64(8-f.Bits))
	if f.Photometric() == ICCLab && f.Bits == 16 {
		scaleL = 100.0 / 0xff00
	}
	ab := func(v float32) float64 {
		switch {
		case f.Photometric() == ICCLab:
			return float64(v)*scale - 128
		case float64(v) > top/2: // of two's complement
			return (float64(v) - top - 1) * scale
		}
		return float64(v) * scale
	}
	white := [3]float64{w.x / w.y, 1, (1 - w.x - w.y) / w.y}
	for ; len(values) >= f.Samples; values = values[f.Samples:] {
		fy := (float64(values[0])*scaleL + 16) / 116
		var xyz [3]float64
		for k, t := range [3]float64{fy + ab(values[1])/500, fy, fy - ab(values[2])/200} {
			xyz[k] = white[k] * unroot(t)
		}
		for k := range 3 {
			m := w.matrix[3*k:]
			v := gamma(m[0]*xyz[0] + m[1]*xyz[1] + m[2]*xyz[2])
			values[k] = float32(math.Round(min(max(v, 0), 1) * top))
		}
	}
}

// unroot is the inverse of the function of CIE 15: the cube, and a line near 0.
func unroot(t float64) float64 {
	if t > 6.0/29 {
		return t * t * t
	}
	return 3 * 6 * 6 / (29.0 * 29) * (t - 4.0/29)
}

// gamma is that of sRGB (IEC 61966-2-1).
func gamma(v float64) float64 {
	if v <= 0.0031308 {
		return 12.92 * v
	}
	return 1.055*math.Pow(v, 1/2.4) - 0.055
}
