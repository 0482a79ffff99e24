// Package views makes altered views of pictures, and features of them, for training: moved, turned, scaled, slanted,
// bent, or with a part erased.
//
//   - [Draw] draws a [View] of some options; [View.Apply] alters a picture by it.
//   - [Of] and [Folder] are sources of views for training, of pictures in memory and of a folder.
//
// A view is one map of pixels back to where they come from: an affine one (affine.go), and shifts of a coarse grid
// (elastic.go). Values between pixels are bilinear (warp.go), so that a picture is sampled once whatever is done to it.
package views

import (
	"fmt"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/augment"
	"github.com/go-siamese/lab/data/images"
)

// View is how a picture is altered. The zero value is not the identity: its map is all zeros. [Draw] of no alterations
// is.
type View struct {
	Map    Affine
	Bend   Grid // shifts before Map; nil = none
	Erased Rect
}

// Draw draws a view for pictures of w x h pixels. The same state of rng gives the same view. Every call takes the same
// number of draws, whatever is off, so that one alteration does not change how the others fall.
func Draw(o augment.Options, w, h int, rng *rand.Rand) View {
	v := View{Map: drawAffine(o, w, h, rng)}
	v.Bend = drawGrid(o.Elastic, w, h, rng)
	v.Erased = drawRect(o.Erase, w, h, rng)
	return v
}

// Apply writes the view of src to dst, which gets its size; pixels of dst are reused where there are enough. src must
// be valid and share no pixels with dst. The identity copies src to the bit.
func (v View) Apply(dst, src *images.Image) {
	n := src.W * src.H * src.C
	if src.Deep != nil {
		*dst = images.Image{W: src.W, H: src.H, C: src.C, Deep: room(dst.Deep, n), Range: src.Range}
		warp(v, src, src.Deep, dst.Deep, func(x float64) float32 { return float32(x) })
		erase(v.Erased, src, dst.Deep, func(x float64) float32 { return float32(x) })
		return
	}
	*dst = images.Image{W: src.W, H: src.H, C: src.C, Pix: room(dst.Pix, n)}
	warp(v, src, src.Pix, dst.Pix, round)
	erase(v.Erased, src, dst.Pix, round)
}

// String returns the view in words: its map, and what else is done.
func (v View) String() string {
	text := fmt.Sprintf("pixels from %.4g", v.Map)
	if v.Bend != nil {
		text += ", bent"
	}
	if v.Erased.X0 < v.Erased.X1 && v.Erased.Y0 < v.Erased.Y1 {
		text += ", without " + v.Erased.String()
	}
	return text
}

// round returns the nearest level of a mean of levels.
func round(x float64) uint8 { return uint8(x + 0.5) }

// room returns a slice of n values, that of had where it is long enough.
func room[T any](had []T, n int) []T {
	if cap(had) < n {
		return make([]T, n)
	}
	return had[:n]
}

// between draws evenly from [-most, most).
func between(most float64, rng *rand.Rand) float64 { return (2*rng.Float64() - 1) * most }
