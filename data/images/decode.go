package images

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	imagedraw "image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

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

// imageFormat is a kind of image file, recognised by its first bytes. [image.RegisterFormat] would do the same for the
// whole program, with formats that other packages choose.
type imageFormat struct {
	name string
	// is reports whether the first sniffBytes of a file, or all of a shorter one, are those of the format.
	is func(head []byte) bool
	// config returns what the header says, without decoding pixels.
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// sniffBytes is how many bytes identify a format: WebP needs 12, BMP 10.
const sniffBytes = 16

// imageFormats lists what is read. The first picture counts where a file holds several (GIF, TIFF). No two begin alike,
// so their order does not matter.
var imageFormats = []imageFormat{
	{"PNG", begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode},
	{"JPEG", begins("\xff\xd8\xff"), jpeg.DecodeConfig, jpeg.Decode},
	{"TIFF", begins("II\x2a\x00", "MM\x00\x2a"), tiff.DecodeConfig, tiff.Decode},
	{"BMP", isBMP, bmp.DecodeConfig, bmp.Decode},
	{"GIF", begins("GIF87a", "GIF89a"), gif.DecodeConfig, gif.Decode},
	{"WebP", isWebP, webp.DecodeConfig, webp.Decode},
}

// begins returns a test whether a file begins with any of the magics.
func begins(magics ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, magic := range magics {
			if bytes.HasPrefix(head, []byte(magic)) {
				return true
			}
		}
		return false
	}
}

// isBMP also checks the four reserved bytes, zero in all bitmaps: "BM" alone begins many texts.
func isBMP(head []byte) bool {
	return len(head) >= 10 && string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00"
}

// isWebP looks past the length of the file between the two names; "RIFF" alone also begins sound and video.
func isWebP(head []byte) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// formatOf returns the format of a file by its first bytes, or nil. Names are not asked: they are often wrong.
func formatOf(head []byte) *imageFormat {
	for i := range imageFormats {
		if imageFormats[i].is(head) {
			return &imageFormats[i]
		}
	}
	return nil
}

// Decode returns the image that a PNG, JPEG, TIFF, BMP, GIF or WebP file holds, whatever its name says, upright: the
// orientation that a camera notes in a JPEG, TIFF, PNG or WebP file (EXIF tag 274) is honoured. Of several pictures
// the first is taken. Colours become 8 bits a channel as [FromStd] says; colour profiles are not applied.
//
// limit bounds the pixels of the picture, 0 = 67 million: a larger one is refused by its header, before memory
// is allocated for it. No limit goes beyond 2^28. It is an error when the file is empty, no such format, larger than
// 1 GiB, truncated or damaged. Decoders do not panic. All of the file is in memory meanwhile.
func Decode(r io.Reader, limit int) (m *Image, err error) {
	// The header alone decides whether the pixels are allocated.
	file, f, o, err := imageHeader(r, limit)
	if err != nil {
		return nil, err
	}
	defer catchDecoder(f.name, &err)
	picture, err := f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, f.damaged(err)
	}
	// What was allowed by the header must be what the decoder made: two parsers may disagree on a crafted file.
	screen := image.Rect(0, 0, o.w, o.h)
	switch b := picture.Bounds(); {
	case b.Dx() == o.w && b.Dy() == o.h:
	case f.name == "GIF" && b.In(screen): // a picture may cover a part of the screen
		whole := image.NewRGBA(screen)
		imagedraw.Draw(whole, b, picture, b.Min, imagedraw.Src)
		picture = whole
	default:
		return nil, fmt.Errorf("the %s file is damaged: its header says %d x %d pixels, its picture has %d x %d",
			f.name, o.w, o.h, b.Dx(), b.Dy())
	}
	m = FromStd(picture)
	// Faxes are stored white on black or black on white, and the decoder mixes some of them up.
	if f.name == "TIFF" && invertedFax(file) {
		for i, v := range m.Pix {
			m.Pix[i] = 255 - v
		}
	}
	return o.turn(m), nil
}

// imageHeader reads a file and what its header says, without decoding the pixels. It returns the content of the file,
// its format, and the size and orientation. limit and errors are those of [Decode].
func imageHeader(r io.Reader, limit int) (file []byte, f *imageFormat, o orientation, err error) {
	if limit == 0 {
		limit = defaultMaxPixels
	}
	limit = min(limit, maxPixels)
	file, err = readBounded(r)
	if err != nil {
		return nil, nil, o, err
	}
	if f = formatOf(file[:min(len(file), sniffBytes)]); f == nil {
		if len(file) == 0 {
			return nil, nil, o, errors.New("the file is empty")
		}
		return nil, nil, o, errors.New("the file begins like no PNG, JPEG, TIFF, BMP, GIF or WebP")
	}
	defer catchDecoder(f.name, &err)
	c, err := f.config(bytes.NewReader(file))
	switch {
	case err != nil:
		return nil, nil, o, f.damaged(err)
	case c.Width <= 0 || c.Height <= 0:
		return nil, nil, o, fmt.Errorf("the %s file is damaged: its header says %d x %d pixels", f.name, c.Width,
			c.Height)
	case c.Width > limit/c.Height: // divided: the product may overflow
		return nil, nil, o, fmt.Errorf("the %s picture has %d x %d pixels, more than the %d that are allowed: %w",
			f.name, c.Width, c.Height, limit,
			option.Errorf("MaxPixels", "raise it unless this is a decompression bomb"))
	}
	return file, f, orientation{w: c.Width, h: c.Height, exif: orientationTag(f.name, file)}, nil
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

// damaged wraps an error of a decoder. Decoders do not say whether a file is broken or of a kind that they do not know,
// so the text leaves it open, but for a file that ends too early.
func (f *imageFormat) damaged(err error) error {
	if err := noEOF(err); errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the %s file is cut off: %w", f.name, err)
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
