package features

import (
	"math"
	"sync"

	"github.com/go-siamese/lab/data/images"
)

// gradientSpan is the number of values of a difference of two bytes: -255 to 255. Tables are indexed by the difference
// plus 255.
const gradientSpan = 511

// binTables holds for every number of orientations the bin of each pair of whole-numbered gradients. All extractors
// share them. Two goroutines that need the same new one both make it; either will do.
var binTables sync.Map // int -> *[gradientSpan * gradientSpan]uint8

// binTable returns the bins of gradients (gy, gx), each -255 to 255, at (gy+255)*gradientSpan + gx+255.
// An angle costs far more than a look into a table of 261 kB, and bytes have no other gradients.
func binTable(orientations int) *[gradientSpan * gradientSpan]uint8 {
	if t, ok := binTables.Load(orientations); ok {
		return t.(*[gradientSpan * gradientSpan]uint8)
	}
	t := new([gradientSpan * gradientSpan]uint8)
	for gy := -255; gy <= 255; gy++ {
		for gx := -255; gx <= 255; gx++ {
			t[(gy+255)*gradientSpan+gx+255] = uint8(orientationBin(float64(gy), float64(gx), orientations))
		}
	}
	binTables.Store(orientations, t)
	return t
}

// hogExtractor computes HOG of images of one size, and reuses its buffers.
type hogExtractor struct {
	c          HOGConfig
	w, h       int // pixels
	rows, cols int // whole cells
	// hist are the histograms of the cells, [rows, cols, orientations]: sums of votes, then their means.
	hist []float64
	// energy is the sum of squares of a cell's histogram, or of values for the L1 norms, [rows, cols].
	energy []float64
	// bins is the table of binTable; nil with Sqrt, whose gradients are not whole numbers.
	bins *[gradientSpan * gradientSpan]uint8
	// root holds the square roots of the pixel values, for Sqrt; else nil.
	root *[256]float64
}

// newHOG returns an extractor for images of w x h pixels. The configuration has been validated.
func newHOG(c HOGConfig, w, h int) *hogExtractor {
	e := &hogExtractor{c: c, w: w, h: h, rows: h / c.Cell[0], cols: w / c.Cell[1]}
	e.hist = make([]float64, e.rows*e.cols*c.Orientations)
	e.energy = make([]float64, e.rows*e.cols)
	if !c.Sqrt {
		e.bins = binTable(c.Orientations)
		return e
	}
	e.root = new([256]float64)
	for v := range e.root {
		e.root[v] = math.Sqrt(float64(v))
	}
	return e
}

// extract writes the features of the image to out, shape [block rows, block columns, cell rows, cell columns,
// orientations]. The image has w x h pixels and 1 or 3 channels.
func (e *hogExtractor) extract(m *images.Image, out []float64) {
	clear(e.hist)
	switch {
	case m.Deep != nil:
		e.voteDeep(m)
	case e.c.Sqrt:
		e.voteSqrt(m)
	case m.C == 1:
		e.voteGrey(m.Pix)
	default:
		e.voteColour(m)
	}
	scale := 1 / float64(e.c.Cell[0]*e.c.Cell[1])
	for i := range e.hist {
		e.hist[i] *= scale
	}
	e.normalise(out)
}

// voteGrey adds the magnitude of every pixel of a grey image to the histogram of its cell. It is vote written out for
// one channel, without a call for every pixel: most images are grey.
func (e *hogExtractor) voteGrey(pix []uint8) {
	w, n, cw := e.w, e.c.Orientations, e.c.Cell[1]
	for y := range e.rows * e.c.Cell[0] {
		row := pix[y*w : (y+1)*w]
		above, below := row, row // at the border: no difference
		if y > 0 && y < e.h-1 {
			above, below = pix[(y-1)*w:y*w], pix[(y+1)*w:(y+2)*w]
		}
		above, below = above[:len(row)], below[:len(row)]
		hist := e.hist[y/e.c.Cell[0]*e.cols*n:]
		for cx := range e.cols {
			cell := hist[cx*n : (cx+1)*n]
			for x := cx * cw; x < (cx+1)*cw; x++ {
				gx := 0
				if x > 0 && x < w-1 {
					gx = int(row[x+1]) - int(row[x-1])
				}
				gy := int(below[x]) - int(above[x])
				cell[e.bins[(gy+255)*gradientSpan+gx+255]] += math.Sqrt(float64(gx*gx + gy*gy))
			}
		}
	}
}

// neighbours is where in Pix the first channels of the pixels beside, above and below a pixel lie. At the border both
// of a pair are the pixel itself, so that their difference is zero.
type neighbours struct{ left, right, above, below int }

