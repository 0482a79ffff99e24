package images

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/go-siamese/lab/data/images/internal/rawtiff"
)

// orientation is how a picture of w x h stored pixels must be turned to be upright.
type orientation struct {
	w, h int // as stored
	// exif is the value of EXIF tag 274, 1 to 8: 1 is upright, 2 to 4 are mirrored or turned by 180 degrees, and from 5
	// on width and height change places.
	exif int
}

// size returns the width and height of the upright picture.
func (o orientation) size() (w, h int) {
	if o.exif >= 5 {
		return o.h, o.w
	}
	return o.w, o.h
}

// turn returns the picture upright. The values of the tag say where the first stored row and column lie
// (TIFF 6.0, "Orientation"; Exif 2.3, section 4.6.4): 6 for instance, as cameras held upright write it,
// that the first row is the right-hand side. An upright picture is returned itself, another one as a copy.
func (o orientation) turn(m *Image) *Image {
	if o.exif <= 1 {
		return m
	}
	w, h := o.size()
	out := &Image{W: w, H: h, C: m.C, Range: m.Range}
	if m.Deep != nil {
		out.Deep = turned(o, m, m.Deep)
	} else {
		out.Pix = turned(o, m, m.Pix)
	}
	return out
}

// turned returns the values of the upright picture.
func turned[T uint8 | float32](o orientation, m *Image, values []T) []T {
	w, h := o.size()
	out := make([]T, len(values))
	for y := range h {
		for x := range w {
			// Where the pixel is stored: axes exchanged, then each reversed or not.
			sx, sy := x, y
			if o.exif >= 5 {
				sx, sy = y, x
			}
			// From the right, and from the bottom.
			switch o.exif {
			case 2, 3, 7, 8:
				sx = m.W - 1 - sx
			}
			switch o.exif {
			case 3, 4, 6, 7:
				sy = m.H - 1 - sy
			}
			copy(out[(y*w+x)*m.C:][:m.C], values[(sy*m.W+sx)*m.C:])
		}
	}
	return out
}

// orientationTag returns the EXIF orientation of a file, 1 (upright) when it has none that is valid. The file is of the
// format, at least by its first bytes. A broken tag is no reason to refuse a picture that can be decoded.
func orientationTag(format string, file []byte) int {
	exif := []byte(nil)
	switch format {
	case "TIFF":
		if f, err := rawtiff.Parse(file); err == nil { // BigTIFF too
			return f.Orientation()
		}
		exif = file
	case "JPEG":
		exif = jpegExif(file)
	case "PNG":
		exif = pngChunk(file, "eXIf")
	case "WebP":
		exif = riffChunk(file[12:], "EXIF")
	}
	return tagOf(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
}

// chunk returns the data of the named chunk of a PNG or RIFF file, nil when there is none. file begins with the first
// chunk. read takes the name of a chunk, the length of its data and the number of bytes after them from its 8 bytes of
// header. The data share memory with the file.
func chunk(file []byte, name string, read func(head []byte) (string, uint32, int)) []byte {
	for len(file) >= 8 {
		is, n, behind := read(file)
		file = file[8:]
		if uint64(n)+uint64(behind) > uint64(len(file)) {
			return nil
		}
		if is == name {
			return file[:n]
		}
		file = file[int(n)+behind:]
	}
	return nil
}

// jpegExif returns the EXIF part of a JPEG file, which comes before the picture: the data of the first APP1 segment
// that begins with "Exif", or nil. A segment is ff, a marker, its length with these two bytes, and its data.
func jpegExif(file []byte) []byte {
	for at := 2; at+4 <= len(file) && file[at] == 0xff; {
		marker := file[at+1]
		n := int(binary.BigEndian.Uint16(file[at+2:]))
		if marker == 0xda || n < 2 || at+2+n > len(file) { // the picture begins
			return nil
		}
		if data := file[at+4 : at+2+n]; marker == 0xe1 && bytes.HasPrefix(data, []byte("Exif\x00\x00")) {
			return data
		}
		at += 2 + n
	}
	return nil
}

// tagOf returns the orientation in a TIFF structure, which EXIF data are too, 1 when it has none.
func tagOf(tiff []byte) int {
	if v := shortTag(tiff, 274); v >= 1 && v <= 8 {
		return v
	}
	return 1
}

// invertedFax reports whether the decoder swaps white and black of a TIFF file: it ignores that zeros are black
// (tag 262: 1) in fax compression (tag 259: 3 or 4). Seen in golang.org/x/image; fax.tif of the tests is such a file.
func invertedFax(tiff []byte) bool {
	compression := shortTag(tiff, 259)
	return (compression == 3 || compression == 4) && shortTag(tiff, 262) == 1
}

// shortTag returns a tag of the first directory of a TIFF structure that has a whole number, -1 when it has none. A
// directory is the number of its entries and 12 bytes for each: tag, type, count, value. Of several values the first is
// returned; offsets beyond the end are no tag.
func shortTag(tiff []byte, tag uint16) int {
	if len(tiff) < 8 {
		return -1
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(tiff[:4]) {
	case "II\x2a\x00":
	case "MM\x00\x2a":
		order = binary.BigEndian
	default:
		return -1
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return -1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return -1
		}
		const short, long = 3, 4
		if order.Uint16(entries) == tag {
			switch order.Uint16(entries[2:]) {
			case short:
				return int(order.Uint16(entries[8:]))
			case long: // as some programs write it
				return int(min(order.Uint32(entries[8:]), math.MaxInt32))
			}
		}
		entries = entries[12:]
	}
	return -1
}
