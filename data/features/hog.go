package features

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data/images"
)

// BlockNorm is how HOG normalises the histograms of a block, by the name that scikit-image has for it. It takes out
// local contrast. There is no default: "" is not valid.
type BlockNorm string

// The norms of a block v, with e = 1e-5 (Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection",
// 2005).
const (
	NormL1     BlockNorm = "L1"      // v / (|v|₁ + e)
	NormL1Sqrt BlockNorm = "L1-sqrt" // √(v / (|v|₁ + e))
	NormL2     BlockNorm = "L2"      // v / √(|v|₂² + e²)
	NormL2Hys  BlockNorm = "L2-Hys"  // L2, then cut at 0.2, then L2 again
)

const (
	hogEps = 1e-5 // e of the norms: a flat block stays zero instead of dividing by zero
	hogCut = 0.2  // of L2-Hys: no single strong edge decides a block
)

// HOGConfig describes a histogram of oriented gradients: how strong edges of each direction are, cell by cell. The zero
// value asks for none.
type HOGConfig struct {
	// Orientations is the number of bins over 180 degrees, 1 to 180. 0 switches HOG off, and the rest is not looked at.
	Orientations int
	// Cell is the rows and columns of pixels of a cell, 1 or more each. Each cell has one histogram.
	Cell [2]int
	// Block is the rows and columns of cells of a block, 1 or more each. Blocks begin one cell apart, so they overlap,
	// and a cell is there once for every block that it is in, each time normalised with other neighbours.
	Block [2]int
	// Norm is how a block is normalised.
	Norm BlockNorm
	// Sqrt takes the square root of the pixels first, which evens out light and shade. It costs several times as much.
	Sqrt bool
}

// Validate returns every problem of the configuration at once, joined, or nil. Zero orientations (no HOG) are valid.
func (c HOGConfig) Validate() error {
	if c.Orientations == 0 {
		return nil
	}
	var errs []error
	if c.Orientations < 0 || c.Orientations > 180 {
		errs = append(errs, fmt.Errorf("HOG.Orientations is %d, want 1 to 180, or 0 for no HOG", c.Orientations))
	}
	if c.Cell[0] < 1 || c.Cell[1] < 1 {
		errs = append(errs, fmt.Errorf("HOG.Cell is %v, want 1 or more pixels each way", c.Cell))
	}
	if c.Block[0] < 1 || c.Block[1] < 1 {
		errs = append(errs, fmt.Errorf("HOG.Block is %v, want 1 or more cells each way", c.Block))
	}
	switch c.Norm {
	case NormL1, NormL1Sqrt, NormL2, NormL2Hys:
	default:
		errs = append(errs, fmt.Errorf("HOG.Norm is %q, want %q, %q, %q or %q", c.Norm, NormL1, NormL1Sqrt, NormL2,
			NormL2Hys))
	}
	return errors.Join(errs...)
}

// blocks returns the rows and columns of blocks that an image of w x h pixels has, and an error where there is no room
// for one. The configuration is valid.
func (c HOGConfig) blocks(w, h int) (rows, cols int, err error) {
	rows, cols = h/c.Cell[0]-c.Block[0]+1, w/c.Cell[1]-c.Block[1]+1
	if rows < 1 || cols < 1 {
		return 0, 0, fmt.Errorf("an image of %d x %d pixels is too small for one HOG block, which takes %d x %d",
			w, h, c.Block[1]*c.Cell[1], c.Block[0]*c.Cell[0])
	}
	return rows, cols, nil
}

// HOG returns the histogram of oriented gradients of an image, as scikit-image's skimage.feature.hog does:
// shape [block rows, block columns, cell rows, cell columns, orientations], flattened.
//
// The gradient of a pixel is the difference of its two neighbours along the rows and along the columns, zero at the
// border; of a colour image, the channel with the largest gradient counts. Every pixel votes with the magnitude for
// the one orientation bin its direction (modulo 180 degrees) falls into, and the mean of the votes of a cell makes its
// histogram. Pixels right of or below the last whole cell do not vote. A block is the histograms of its cells,
// normalised.
//
// With c.Sqrt, a direction that lies on the edge of two bins counts for the upper one, always. There scikit-image goes
// by the last bit of the computed angle, so that images of few, regular grey levels may come out otherwise.
//
// It is an error when the image or the configuration is not valid, has no HOG, or the image is smaller than one block.
// Source: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", 2005.
func HOG(m *images.Image, c HOGConfig) ([]float64, error) {
	if c.Orientations == 0 {
		return nil, errors.New("HOG.Orientations is 0: no HOG is asked for")
	}
	if err := errors.Join(m.Validate(), c.Validate()); err != nil {
		return nil, err
	}
	if err := (Config{HOG: c}).checkDeep(m); err != nil {
		return nil, err
	}
	rows, cols, err := c.blocks(m.W, m.H)
	if err != nil {
		return nil, err
	}
	out := make([]float64, rows*cols*c.Block[0]*c.Block[1]*c.Orientations)
	newHOG(c, m.W, m.H).extract(m, out)
	return out, nil
}

// orientationBin returns the bin of n that the direction of a gradient falls into, bins being half open: bin k holds
// the angles from k to k+1 times 180/n degrees. Opposite gradients have the same bin. No gradient is in bin 0, where
// its magnitude of 0 adds nothing.
//
// Whole-numbered gradients lie on the edge of a bin at multiples of 45 degrees only, where the angle comes out exactly.
// Differences of square roots lie on other edges too, 30 degrees for instance, and come out a rounding error to either
// side; what is as near as that to an edge is taken to be on it.
func orientationBin(gy, gx float64, n int) int {
	deg := math.Atan2(gy, gx) * (180 / math.Pi)
	if deg < 0 {
		deg += 180
	}
	const rounding = 1e-12
	k := int(deg*(float64(n)/180) + rounding)
	return k % n // 180 degrees are 0 degrees
}
