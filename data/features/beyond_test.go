package features

import (
	"testing"

	"github.com/go-siamese/lab/data/images"
)

// TestBeyond: the values that GLCM cuts are counted: those of deep pictures outside the range of the data.
func TestBeyond(t *testing.T) {
	deep := &images.Image{W: 3, H: 2, C: 1, Deep: []float32{-1, 0, 5, 10, 10.5, 4000}, Range: [2]float64{0, 1 << 16}}
	colour := &images.Image{W: 2, H: 1, C: 3, Deep: []float32{30, 0, 0, 9, 9, 9}, Range: [2]float64{0, 1 << 16}}
	with := func(scale Scale, low, high float64) Config {
		c := Default()
		c.Scale, c.Range = scale, [2]float64{low, high}
		return c
	}
	off := with(ScaleData, 0, 10)
	off.GLCM = GLCMConfig{}
	for _, test := range []struct {
		name string
		c    Config
		m    *images.Image
		want int
	}{
		{"data", with(ScaleData, 0, 10), deep, 3}, {"not set", with("", 0, 10), deep, 3},
		{"all within", with(ScaleData, -1, 4000), deep, 0}, {"type", with(ScaleType, 0, 10), deep, 0},
		{"image", with(ScaleImage, 0, 10), deep, 0}, {"no range", with(ScaleData, 0, 0), deep, 0},
		{"no GLCM", off, deep, 0}, {"luma", with(ScaleData, 8.9, 9.1), colour, 0},
		{"luma beyond", with(ScaleData, 0, 8.98), colour, 1},
		{"8 bits", with(ScaleData, 0, 10), &images.Image{W: 1, H: 1, C: 1, Pix: []uint8{200}}, 0},
	} {
		if got := test.c.Beyond(test.m); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
