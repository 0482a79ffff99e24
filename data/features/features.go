// Package features computes features of images as scikit-image does: histograms of oriented gradients (HOG), properties
// of grey-level co-occurrence matrices (GLCM) and histograms of local binary patterns (LBP).
//
//   - [Config] chooses families and their settings; [Default] makes 1,776 features of an image of 28x28 pixels.
//   - [Extract] turns a set of images into a [data.Frame]; [Extractor] does one image at a time.
//   - [HOG], [GrayCoMatrix] and [LBP] are the families by themselves.
//
// A family is a file with its configuration and definition (hog.go), and one that computes it fast (hog_extract.go);
// tests hold the two together, and golden values of scikit-image.
package features

import (
	"errors"
	"fmt"
	"math"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
)

// Config describes the features of images. Its families become the blocks "hog", "glcm" and "lbp" of a frame, in that
// order. It is saved beside features as JSON, so zero means zero everywhere: a family whose first field is 0 is off,
// and no field has a default of its own. [Default] is the place for defaults.
type Config struct {
	// Width and Height are the size in pixels that images are resized to first. Both 0 = they are not resized, and must
	// all have one size.
	Width, Height int
	// Grey makes colour pictures grey before anything else. Else HOG takes, at every pixel, the channel with the
	// largest gradient; GLCM and LBP are of the luma either way.
	Grey bool
	// Background is the colour that transparent pictures are laid on, see [images.ParseBackground]. "" = as the
	// pictures were read, white unless another one was asked for.
	Background string
	// Scale says which grey values the levels of GLCM divide in pictures of more than 8 bits; "" = [ScaleData].
	Scale Scale
	// Range is that of [ScaleData]. Both 0 = it is taken from the pictures.
	Range [2]float64
	// Shift, in pixels, makes every feature the mean over a picture and the same picture moved by so many pixels right,
	// left, down and up: five pictures to compute. Features then depend less on where exactly something lies. Pixels that
	// come in are those of the edge. 0 = the picture as it is.
	Shift int
	HOG   HOGConfig  // gradients: outlines and their directions
	GLCM  GLCMConfig // pairs of grey levels: texture, such as coarse or regular
	LBP   LBPConfig  // neighbourhoods of pixels: fine texture, whatever the brightness
}

// Default returns the configuration that makes 1,776 features of an image of 28x28 pixels:
//   - 1,296 of HOG: 6x6 blocks of 2x2 cells of 4x4 pixels with 9 orientations, L2-Hys;
//   - 480 of GLCM: 8 levels, 4 distances, 4 angles, both orders, 6 properties, of the whole image and its 2x2 tiles.
//
// On the diagonals, distances of 1 and 2 pixels round to the same neighbour, as in scikit-image: 60 of the columns are
// there twice. Local binary patterns are off.
func Default() Config {
	// Angles cover 180 degrees: with Symmetric the opposite ones are the same.
	return Config{
		Background: images.DefaultBackground,

		HOG: HOGConfig{Orientations: 9, Cell: [2]int{4, 4}, Block: [2]int{2, 2}, Norm: NormL2Hys},
		GLCM: GLCMConfig{
			Levels:     8,
			Distances:  []float64{1, 2, 3, 4},
			Angles:     []float64{0, math.Pi / 4, math.Pi / 2, 3 * math.Pi / 4},
			Symmetric:  true,
			Properties: []Property{Contrast, Dissimilarity, Homogeneity, ASM, Energy, Correlation},
			Grids:      []int{1, 2},
		},
	}
}

// Validate returns every problem of the configuration at once, joined, or nil: those of the families, a size that
// [images.ValidateSize] rejects, and all families off. Each text begins with the field, such as "GLCM.Levels".
func (c Config) Validate() error {
	_, err := images.ParseBackground(c.Background)
	errs := []error{c.HOG.Validate(), c.GLCM.Validate(), c.LBP.Validate(), images.ValidateSize(c.Width, c.Height), err,
		c.validateScale(), c.validateShift(c.Width, c.Height)}
	if c.HOG.Orientations == 0 && c.GLCM.Levels == 0 && c.LBP.Points == 0 {
		errs = append(errs, errors.New("HOG, GLCM and LBP are all off: there is no feature to compute"))
	}
	return errors.Join(errs...)
}

