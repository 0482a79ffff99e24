package images

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"github.com/go-siamese/lab/data/images/internal/rawtiff"
	"github.com/go-siamese/lab/data/option"
)

const (
	// defaultMaxPixels is the largest picture that is decoded by default: 67 million pixels. Decoded they take
	// up to half a gigabyte, from a file that may have a few kilobytes.
	defaultMaxPixels = 1 << 26
	// maxFileBytes bounds what is read of a file before it is known what it holds: a folder may hold a pipe or a disk
	// image of that name.
	maxFileBytes = 1 << 30
)

// DecodeOptions say how a picture is decoded. The zero value is the default.
type DecodeOptions struct {
	// MaxPixels is the largest picture that is decoded, in pixels, at most 2^28. 0 = 67 million. A larger one is
	// refused by its header, before memory is allocated for it.
	MaxPixels int
	// Background is the colour that transparent pictures are laid on: white, black, grey or #rrggbb. "" = white.
	Background string
}

// limit returns MaxPixels or its default, within what an image may have.
func (o DecodeOptions) limit() int {
	if o.MaxPixels == 0 {
		return defaultMaxPixels
	}
	return min(o.MaxPixels, maxPixels)
}

// validate returns the problems of the options, joined, each an [*option.Error].
func (o DecodeOptions) validate() error {
	_, err := ParseBackground(o.Background)
	if o.MaxPixels < 0 || o.MaxPixels > maxPixels {
		err = errors.Join(err, option.Errorf("MaxPixels", "%d is not in [1, %d]; 0 = %d", o.MaxPixels, maxPixels,
			defaultMaxPixels))
	}
	return err
}

// Decode returns the image that a PNG, JPEG, TIFF, BMP, GIF, WebP or PNM file holds, whatever its name says, upright:
// the orientation that a camera notes in a JPEG, TIFF, PNG or WebP file (EXIF tag 274) is honoured. Of several pictures
// the first is taken, and [Image.Frames] is their number. Values of more than 8 bits a channel are kept ([Image.Deep]);
// transparent pixels lie on opt.Background; colour profiles are not applied.
//
// It is an error when the options are not valid, and when the file is empty, no such format, larger than 1 GiB, larger
// than opt.MaxPixels, truncated, damaged or of a kind that is not read; the error then names a command that converts
// it. Decoders do not panic. All of the file is in memory meanwhile.
func Decode(r io.Reader, opt DecodeOptions) (m *Image, err error) {
	// The header alone decides whether the pixels are allocated.
	p, err := readHeader(r, opt)
	if err != nil {
		return nil, err
	}
	return p.decode(opt)
}

// pictureFile is a file with what its header says, before its pixels are decoded.
type pictureFile struct {
	file   []byte
	format *imageFormat
	header
	exif int // orientation, see [orientation]
}

// orientation returns how the picture is turned.
func (p *pictureFile) orientation() orientation { return orientation{w: p.w, h: p.h, exif: p.exif} }

// decode decodes the pixels, within the size that the header says, lays transparent ones on the background, and turns
// the picture upright. A panic of a decoder becomes an error.
func (p *pictureFile) decode(opt DecodeOptions) (m *Image, err error) {
	background, err := ParseBackground(opt.Background)
	if err != nil {
		return nil, err
	}
	defer catchDecoder(p.format.name, &err)
	if m, err = p.format.decode(p.file, sheetOf(background)); err != nil {
		return nil, p.format.failed(p.file, err)
	}
	// What was allowed by the header must be what the decoder made: two parsers may disagree on a crafted file.
	if m.W != p.w || m.H != p.h {
		return nil, fmt.Errorf("the %s file is damaged: its header says %d x %d pixels, its picture has %d x %d",
			p.format.name, p.w, p.h, m.W, m.H)
	}
	if m.Deep != nil {
		if err := m.validateDeep(); err != nil { // values that are not finite
			return nil, err
		}
	}
	m = p.orientation().turn(m)
	if p.frames > 1 {
		m.Frames = p.frames
	}
	return m, nil
}

