package views

import (
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/images"
)

// Rect are pixels from (X0, Y0) to before (X1, Y1); empty where an axis has none.
type Rect struct{ X0, Y0, X1, Y1 int }

// String returns the rectangle as "(1,2)-(3,4)".
func (r Rect) String() string { return fmt.Sprintf("(%d,%d)-(%d,%d)", r.X0, r.Y0, r.X1, r.Y1) }

// drawRect draws a rectangle with sides of up to most, as a share of those of the picture, that lies in it.
func drawRect(most float64, w, h int, rng *rand.Rand) Rect {
	side := func(n int) (from, to int) {
		length := int(rng.Float64()*most*float64(n) + 0.5)
		from = int(rng.Float64() * float64(n-length+1))
		return from, from + length
	}
	var r Rect
	r.X0, r.X1 = side(w)
	r.Y0, r.Y1 = side(h)
	return r
}

// erase gives the pixels of a rectangle the mean of all pixels, channel by channel. values are those of m's size.
func erase[T uint8 | float32](r Rect, m *images.Image, values []T, round func(float64) T) {
	if r.X0 >= r.X1 || r.Y0 >= r.Y1 {
		return
	}
	for k := range m.C {
		sum := 0.0
		for i := k; i < len(values); i += m.C {
			sum += float64(values[i])
		}
		mean := round(sum / float64(m.W*m.H))
		for y := r.Y0; y < r.Y1; y++ {
			for x := r.X0; x < r.X1; x++ {
				values[(y*m.W+x)*m.C+k] = mean
			}
		}
	}
}
