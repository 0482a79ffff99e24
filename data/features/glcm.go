package features

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data/images"
)

// GLCMConfig describes grey-level co-occurrence matrices and their properties: how often two levels lie at a distance
// and in a direction of each other, and numbers that sum that up. The zero value asks for none. There is a feature for
// every region, property, distance and angle; the time of an image grows with its pixels times the different offsets.
type GLCMConfig struct {
	// Levels is the number of grey levels, 2 to 256: a pixel p becomes p*Levels/256, rounded down; see [Scale] for
	// more than 8 bits. 0 switches GLCM off, and the rest is not looked at.
	Levels int
	// Distances are those between the two pixels of a pair, in pixels: above 0, at most 2^20, each once.
	Distances []float64
	// Angles are the directions of a pair in radians, each once: 0 is to the right, π/2 downwards.
	Angles []float64
	// Symmetric counts a pair in both orders, so that opposite directions are the same.
	Symmetric bool
	// Properties are computed from each matrix, each once.
	Properties []Property
	// Grids are the regions of a feature frame, 1 to 64, each once: k cuts the image into k x k tiles, 1 is all of it.
	// Pairs lie within one tile.
	Grids []int
}

// Validate returns every problem of the configuration at once, joined, or nil. Zero levels (no GLCM) are valid.
func (c GLCMConfig) Validate() error {
	if c.Levels == 0 {
		return nil
	}
	errs := []error{c.validateMatrix()}
	if len(c.Properties) == 0 {
		errs = append(errs, errors.New("GLCM.Properties is empty, want at least one"))
	}
	for i, p := range c.Properties {
		if !slices.Contains(Properties, p) {
			errs = append(errs, fmt.Errorf("GLCM.Properties[%d] is %q, want one of %q", i, p, Properties))
		}
		if slices.Contains(c.Properties[:i], p) {
			errs = append(errs, fmt.Errorf("GLCM.Properties[%d] %q is there twice", i, p))
		}
	}
	for i, d := range c.Distances {
		if slices.Contains(c.Distances[:i], d) {
			errs = append(errs, fmt.Errorf("GLCM.Distances[%d] %v is there twice", i, d))
		}
	}
	for i, a := range c.Angles {
		if slices.Contains(c.Angles[:i], a) {
			errs = append(errs, fmt.Errorf("GLCM.Angles[%d] %v is there twice", i, a))
		}
	}
	errs = append(errs, validateGrids("GLCM", c.Grids))
	return errors.Join(errs...)
}

// validateMatrix checks the fields that a matrix depends on: Levels, Distances and Angles. Unlike Validate it rejects
// zero levels, since [GrayCoMatrix] cannot do without.
func (c GLCMConfig) validateMatrix() error {
	var errs []error
	if c.Levels < 2 || c.Levels > 256 {
		errs = append(errs, fmt.Errorf("GLCM.Levels is %d, want 2 to 256, or 0 for no GLCM", c.Levels))
	}
	if len(c.Distances) == 0 {
		errs = append(errs, errors.New("GLCM.Distances is empty, want at least one"))
	}
	for i, d := range c.Distances {
		if !(d > 0 && d <= 1<<20) { // so written that NaN is rejected too
			errs = append(errs, fmt.Errorf("GLCM.Distances[%d] is %v, want above 0 and at most %d", i, d, 1<<20))
		}
	}
	if len(c.Angles) == 0 {
		errs = append(errs, errors.New("GLCM.Angles is empty, want at least one"))
	}
	for i, a := range c.Angles {
		if math.IsNaN(a) || math.IsInf(a, 0) {
			errs = append(errs, fmt.Errorf("GLCM.Angles[%d] is %v, want a number of radians", i, a))
		}
	}
	return errors.Join(errs...)
}

// validateGrids checks the regions of a family of features; family is the field of [Config], for the error. The bound
// of 64 keeps the number of columns sane: 64x64 tiles are 4,096 times the features.
func validateGrids(family string, grids []int) error {
	var errs []error
	if len(grids) == 0 {
		errs = append(errs, fmt.Errorf("%s.Grids is empty, want for instance 1 for the whole image", family))
	}
	for i, g := range grids {
		if g < 1 || g > 64 {
			errs = append(errs, fmt.Errorf("%s.Grids[%d] is %d, want 1 to 64", family, i, g))
		}
		if slices.Contains(grids[:i], g) {
			errs = append(errs, fmt.Errorf("%s.Grids[%d] %d is there twice", family, i, g))
		}
	}
	return errors.Join(errs...)
}

// offset is where the second pixel of a pair lies, seen from the first.
type offset struct{ rows, cols int }