// Columns returns the names of the features of images of w x h pixels, and their blocks. Names describe the
// features: "hog/b0.3/c1.0/o8" (block row and column, cell row and column within it, orientation bin),
// "glcm/1.0.0/contrast/d2/a45" (grid, tile row and column; property; distance; angle in degrees) and
// "lbp/2.0.1/u3" (grid, tile row and column; code). It is an error when the configuration is not valid or the
// image is smaller than one HOG block or not larger than Shift. A Width and Height of the configuration count instead
// of w and h.
//
// Names are part of models and tables: what they look like and their order must not change.
func (c Config) Columns(w, h int) ([]string, []data.Block, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	if c.Width > 0 {
		w, h = c.Width, c.Height
	}
	if err := c.validateShift(w, h); err != nil {
		return nil, nil, err
	}
	var names []string
	var blocks []data.Block
	// A family that is off adds no names and gets no block: blocks must not be empty.
	family := func(name string, add func()) {
		start := len(names)
		add()
		if len(names) > start {
			blocks = append(blocks, data.Block{Name: name, Start: start, End: len(names)})
		}
	}
	if c.HOG.Orientations > 0 {
		rows, cols, err := c.HOG.blocks(w, h)
		if err != nil {
			return nil, nil, err
		}
		family("hog", func() { names = c.HOG.appendNames(names, rows, cols) })
	}
	family("glcm", func() { names = c.GLCM.appendNames(names) })
	family("lbp", func() { names = c.LBP.appendNames(names) })
	return names, blocks, nil
}

// appendNames appends the names of the features, in the order in which hogExtractor writes them. rows and cols count
// the blocks of the image.
func (c HOGConfig) appendNames(names []string, rows, cols int) []string {
	for by := range rows {
		for bx := range cols {
			for cy := range c.Block[0] {
				for cx := range c.Block[1] {
					for o := range c.Orientations {
						names = append(names, fmt.Sprintf("hog/b%d.%d/c%d.%d/o%d", by, bx, cy, cx, o))
					}
				}
			}
		}
	}
	return names
}

// appendNames appends the names of the features, in the order in which glcmExtractor writes them; none when GLCM is
// off.
func (c GLCMConfig) appendNames(names []string) []string {
	if c.Levels == 0 {
		return names
	}
	for _, tile := range tileNames(c.Grids) {
		for _, p := range c.Properties {
			for _, d := range c.Distances {
				for _, a := range c.Angles {
					// Six decimals: π/4 in radians is not exactly 45 in degrees.
					degrees := math.Round(a*(180/math.Pi)*1e6) / 1e6
					names = append(names, fmt.Sprintf("glcm/%s/%s/d%g/a%g", tile, p, d, degrees))
				}
			}
		}
	}
	return names
}

// appendNames appends the names of the features, in the order in which lbpExtractor writes them; none when LBP is off.
func (c LBPConfig) appendNames(names []string) []string {
	if c.Points == 0 {
		return names
	}
	for _, tile := range tileNames(c.Grids) {
		for code := range c.Bins() {
			names = append(names, fmt.Sprintf("lbp/%s/u%d", tile, code))
		}
	}
	return names
}

// tileNames names the regions of the grids, in the order of [gridRegions]: "2.0.1" is row 0, column 1 of the 2x2 tiles.
func tileNames(grids []int) []string {
	var names []string
	for _, k := range grids {
		for r := range k {
			for c := range k {
				names = append(names, fmt.Sprintf("%d.%d.%d", k, r, c))
			}
		}
	}
	return names
}
