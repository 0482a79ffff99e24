package features

import (
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
)

// Extractor computes the features of one image after another, for sets that do not fit into memory; [Extract]
// does it for a whole set. It keeps buffers, so it serves one goroutine at a time: make one for each.
type Extractor struct {
	w, h    int          // size that features are computed of
	any     bool         // images of other sizes are resized
	columns []string     // [F]
	blocks  []data.Block // of the columns
	e       *extractor   // does the work, without checks
}

// NewExtractor returns an extractor for images of w x h pixels or, when c has a Width and Height, of any size. w and h
// are not used in that case. Deep images need a Range where [Config.NeedsRange]. It is an error when the configuration
// is not valid, or the images are empty, larger than an image may be, or smaller than one HOG block.
func NewExtractor(c Config, w, h int) (*Extractor, error) {
	if c.Width > 0 {
		w, h = c.Width, c.Height
	}
	// Before anything of that size is allocated.
	if err := (&images.Image{W: w, H: h, C: 1}).ValidateSize(); err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	columns, blocks, err := c.Columns(w, h)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	return &Extractor{w: w, h: h, any: c.Width > 0, columns: columns, blocks: blocks,
		e: newExtractor(c, w, h, len(columns))}, nil
}

// Columns returns the names of the features, [F], see [Config.Columns]. The caller must not change them.
func (x *Extractor) Columns() []string { return x.columns }

// Blocks returns the blocks of the features, which cover all columns. The caller must not change them.
func (x *Extractor) Blocks() []data.Block { return x.blocks }

// Extract writes the features of an image to row, shape [F]: the same bits that [Extract] gives. It is an error
// when the image is not valid, deep without a Range, or of the wrong size, or row has the wrong length; row is
// unchanged then. It allocates nothing once the buffers have grown.
func (x *Extractor) Extract(m *images.Image, row []float32) error {
	if err := m.Validate(); err != nil {
		return err
	}
	if !x.any && (m.W != x.w || m.H != x.h) {
		return fmt.Errorf("the image has %d x %d pixels, want %d x %d: set Width and Height to resize all", m.W, m.H,
			x.w, x.h)
	}
	if len(row) != len(x.columns) {
		return fmt.Errorf("the row has room for %d features, want %d", len(row), len(x.columns))
	}
	if err := x.e.config.checkDeep(m); err != nil {
		return err
	}
	x.e.Extract(m, row)
	return nil
}
