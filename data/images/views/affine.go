package views

import (
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data/augment"
)

// Affine maps a pixel of a view to where it comes from: (x, y) to (A[0] x + A[1] y + A[2], A[3] x + A[4] y + A[5]), in
// pixels, the centre of the first one being (0, 0). It is the upper part of the matrix that skimage.transform.warp
// takes as its inverse map.
type Affine [6]float64

// drawAffine draws shift, rotation, scale and shear about the centre of the picture: p = R S H (q - c) + c + t, with H
// the shear along rows.
func drawAffine(o augment.Options, w, h int, rng *rand.Rand) Affine {
	const degree = math.Pi / 180
	tx, ty := between(o.Shift, rng)*float64(w), between(o.Shift, rng)*float64(h)
	angle := between(o.Rotation, rng) * degree
	scale := math.Exp(between(math.Log1p(o.Scale), rng)) // as often by k as by 1/k
	slant := math.Tan(between(o.Shear, rng) * degree)
	sin, cos := math.Sincos(angle)
	a, b := scale*cos, scale*(cos*slant-sin)
	c, d := scale*sin, scale*(sin*slant+cos)
	cx, cy := float64(w-1)/2, float64(h-1)/2
	return Affine{a, b, cx - a*cx - b*cy + tx, c, d, cy - c*cx - d*cy + ty}
}
