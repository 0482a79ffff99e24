package images

import (
	"fmt"
	"math"
)

// Resize returns a copy of the image with w x h pixels. Shrinking takes weighted means of all pixels, enlarging
// goes linearly from pixel to pixel: a triangle filter, as wide as a new pixel but at least as wide as an old
// one, applied to rows and columns separately. For new pixel k of an axis that goes from n to m pixels, old pixel i has
// a weight in proportion to max(0, 1 - |i - c| / r), with c = (k + 1/2) n/m - 1/2 and r = max(1, n/m). Pillow's
// "bilinear" does the same, with weights rounded to whole numbers: results differ by one level at most.
//
// The aspect ratio is not kept. It panics when w or h is below 1. For many images of one size see [Resizer].
func (m *Image) Resize(w, h int) *Image {
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("images: Image.Resize: %d x %d pixels", w, h))
	}
	var out Image
	new(Resizer).Resize(m, &out, w, h)
	return &out
}

// Resizer resizes many images and reuses its buffers and, while sizes stay the same, its weights. The zero value is
// ready; it serves one goroutine at a time.
type Resizer struct {
	rows, cols filter
	// half is the image after its columns have been resized, [H, w, C].
	half []float32
}

// filter holds which of n old positions contribute to each new one, and with which weights.
type filter struct {
	n, to int
	// first is the first old position that contributes to a new one, [to].
	first []int
	// weights are those of the old positions from first on, [to, width], padded with zeros. Those of a new position sum
	// to 1.
	weights []float32
	width   int
}

// prepare computes the filter for n old and to new positions, unless it is the one that is there.
func (f *filter) prepare(n, to int) {
	if f.n == n && f.to == to {
		return
	}
	f.n, f.to = n, to
	scale := float64(n) / float64(to)
	// Half the width of the triangle, in old pixels: enlarging still needs the two nearest.
	reach := max(scale, 1)
	f.width = min(n, int(math.Ceil(2*reach))+1)
	f.first = make([]int, to)
	f.weights = make([]float32, to*f.width)
	for k := range to {
		centre := (float64(k)+0.5)*scale - 0.5
		// At the end of an axis the window moves back inside; its weights there are zero.
		first := min(max(int(math.Ceil(centre-reach)), 0), n-f.width)
		f.first[k] = first
		weights := make([]float64, f.width)
		sum := 0.0
		for i := range weights {
			weights[i] = max(0, 1-math.Abs(float64(first+i)-centre)/reach)
			sum += weights[i]
		}
		for i, v := range weights {
			f.weights[k*f.width+i] = float32(v / sum)
		}
	}
}

// Resize writes src, resized to w x h pixels as by [Image.Resize], to dst, whose Pix is reused where it is
// large enough. src must be valid and share no pixels with dst, w and h at least 1.
func (r *Resizer) Resize(src, dst *Image, w, h int) {
	r.cols.prepare(src.W, w)
	r.rows.prepare(src.H, h)
	c := src.C
	r.half = grow(r.half, src.H*w*c)
	if src.Deep != nil {
		*dst = Image{W: w, H: h, C: c, Deep: grow(dst.Deep, w*h*c), Range: src.Range}
		narrow(r, src, src.Deep, w)
	} else {
		*dst = Image{W: w, H: h, C: c, Pix: grow(dst.Pix, w*h*c)}
		narrow(r, src, src.Pix, w)
	}
	stride := w * c // channels need no loop here: they are resized alike
	for y := range h {
		weights := r.rows.weights[y*r.rows.width : (y+1)*r.rows.width]
		for x := range stride {
			at := r.rows.first[y]*stride + x
			sum := float32(0)
			for _, v := range weights {
				sum += float32(v * r.half[at])
				at += stride
			}
			if dst.Deep != nil {
				dst.Deep[y*stride+x] = sum
				continue
			}
			dst.Pix[y*stride+x] = uint8(min(max(sum+0.5, 0), 255))
		}
	}
}

// narrow writes the values of src, with its columns resized to w, to r.half.
func narrow[T uint8 | float32](r *Resizer, src *Image, values []T, w int) {
	c := src.C
	for y := range src.H {
		row := values[y*src.W*c : (y+1)*src.W*c]
		for x := range w {
			weights := r.cols.weights[x*r.cols.width : (x+1)*r.cols.width]
			for ch := range c {
				at := r.cols.first[x]*c + ch
				sum := float32(0)
				// Converting the product keeps a compiler from fusing it with the sum, which rounds otherwise.
				for _, v := range weights {
					sum += float32(v * float32(row[at]))
					at += c
				}
				r.half[(y*w+x)*c+ch] = sum
			}
		}
	}
}

// grow returns a slice of n values that reuses the memory of s if it can. Its values are arbitrary.
func grow[T any](s []T, n int) []T {
	if cap(s) >= n {
		return s[:n]
	}
	return make([]T, n)
}