// readHeader reads a file and what its header says, without decoding the pixels. Errors are those of [Decode].
func readHeader(r io.Reader, opt DecodeOptions) (p *pictureFile, err error) {
	if err := opt.validate(); err != nil {
		return nil, err
	}
	file, err := readBounded(r)
	if err != nil {
		return nil, err
	}
	f := formatOf(file[:min(len(file), sniffBytes)])
	if f == nil {
		if len(file) == 0 {
			return nil, errors.New("the file is empty")
		}
		return nil, unknownFormat("", file)
	}
	defer catchDecoder(f.name, &err)
	h, err := f.config(file)
	limit := opt.limit()
	switch {
	case err != nil:
		return nil, f.failed(file, err)
	case h.w <= 0 || h.h <= 0:
		return nil, fmt.Errorf("the %s file is damaged: its header says %d x %d pixels", f.name, h.w, h.h)
	case h.w > limit/h.h: // divided: the product may overflow
		return nil, fmt.Errorf("the %s picture has %d x %d pixels, more than the %d that are allowed: %w",
			f.name, h.w, h.h, limit, option.Errorf("MaxPixels", "raise it unless this is a decompression bomb"))
	}
	return &pictureFile{file, f, h, orientationTag(f.name, file)}, nil
}

// readBounded reads all of r, an error where it is more than maxFileBytes; memory grows with what arrives. A reader
// that knows its length (Len) is read into one buffer of that size.
func readBounded(r io.Reader) ([]byte, error) {
	var buf bytes.Buffer
	// The hint of a length is bounded too: a sparse file of terabytes must not be allocated.
	if known, ok := r.(interface{ Len() int }); ok {
		buf.Grow(min(known.Len(), maxFileBytes) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if n > maxFileBytes {
		return nil, fmt.Errorf("the file has more than %d MiB", maxFileBytes>>20)
	}
	return buf.Bytes(), nil
}

// failed wraps an error of a decoder: a file that is cut off, one of a known kind that is not read, with the command
// that converts it, or one of which it is not known which of the two it is.
func (f *imageFormat) failed(file []byte, err error) error {
	if err := noEOF(err); errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the %s file is cut off: %w", f.name, err)
	}
	if kind := f.kind(file, err); kind != "" {
		return &KindError{Kind: kind, Command: f.command(kind), Err: err}
	}
	if errors.Is(err, rawtiff.ErrDamaged) {
		return err // it says so
	}
	return fmt.Errorf("the %s file is damaged, cut off or of a kind that is not read: %w", f.name, err)
}

// catchDecoder turns a panic of a decoder, which a bad file may provoke, into an error: one file must not end the
// reading of a folder. It is called by defer.
func catchDecoder(format string, err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the %s file is damaged: decoding stopped (%v)", format, cause)
	}
}

// header is what the header of a file says about its picture.
type header struct {
	w, h  int    // pixels, as stored
	mode  string // grey, RGB, palette, CMYK
	bits  int    // of a channel
	float bool   // floating-point numbers
	alpha bool   // whether pixels may be transparent
	// need is about how many bytes a pixel takes while it is decoded, where that is more than mode and bits say; 0 = it
	// is not.
	need int
	// frames is the number of pictures in the file, of which the first is read; 0 = not known to be more than one.
	frames int
}

// modelHeader returns the header that a decoder of the standard library gives: mode, bits and alpha follow from its
// colour model. A palette has alpha where one of its colours is not opaque.
func modelHeader(c image.Config) header {
	h := header{w: c.Width, h: c.Height, mode: "RGB", bits: 8}
	switch model := c.ColorModel.(type) {
	case color.Palette:
		h.mode = "palette"
		for _, entry := range model {
			if _, _, _, a := entry.RGBA(); a < 0xffff {
				h.alpha = true
			}
		}
		return h
	}
	switch c.ColorModel {
	case color.GrayModel:
		h.mode = "grey"
	case color.Gray16Model:
		h.mode, h.bits = "grey", 16
	case color.RGBA64Model:
		h.bits = 16
	case color.NRGBA64Model:
		h.bits, h.alpha = 16, true
	case color.NRGBAModel, color.NYCbCrAModel:
		h.alpha = true
	case color.CMYKModel:
		h.mode = "CMYK"
	}
	return h
}