// vote adds the magnitude of every pixel to the histogram of its cell, in the bin of its orientation; gradient returns
// both. Pixels come row by row: that order fixes the rounding of the sums.
func (e *hogExtractor) vote(channels int, gradient func(at neighbours) (bin int, magnitude float64)) {
	w, n, cw := e.w, e.c.Orientations, e.c.Cell[1]
	for y := range e.rows * e.c.Cell[0] {
		row := 0 // how far in Pix the pixels above and below are
		if y > 0 && y < e.h-1 {
			row = w * channels
		}
		at := y * w * channels
		hist := e.hist[y/e.c.Cell[0]*e.cols*n:]
		for cx := range e.cols {
			cell := hist[cx*n : (cx+1)*n]
			for x := cx * cw; x < (cx+1)*cw; x++ {
				col := 0
				if x > 0 && x < w-1 {
					col = channels
				}
				bin, magnitude := gradient(neighbours{at - col, at + col, at - row, at + row})
				cell[bin] += magnitude
				at += channels
			}
		}
	}
}

// voteColour is voteGrey for several channels: the one with the largest magnitude votes, the first of equals.
func (e *hogExtractor) voteColour(m *images.Image) {
	pix, bins, channels := m.Pix, e.bins, m.C
	e.vote(channels, func(at neighbours) (bin int, magnitude float64) {
		bestX, bestY, best := 0, 0, -1
		for ch := range channels {
			gx := int(pix[at.right+ch]) - int(pix[at.left+ch])
			gy := int(pix[at.below+ch]) - int(pix[at.above+ch])
			if sq := gx*gx + gy*gy; sq > best {
				bestX, bestY, best = gx, gy, sq
			}
		}
		return int(bins[(bestY+255)*gradientSpan+bestX+255]), math.Sqrt(float64(best))
	})
}

// voteSqrt is voteColour for square roots of pixels and any number of channels; their differences fit no table.
func (e *hogExtractor) voteSqrt(m *images.Image) {
	pix, root, channels, orientations := m.Pix, e.root, m.C, e.c.Orientations
	e.vote(channels, func(at neighbours) (bin int, magnitude float64) {
		bestX, bestY, best := 0.0, 0.0, -1.0
		for ch := range channels {
			gx := root[pix[at.right+ch]] - root[pix[at.left+ch]]
			gy := root[pix[at.below+ch]] - root[pix[at.above+ch]]
			if mag := math.Hypot(gy, gx); mag > best {
				bestX, bestY, best = gx, gy, mag
			}
		}
		return orientationBin(bestY, bestX, orientations), best
	})
}

// voteDeep is voteColour for pictures of more than 8 bits, of any number of channels.
func (e *hogExtractor) voteDeep(m *images.Image) {
	difference := func(a, b int) float64 { return float64(m.Deep[a]) - float64(m.Deep[b]) }
	if e.c.Sqrt {
		difference = func(a, b int) float64 { return math.Sqrt(float64(m.Deep[a])) - math.Sqrt(float64(m.Deep[b])) }
	}
	channels, orientations := m.C, e.c.Orientations
	e.vote(channels, func(at neighbours) (bin int, magnitude float64) {
		bestX, bestY, best := 0.0, 0.0, -1.0
		for ch := range channels {
			gx := difference(at.right+ch, at.left+ch)
			gy := difference(at.below+ch, at.above+ch)
			if mag := math.Hypot(gy, gx); mag > best {
				bestX, bestY, best = gx, gy, mag
			}
		}
		return orientationBin(bestY, bestX, orientations), best
	})
}

// normalise writes every block of cells to out, normalised. The norm of a block is the sum of the norms of its cells,
// which are taken once, although each cell is in several blocks.
func (e *hogExtractor) normalise(out []float64) {
	n, bh, bw := e.c.Orientations, e.c.Block[0], e.c.Block[1]
	squares := e.c.Norm == NormL2 || e.c.Norm == NormL2Hys
	for cell := range e.energy {
		sum := 0.0
		for _, v := range e.hist[cell*n : (cell+1)*n] {
			if squares {
				v *= v
			}
			sum += v
		}
		e.energy[cell] = sum
	}
	for by := range e.rows - bh + 1 {
		for bx := range e.cols - bw + 1 {
			sum := 0.0
			for cy := by; cy < by+bh; cy++ {
				for _, v := range e.energy[cy*e.cols+bx : cy*e.cols+bx+bw] {
					sum += v
				}
			}
			// The first step is the same for two norms each, but for the sum.
			block := out[:bh*bw*n]
			out = out[bh*bw*n:]
			scale := 1 / (sum + hogEps)
			if squares {
				scale = 1 / math.Sqrt(sum+hogEps*hogEps)
			}
			for k := range bh {
				src := e.hist[((by+k)*e.cols+bx)*n:][:bw*n]
				dst := block[k*bw*n:][:bw*n]
				for i, v := range src {
					dst[i] = v * scale
				}
			}
			e.finish(block)
		}
	}
}

// finish does what the norms with a second step, L1-sqrt and L2-Hys, do to a block that has had the first.
func (e *hogExtractor) finish(block []float64) {
	switch e.c.Norm {
	case NormL1Sqrt:
		for i, v := range block {
			block[i] = math.Sqrt(v)
		}
	case NormL2Hys:
		sum := 0.0
		for i, v := range block {
			v = min(v, hogCut)
			block[i] = v
			sum += v * v
		}
		scale := 1 / math.Sqrt(sum+hogEps*hogEps)
		for i := range block {
			block[i] *= scale
		}
	}
}