// offsets returns the offset of every distance and angle, shape [distances, angles]: rows = round(sin(a)*d) and
// cols = round(cos(a)*d), rows counting downwards.
// Different distances may round to the same offset: on the diagonal, 1 and 2 pixels do.
func (c GLCMConfig) offsets() []offset {
	var out []offset
	for _, d := range c.Distances {
		for _, a := range c.Angles {
			sin, cos := math.Sincos(a)
			out = append(out, offset{roundAway(sin * d), roundAway(cos * d)})
		}
	}
	return out
}

// roundAway rounds halves away from zero by adding one half first. Just below a half this is not [math.Round]: the sum
// rounds up too. The sine of 30 degrees is such a number, and scikit-image, whose offsets these are, does the same.
func roundAway(v float64) int {
	if v > 0 {
		return int(v + 0.5)
	}
	return int(v - 0.5)
}

// CoMatrix holds the co-occurrence matrices of an image, one for every distance and angle.
type CoMatrix struct {
	// Levels, Distances and Angles are the numbers of them.
	Levels, Distances, Angles int
	// P is the number of pairs, or their share of all, [Distances, Angles, Levels, Levels].
	P []float64
}

// At returns the entry of first level i and second level j at distance number d and angle number a. Numbers count from
// 0 in the order of the configuration. It panics where the place is beyond P.
func (m *CoMatrix) At(d, a, i, j int) float64 { return m.matrix(d, a)[i*m.Levels+j] }

// matrix returns the [Levels, Levels] entries at distance number d and angle number a, shared with P.
func (m *CoMatrix) matrix(d, a int) []float64 {
	size := m.Levels * m.Levels
	return m.P[(d*m.Angles+a)*size:][:size]
}

// GrayCoMatrix returns how often grey levels lie beside each other, as scikit-image's skimage.feature.graycomatrix
// does: entry [d, a, i, j] is the number of pixels of level i that have one of level j at distance d in direction a.
// The image must be grey, with levels below c.Levels (see [Quantise]); c.Properties and c.Grids are not used. Normed
// divides every matrix by its number of pairs; one without any pair stays zero. It is an error when the image or the
// configuration is not valid, the image is not grey, or a pixel is out of range. Source: Haralick, Shanmugam and
// Dinstein, "Textural Features for Image Classification", 1973.
func GrayCoMatrix(m *images.Image, c GLCMConfig, normed bool) (*CoMatrix, error) {
	if err := errors.Join(m.Validate(), c.validateMatrix()); err != nil {
		return nil, err
	}
	if m.Deep != nil {
		return nil, errors.New("the image has more than 8 bits a channel, co-occurrence wants levels: " +
			"quantise the image first")
	}
	if m.C != 1 {
		return nil, fmt.Errorf("the image has %d channels, co-occurrence wants a grey one", m.C)
	}
	for i, v := range m.Pix {
		if int(v) >= c.Levels {
			return nil, fmt.Errorf("pixel (row %d, column %d) has level %d, want below GLCM.Levels %d: "+
				"quantise the image first",
				i/m.W, i%m.W, v, c.Levels)
		}
	}
	out := &CoMatrix{Levels: c.Levels, Distances: len(c.Distances), Angles: len(c.Angles)}
	size := c.Levels * c.Levels
	// Counts come first, in one direction; the other order of a symmetric matrix is their transpose.
	out.P = make([]float64, out.Distances*out.Angles*size)
	counts := make([]uint32, 2*size)
	for k, o := range c.offsets() {
		countPairs(counts, m.Pix, m.W, region{0, 0, m.W, m.H}, o, c.Levels)
		p := out.P[k*size : (k+1)*size]
		total := 0.0
		for i := range c.Levels {
			for j := range c.Levels {
				n := float64(counts[i*c.Levels+j])
				if c.Symmetric {
					n += float64(counts[j*c.Levels+i])
				}
				p[i*c.Levels+j] = n
				total += n
			}
		}
		if normed && total > 0 {
			for i := range p {
				p[i] /= total
			}
		}
	}
	return out, nil
}

// Quantise returns a grey image of the given number of levels, 2 to 256: pixel p becomes p*levels/256, rounded down.
// a deep image divides its range. Colour images are made grey first. The image is not changed and shares nothing with
// the result. It panics when levels is out of range.
func Quantise(m *images.Image, levels int) *images.Image {
	if levels < 2 || levels > 256 {
		panic(fmt.Sprintf("features.Quantise: %d levels, want 2 to 256", levels))
	}
	g := m.Grey()
	q := &images.Image{W: g.W, H: g.H, C: 1, Pix: make([]uint8, g.W*g.H)}
	if g.Deep != nil {
		quantise(g.Deep, g.Range[0], g.Range[1], levels, q.Pix)
		return q
	}
	for i, v := range g.Pix {
		q.Pix[i] = uint8(int(v) * levels >> 8)
	}
	return q
}

// String returns the sizes of the matrix.
func (m *CoMatrix) String() string {
	return fmt.Sprintf("co-occurrence of %d levels, at %d distances and %d angles", m.Levels, m.Distances, m.Angles)
}
