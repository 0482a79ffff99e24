package features

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data/images"
)

// LBPMethod is how the bits of a local binary pattern become its code, by the name that scikit-image has for it. There
// is no default: "" is not valid.
type LBPMethod string

// The methods, for P points (Ojala, Pietikäinen and Mäenpää, "Multiresolution Gray-Scale and Rotation Invariant Texture
// Classification with Local Binary Patterns", 2002; for nri_uniform Ahonen, Hadid and Pietikäinen, "Face Recognition
// with Local Binary Patterns", 2004). A pattern is uniform when its bits change at most twice along the points.
const (
	LBPDefault    LBPMethod = "default"     // the bits as a number: 2^P codes
	LBPRotation   LBPMethod = "ror"         // the smallest of the numbers that rotating the bits gives
	LBPUniform    LBPMethod = "uniform"     // the number of ones of a uniform pattern, P+1 for all others: P+2 codes
	LBPNRIUniform LBPMethod = "nri_uniform" // a code of its own for every uniform pattern: P(P-1)+3 codes
)

// LBPConfig describes local binary patterns and their histograms: which neighbours of a pixel are as bright as it. The
// zero value asks for none. There is a feature for every region and code ([LBPConfig.Bins]).
type LBPConfig struct {
	// Points is the number of neighbours on the circle, 1 to 24. 0 switches LBP off, and the rest is not looked at.
	Points int
	// Radius is that of the circle in pixels: above 0, at most 1024.
	Radius float64
	// Method is how bits become codes.
	Method LBPMethod
	// Grids are the regions of a feature frame, 1 to 64, each once: k cuts the image into k x k tiles, 1 is all of it.
	// Neighbours may lie in another tile.
	Grids []int
}

// maxBins bounds the histogram of one region in a feature frame: 2^24 codes of 24 points would be as many columns.
const maxBins = 4096

// Validate returns every problem of the configuration at once, joined, or nil. Zero points (no LBP) are valid. A method
// with too many codes for a histogram is only reported once the rest is in order.
func (c LBPConfig) Validate() error {
	if c.Points == 0 {
		return nil
	}
	err := errors.Join(c.validatePattern(), validateGrids("LBP", c.Grids))
	if err == nil && c.Bins() > maxBins {
		err = fmt.Errorf("LBP.Method %q with %d points has %d codes, more than the %d of a histogram: "+
			"use %q or fewer points",
			c.Method, c.Points, c.Bins(), maxBins, LBPUniform)
	}
	return err
}

// validatePattern checks the fields that a code depends on: Points, Radius and Method. Unlike Validate it rejects zero
// points and does not mind many codes, which only a histogram does.
func (c LBPConfig) validatePattern() error {
	var errs []error
	if c.Points < 1 || c.Points > 24 {
		errs = append(errs, fmt.Errorf("LBP.Points is %d, want 1 to 24, or 0 for no LBP", c.Points))
	}
	if !(c.Radius > 0 && c.Radius <= 1024) {
		errs = append(errs, fmt.Errorf("LBP.Radius is %v, want above 0 and at most 1024 pixels", c.Radius))
	}
	switch c.Method {
	case LBPDefault, LBPRotation, LBPUniform, LBPNRIUniform:
	default:
		errs = append(errs, fmt.Errorf("LBP.Method is %q, want %q, %q, %q or %q", c.Method,
			LBPDefault, LBPRotation, LBPUniform, LBPNRIUniform))
	}
	return errors.Join(errs...)
}

// Bins returns the number of codes of the method, which is the width of a histogram. For "ror" it is 2^P, like the
// numbers of which its codes are the smallest; most of them never occur.
func (c LBPConfig) Bins() int {
	switch c.Method {
	case LBPUniform:
		return c.Points + 2
	case LBPNRIUniform:
		return c.Points*(c.Points-1) + 3
	}
	return 1 << c.Points
}

// LBP returns the code of the local binary pattern of every pixel, shape [H, W], as scikit-image's
// skimage.feature.local_binary_pattern does: point k lies at angle 2πk/Points on the circle, counter-clockwise from
// the right, its value is interpolated bilinearly (0 outside the image), and bit k is 1 when it is not below the
// pixel's. Colour images are made grey first. It is an error when the image or the configuration is not valid; c.Grids
// is not used.
func LBP(m *images.Image, c LBPConfig) ([]uint32, error) {
	if err := errors.Join(m.Validate(), c.validatePattern()); err != nil {
		return nil, err
	}
	codes := make([]uint32, m.W*m.H)
	e := newLBP(c, m.W, m.H)
	if m.Deep != nil {
		pad(e, m.Grey().Deep)
	} else {
		pad(e, m.Grey().Pix)
	}
	e.codesOf(codes)
	return codes, nil
}

// LBPHistogram returns the share of every code of [LBP] among the pixels of the image, shape [c.Bins()]; it sums to 1.
// Its errors are those of LBP, and more than 4,096 codes.
func LBPHistogram(m *images.Image, c LBPConfig) ([]float64, error) {
	c.Grids = []int{1}
	if c.Points == 0 {
		return nil, errors.New("LBP.Points is 0: no LBP is asked for")
	}
	if err := errors.Join(m.Validate(), c.Validate()); err != nil {
		return nil, err
	}
	out := make([]float64, c.Bins())
	if e := newLBP(c, m.W, m.H); m.Deep != nil {
		e.extractDeep(m.Grey().Deep, out)
	} else {
		e.extract(m.Grey().Pix, out)
	}
	return out, nil
}

// tap is where a point of the circle falls between two rows (or columns), for one row (or column) of pixels.
type tap struct {
	low, high int     // the two, counted in the padded image
	part      float64 // of the way from low to high
}

// taps returns the taps of every point for n rows or columns, shape [n, points]. Points are shifts in pixels; margin is
// that of the padded image, at least as wide as any shift.
// The fraction is taken after adding shift and position, as scikit-image does: ties between a point and
// its pixel, which flat regions are full of, are decided by these very roundings.
func taps(points []float64, n, margin int) []tap {
	out := make([]tap, 0, n*len(points))
	for i := range n {
		for _, p := range points {
			at := float64(i) + p
			low, high := math.Floor(at), math.Ceil(at)
			out = append(out, tap{int(low) + margin, int(high) + margin, at - low})
		}
	}
	return out
}
