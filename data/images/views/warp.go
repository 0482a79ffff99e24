package views

import (
	"math"

	"github.com/go-siamese/lab/data/images"
)

// warp writes to dst where the pixels of a view come from in src, both [H, W, C], bilinear between pixels. Beyond an
// edge the picture goes on as at the edge, as with mode "edge" of skimage.transform.warp and order 1.
func warp[T uint8 | float32](v View, m *images.Image, src, dst []T, round func(float64) T) {
	w, h, c := m.W, m.H, m.C
	var cols, rows spline
	if v.Bend != nil {
		cols, rows = newSpline(w), newSpline(h)
	}
	for y := range h {
		var sums [2 * gridSide]float64
		if v.Bend != nil {
			sums = v.Bend.row(rows, y)
		}
		for x := range w {
			fx, fy := float64(x), float64(y)
			if v.Bend != nil {
				dx, dy := cols.at(&sums, x)
				fx, fy = fx+dx, fy+dy
			}
			a := v.Map
			px := min(max(a[0]*fx+a[1]*fy+a[2], 0), float64(w-1))
			py := min(max(a[3]*fx+a[4]*fy+a[5], 0), float64(h-1))
			x0, y0 := int(math.Floor(px)), int(math.Floor(py))
			tx, ty := px-float64(x0), py-float64(y0)
			// At the last pixel of an axis the next one has no weight.
			x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
			for k := range c {
				top := (1-tx)*float64(src[(y0*w+x0)*c+k]) + tx*float64(src[(y0*w+x1)*c+k])
				low := (1-tx)*float64(src[(y1*w+x0)*c+k]) + tx*float64(src[(y1*w+x1)*c+k])
				dst[(y*w+x)*c+k] = round((1-ty)*top + ty*low)
			}
		}
	}
}
