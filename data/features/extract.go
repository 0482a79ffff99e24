package features

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/images"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/parallel"
	"github.com/go-siamese/lab/data/quote"
)

// Extract returns the features of N images as a frame of N rows, in the order of the images, with their ids, labels
// and domains. It works on all cores; the same images and configuration give the same bits on any number of them.
//
// progress, when it is not nil, is called with the number of images done and in total. Calls never overlap,
// done never falls, and the last call is (N, N). When ctx is cancelled, Extract returns its error and no frame.
//
// Memory is the frame, N*F*4 bytes, and the buffers of one extractor per core. Time grows with N times the pixels.
//
// Where c has a Range, as that of a model, values of deep pictures outside it are cut: [Config.Beyond] counts them.
//
// Everything is checked before anything is computed. It is an error when the configuration is not valid, there
// is no image, an image is empty or broken, images differ in size while c.Width and c.Height are 0, or they are
// too small for HOG; faulty items are named by position and id.
func Extract(ctx context.Context, pictures *images.Images, c Config, progress func(done, total int)) (*data.Frame,
	error) {
	if err := errors.Join(c.Validate(), pictures.Validate()); err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	n := pictures.N()
	if n == 0 {
		return nil, errors.New("features: there is no image")
	}
	w, h := c.Width, c.Height
	if w == 0 {
		w, h = pictures.Items[0].W, pictures.Items[0].H
		at := func(i int) (string, int, int) {
			return fmt.Sprintf("item %d (%s)", i, quote.Text(pictures.IDs[i])), pictures.Items[i].W, pictures.Items[i].H
		}
		if err := images.SameSize(n, at); err != nil {
			return nil, fmt.Errorf("features: %w", err)
		}
	}
	columns, blocks, err := c.Columns(w, h)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	if c, err = c.resolve(pictures); err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	made := c
	made.Width, made.Height = w, h
	frame := &data.Frame{
		X:        make([]float32, n*len(columns)),
		Columns:  columns,
		Settings: made.Settings(),
		Blocks:   blocks,
		IDs:      slices.Clone(pictures.IDs),
		Labels:   slices.Clone(pictures.Labels),
		Domains:  slices.Clone(pictures.Domains),
	}
	if err := extractAll(ctx, pictures, c, w, h, frame, progress); err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	return frame, nil
}

// resolve returns the configuration as it applies to the pictures, see [Config.Resolved]. It is an error when they were
// laid on another background than c asks for, or one cannot be used, which is named.
func (c Config) resolve(pictures *images.Images) (Config, error) {
	wanted, err := images.ParseBackground(c.Background)
	if err != nil {
		return c, err
	}
	was, err := images.ParseBackground(pictures.Background)
	switch {
	case err != nil:
		return c, err
	case c.Background == "":
		c.Background = pictures.Background
	case pictures.Background != "" && was != wanted:
		return c, option.Errorf("Background", "is %q, and the images were read with %q: use one for both", c.Background,
			pictures.Background)
	}
	low, high, deep := math.Inf(1), math.Inf(-1), false
	for i := range pictures.Items {
		if m := &pictures.Items[i]; m.Deep != nil {
			a, b := m.MinMax()
			low, high, deep = min(low, a), max(high, b), true
		}
	}
	c = c.Resolved(deep, low, high)
	for i := range pictures.Items {
		if err := c.checkDeep(&pictures.Items[i]); err != nil {
			return c, fmt.Errorf("item %d (%s): %w", i, pictures.IDs[i], err)
		}
	}
	return c, nil
}

// extractAll fills the rows of the frame, on all cores, a chunk of images at a time. Rows are written in place, so the
// bits do not depend on which core computes them. w and h are the size after resizing.
func extractAll(ctx context.Context, images *images.Images, c Config, w, h int, frame *data.Frame,
	progress func(done, total int)) error {
	// Many small images at once, to lock less often; few large ones, so that every core has some.
	n := images.N()
	chunk := max(1, min(64, n/(4*runtime.GOMAXPROCS(0)), 1<<18/(w*h)))
	var mu sync.Mutex // guards done and the calls of progress
	done := 0
	extractors := make([]*extractor, runtime.GOMAXPROCS(0)) // of a worker; their buffers serve one goroutine
	return parallel.Each(ctx, (n+chunk-1)/chunk, len(extractors), func(worker, part int) error {
		if extractors[worker] == nil {
			extractors[worker] = newExtractor(c, w, h, frame.F())
		}
		start, end := part*chunk, min((part+1)*chunk, n)
		for i := start; i < end; i++ {
			extractors[worker].Extract(&images.Items[i], frame.Row(i))
		}
		mu.Lock()
		defer mu.Unlock()
		done += end - start
		if progress != nil {
			progress(done, n)
		}
		return nil
	})
}

