package images

import (
	"fmt"
	"math"
)

// validateDeep is the part of [Image.Validate] for a picture of more than 8 bits a channel.
func (m *Image) validateDeep() error {
	switch {
	case m.Pix != nil:
		return fmt.Errorf("the image has both Pix and Deep, want one of them")
	case len(m.Deep) != m.W*m.H*m.C:
		return fmt.Errorf("the image has %d values, want %d for %d x %d pixels of %d channels", len(m.Deep),
			m.W*m.H*m.C, m.W, m.H, m.C)
	case !(m.Range[1] > m.Range[0]) || m.Range[1]-m.Range[0] > math.MaxFloat64:
		return fmt.Errorf("the range of the image's type is %v, want black below white", m.Range)
	}
	for i, v := range m.Deep {
		if v-v != 0 { // NaN or infinite
			return fmt.Errorf("pixel (row %d, column %d) is %v, which is no grey value: mend it before",
				i/m.C/m.W, i/m.C%m.W, v)
		}
	}
	return nil
}

// DeepGreyInto writes the luma of a colour image with Deep (C is 3) to dst, shape [H, W], as [Image.Grey] computes it.
// It is for callers that reuse a buffer.
func (m *Image) DeepGreyInto(dst []float32) {
	for i := range dst {
		p := m.Deep[3*i : 3*i+3 : 3*i+3]
		// Converting the products keeps a compiler from fusing them with the sum, which rounds otherwise.
		dst[i] = float32(float64(0.299*float64(p[0])) + float64(0.587*float64(p[1])) + float64(0.114*float64(p[2])))
	}
}

// MinMax returns the smallest and the largest value of all channels. The image is valid.
func (m *Image) MinMax() (low, high float64) {
	if m.Deep != nil {
		return extremes(m.Deep)
	}
	return extremes(m.Pix)
}

// extremes returns the smallest and the largest of one value or more, none of which is NaN.
func extremes[T uint8 | float32](values []T) (low, high float64) {
	a, b := values[0], values[0]
	for _, v := range values {
		a, b = min(a, v), max(b, v)
	}
	return float64(a), float64(b)
}

// Flatness is how little a picture shows.
type Flatness int

// The kinds of flat pictures.
const (
	Varied         Flatness = iota // it shows something
	NearlyConstant                 // no channel varies by more than a hundredth of its largest value, or by 2 of 255
	Constant                       // no channel varies
)

// Flatness returns whether the picture is constant or nearly so: its features say next to nothing. The image is valid.
func (m *Image) Flatness() Flatness {
	if m.Deep != nil {
		return flatness(m.Deep, m.C, func(low, high float64) float64 { return max(-low, high) / 100 })
	}
	return flatness(m.Pix, m.C, func(float64, float64) float64 { return 2 })
}

// flatness is [Image.Flatness] of values [pixels, channels]; small is the most by which a nearly constant channel with
// these extremes varies.
func flatness[T uint8 | float32](values []T, channels int, small func(low, high float64) float64) Flatness {
	is := Constant
	for c := range channels {
		a, b := values[c], values[c]
		for i := c; i < len(values); i += channels {
			a, b = min(a, values[i]), max(b, values[i])
		}
		low, high := float64(a), float64(b)
		switch {
		case high-low > small(low, high):
			return Varied
		case high > low:
			is = NearlyConstant
		}
	}
	return is
}

// Eight returns the image with 8 bits a channel, for showing it: a deep one with its smallest value as black and its
// largest as white. An image of 8 bits is returned itself, not a copy.
func (m *Image) Eight() *Image {
	if m.Deep == nil {
		return m
	}
	out := &Image{W: m.W, H: m.H, C: m.C, Pix: make([]uint8, len(m.Deep))}
	low, high := m.MinMax()
	if !(high > low) {
		return out
	}
	for i, v := range m.Deep {
		out.Pix[i] = uint8((float64(v)-low)/(high-low)*255 + 0.5)
	}
	return out
}
