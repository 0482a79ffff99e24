package images

import (
	"math"
	"math/rand/v2"
	"testing"
)

// deepOf returns an image of 8 bits with 256 times its values.
func deepOf(m *Image) *Image {
	out := &Image{W: m.W, H: m.H, C: m.C, Deep: make([]float32, len(m.Pix)), Range: [2]float64{0, 65536}}
	for i, v := range m.Pix {
		out.Deep[i] = 256 * float32(v)
	}
	return out
}

// Deep images are resized, turned and made grey as those of 8 bits are, without their rounding.
func TestDeepAsEight(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, channels := range []int{1, 3} {
		m := &Image{W: 13, H: 9, C: channels, Pix: make([]uint8, 13*9*channels)}
		for i := range m.Pix {
			m.Pix[i] = uint8(rng.UintN(256))
		}
		deep := deepOf(m)
		same := func(what string, eight, deep *Image, within float64) {
			t.Helper()
			if err := deep.Validate(); err != nil || deep.W != eight.W || deep.H != eight.H || deep.C != eight.C ||
				deep.Range != [2]float64{0, 65536} {
				t.Fatalf("%s of %d channels: %d x %d x %d, %v", what, channels, deep.W, deep.H, deep.C, err)
			}
			for i, v := range eight.Pix {
				if d := math.Abs(float64(deep.Deep[i])/256 - float64(v)); d > within {
					t.Errorf("%s of %d channels: value %d is %v, of 8 bits %d", what, channels, i, deep.Deep[i]/256, v)
					break
				}
			}
		}
		for _, size := range [][2]int{{5, 4}, {20, 30}, {13, 4}} {
			same("resized", m.Resize(size[0], size[1]), deep.Resize(size[0], size[1]), 0.5001)
		}
		same("grey", m.Grey(), deep.Grey(), 0.5001)
		for exif := 1; exif <= 8; exif++ {
			o := orientation{w: m.W, h: m.H, exif: exif}
			same("turned", o.turn(m), o.turn(deep), 0)
		}
		// A buffer of the other kind is not taken for the values.
		var scratch Resizer
		var to Image
		scratch.Resize(m, &to, 5, 4)
		scratch.Resize(deep, &to, 5, 4)
		same("resized again", m.Resize(5, 4), &to, 0.5001)
		scratch.Resize(m, &to, 5, 4)
		if to.Deep != nil || to.Validate() != nil {
			t.Errorf("8 bits after a deep image: %v", to.Validate())
		}
	}
}