// extractor computes all features of images of one size and reuses its buffers: an image costs no allocation. It serves
// one goroutine at a time. [Extractor] is the same behind checks.
type extractor struct {
	w, h    int          // size after resizing
	resized images.Image // room for an image of another size
	scratch images.Resizer
	config  Config         // resolved
	grey    images.Image   // room for a colour image made grey
	hog     *hogExtractor  // nil = off
	glcm    *glcmExtractor // nil = off
	lbp     *lbpExtractor  // nil = off
	// hogEnd and glcmEnd are where the blocks of HOG and of GLCM end in values; LBP takes the rest.
	hogEnd, glcmEnd int
	// values are the features of an image, [F]. Families compute in float64, as scikit-image does, and are rounded
	// once.
	values []float64
	sums   []float64    // of values over a picture and the same moved, for Config.Shift
	moved  images.Image // room for a picture that is moved
}

// newExtractor returns an extractor for images that have or get w x h pixels, and that many features. The configuration
// is valid and the image large enough for it: [Config.Columns] gave no error.
func newExtractor(c Config, w, h, features int) *extractor {
	e := &extractor{config: c, w: w, h: h, values: make([]float64, features)}
	if c.Shift > 0 {
		e.sums = make([]float64, features)
	}
	if c.HOG.Orientations > 0 {
		e.hog = newHOG(c.HOG, w, h)
		rows, cols, _ := c.HOG.blocks(w, h) // its error was met when the columns were named
		e.hogEnd = rows * cols * c.HOG.Block[0] * c.HOG.Block[1] * c.HOG.Orientations
	}
	e.glcmEnd = e.hogEnd
	if c.GLCM.Levels > 0 {
		e.glcm = newGLCM(c.GLCM, w, h)
		e.glcmEnd += len(e.glcm.regions) * len(c.GLCM.Properties) * len(e.glcm.which)
	}
	if c.LBP.Points > 0 {
		e.lbp = newLBP(c.LBP, w, h)
	}
	return e
}

// Extract writes the features of an image to row, [F]. The image is valid; it is resized when its size differs, and is
// not changed. HOG sees its colours unless the configuration says otherwise, the other families its luma.
func (e *extractor) Extract(m *images.Image, row []float32) {
	if m.W != e.w || m.H != e.h {
		e.scratch.Resize(m, &e.resized, e.w, e.h)
		m = &e.resized
	}
	if e.config.Shift > 0 {
		e.mean(m, e.config.Shift)
	} else {
		e.compute(m)
	}
	for i, v := range e.values {
		row[i] = float32(v)
	}
}

// compute makes e.values the features of an image of the extractor's size.
func (e *extractor) compute(m *images.Image) {
	grey := m
	if m.C > 1 && (e.config.Grey || e.glcm != nil || e.lbp != nil) {
		grey = e.makeGrey(m)
	}
	if e.config.Grey {
		m = grey
	}
	if e.hog != nil {
		e.hog.extract(m, e.values[:e.hogEnd])
	}
	switch {
	case e.glcm == nil:
	case grey.Deep != nil:
		low, high := e.config.rangeOf(grey)
		e.glcm.extractDeep(grey.Deep, low, high, e.values[e.hogEnd:e.glcmEnd])
	default:
		e.glcm.extract(grey.Pix, e.values[e.hogEnd:e.glcmEnd])
	}
	switch {
	case e.lbp == nil:
	case grey.Deep != nil:
		e.lbp.extractDeep(grey.Deep, e.values[e.glcmEnd:])
	default:
		e.lbp.extract(grey.Pix, e.values[e.glcmEnd:])
	}
}

// makeGrey returns a colour image made grey, in the extractor's own memory.
func (e *extractor) makeGrey(m *images.Image) *images.Image {
	n := e.w * e.h
	if m.Deep != nil {
		if cap(e.grey.Deep) < n {
			e.grey.Deep = make([]float32, n)
		}
		m.DeepGreyInto(e.grey.Deep[:n])
		return &images.Image{W: e.w, H: e.h, C: 1, Deep: e.grey.Deep[:n], Range: m.Range}
	}
	if cap(e.grey.Pix) < n {
		e.grey.Pix = make([]uint8, n)
	}
	m.GreyInto(e.grey.Pix[:n])
	return &images.Image{W: e.w, H: e.h, C: 1, Pix: e.grey.Pix[:n]}
}
