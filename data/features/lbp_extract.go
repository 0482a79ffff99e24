package features

import (
	"math"
	"math/bits"
)

// lbpExtractor computes local binary patterns of images of one size, and reuses its buffers. Where a point falls
// between pixels is the same for every image, so it is worked out once: per row and per column, not per pixel.
type lbpExtractor struct {
	c       LBPConfig
	w, h    int      // pixels
	regions []region // of all grids
	codes   []uint32 // [h, w] of the image at hand
	// margin is the width of the border of zeros in padded, so that no point lies outside.
	margin int
	// padded is the image within the border, [h+2*margin, w+2*margin].
	padded []float64
	// rows and cols say where every point falls, for each row and each column of pixels: [h, points] and [w, points].
	rows, cols []tap
	// table is the code of every pattern, when there are few enough to list; else nil.
	table []uint32
}

// newLBP returns an extractor for images of w x h pixels. The configuration has been validated.
func newLBP(c LBPConfig, w, h int) *lbpExtractor {
	e := &lbpExtractor{c: c, w: w, h: h, margin: int(math.Ceil(c.Radius)) + 1, regions: gridRegions(c.Grids, w, h)}
	e.padded = make([]float64, (w+2*e.margin)*(h+2*e.margin))
	dr, dc := make([]float64, c.Points), make([]float64, c.Points)
	for k := range c.Points {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(c.Points))
		// Five decimals: what should be a whole pixel is one.
		dr[k] = math.RoundToEven(-c.Radius*sin*1e5) / 1e5
		dc[k] = math.RoundToEven(c.Radius*cos*1e5) / 1e5
	}
	e.rows, e.cols = taps(dr, h, e.margin), taps(dc, w, e.margin)
	e.codes = make([]uint32, w*h)
	if c.Points <= 12 { // 16 kB of codes; beyond, the table would fall out of the cache
		e.table = make([]uint32, 1<<c.Points)
		for pattern := range e.table {
			e.table[pattern] = c.code(uint32(pattern))
		}
	}
	return e
}

// extract writes the histograms of the regions to out, shape [regions, bins]. Each sums to 1; that of an empty region
// is zero. grey are the pixels, [h, w].
func (e *lbpExtractor) extract(grey []uint8, out []float64) {
	pad(e, grey)
	e.codesOf(e.codes)
	e.histograms(out)
}

// extractDeep is extract for a picture of more than 8 bits: its values are compared as they are.
func (e *lbpExtractor) extractDeep(grey []float32, out []float64) {
	pad(e, grey)
	e.codesOf(e.codes)
	e.histograms(out)
}

// histograms writes the histograms of the codes, as extract does.
func (e *lbpExtractor) histograms(out []float64) {
	bins := e.c.Bins()
	clear(out[:len(e.regions)*bins])
	for k, in := range e.regions {
		hist := out[k*bins : (k+1)*bins]
		for y := in.y0; y < in.y1; y++ {
			for _, code := range e.codes[y*e.w+in.x0 : y*e.w+in.x1] {
				hist[code]++
			}
		}
		if pixels := (in.x1 - in.x0) * (in.y1 - in.y0); pixels > 0 {
			for i := range hist {
				hist[i] /= float64(pixels)
			}
		}
	}
}

// pad writes the pixels, [h, w], into the padded image. The margin around it is never written: it stays 0, which is
// what points outside the image count as.
func pad[T uint8 | float32](e *lbpExtractor, grey []T) {
	stride := e.w + 2*e.margin
	for y := range e.h {
		for x, v := range grey[y*e.w : (y+1)*e.w] {
			e.padded[(y+e.margin)*stride+e.margin+x] = float64(v)
		}
	}
}

// codesOf writes the code of every pixel of the padded image to codes, shape [h, w].
func (e *lbpExtractor) codesOf(codes []uint32) {
	stride := e.w + 2*e.margin
	points := e.c.Points
	for y := range e.h {
		rows := e.rows[y*points : (y+1)*points]
		for x := range e.w {
			// A point is interpolated between two columns in each of two rows, and then between these.
			cols := e.cols[x*points : (x+1)*points]
			centre := e.padded[(y+e.margin)*stride+e.margin+x]
			pattern := uint32(0)
			for k, r := range rows {
				c := cols[k]
				low, high := e.padded[r.low*stride:], e.padded[r.high*stride:]
				// The conversions keep a compiler from fusing a product and a sum, which would round otherwise.
				top := float64((1-c.part)*low[c.low]) + float64(c.part*low[c.high])
				bottom := float64((1-c.part)*high[c.low]) + float64(c.part*high[c.high])
				if float64((1-r.part)*top)+float64(r.part*bottom) >= centre {
					pattern |= 1 << k
				}
			}
			if e.table != nil {
				codes[y*e.w+x] = e.table[pattern]
			} else {
				codes[y*e.w+x] = e.c.code(pattern)
			}
		}
	}
}

// code returns the code of a pattern, bit k being point k. The configuration is valid. Codes are those of
// scikit-image, down to the order of nri_uniform: 0 for no ones, then by number of ones and rotation, then all ones,
// then all patterns that are not uniform.
func (c LBPConfig) code(pattern uint32) uint32 {
	points := uint32(c.Points)
	switch c.Method {
	case LBPDefault:
		return pattern
	case LBPRotation:
		least := pattern
		for range c.Points - 1 {
			pattern = pattern>>1 | pattern&1<<(points-1)
			least = min(least, pattern)
		}
		return least
	}
	ones := uint32(bits.OnesCount32(pattern))
	// Changes from point to point; the step from the last back to the first is not one of them.
	changes := bits.OnesCount32((pattern ^ pattern>>1) & (1<<(points-1) - 1))
	if c.Method == LBPUniform {
		if changes <= 2 {
			return ones
		}
		return points + 1
	}
	switch {
	case changes > 2:
		return points*(points-1) + 2
	case ones == 0:
		return 0
	case ones == points:
		return points*(points-1) + 1
	}
	// How far the run of ones is rotated: where it begins or, when it begins at point 0, where it stops. A
	// pattern that also has ones at its end counts modulo its points.
	rotation := points - uint32(bits.TrailingZeros32(pattern))
	if pattern&1 == 1 {
		rotation = ones - uint32(bits.TrailingZeros32(^pattern))
	}
	return 1 + (ones-1)*points + rotation
}
