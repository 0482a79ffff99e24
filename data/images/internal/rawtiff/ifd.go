// Package rawtiff reads TIFF files that golang.org/x/image/tiff does not: floating-point and signed numbers, 32 bits
// and few bits a sample, CMYK, CIE L*a*b*, separate planes, JPEG and Zstandard inside, and BigTIFF. [Parse] reads what
// the first directory says and [File.Decode] the values.
//
// Source: TIFF 6.0 (1992), its technical notes 1 to 3, and the BigTIFF design (2007).
package rawtiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrDamaged is the error about a file that contradicts itself or ends too early.
var ErrDamaged = errors.New("the TIFF file is damaged or cut off")

// UnsupportedError says of what kind a file is that is not read, such as "a TIFF in CIE Lab colours".
type UnsupportedError string

// Error returns the kind.
func (e UnsupportedError) Error() string { return string(e) + " is not read" }

// Tags of a directory that are used here, by their numbers in TIFF 6.0 (tagTables is of technical note 2). A tag holds
// one number or a list of them; what a file leaves out has the default that the specification gives, see [File.first].
const (
	tagWidth, tagHeight, tagBits, tagCompression, tagPhotometric = 256, 257, 258, 259, 262
	tagStripOffsets, tagSamples, tagRows, tagStripBytes          = 273, 277, 278, 279
	tagPlanar, tagPredictor, tagTileWidth, tagTileHeight         = 284, 317, 322, 323
	tagWhite                                                     = 318
	tagTileOffsets, tagTileBytes, tagExtra, tagFormat, tagTables = 324, 325, 338, 339, 347
)

// Kinds of numbers, as tag 339 has them: whole without and with sign, and floating-point. 4 (unknown) and above
// (complex) are not read.
const (
	formatUint, formatInt, formatFloat = 1, 2, 3
)

// File is a TIFF file with the first of its pictures. It is made by [Parse], shares memory with the file, and may be
// used by several goroutines at a time.
type File struct {
	// W and H are pixels, Samples the numbers of a pixel (colours, then opacity and others), Bits those of a number. W,
	// H and Samples are 1 or more; Bits is as the file has it, and may be of a kind that Decode refuses.
	W, H, Samples, Bits int
	// Float says that the numbers are floating-point, Signed that they are signed whole ones; neither = unsigned ones.
	Float, Signed bool
	// Alpha says that the sample behind the colours is opacity: 0 is transparent.
	Alpha bool
	// Pages is the number of pictures, from 1 on; smaller copies of one and masks of transparency are none.
	Pages int

	file  []byte
	order binary.ByteOrder // of all numbers: the first two bytes of the file, "II" or "MM"
	// tags are the values of the directory by tag. Fractions are kept as one number of 64 bits, see [File.fraction];
	// texts and floating-point values, which nothing here needs, are left out.
	tags map[int][]uint64
}

// Parse reads the first directory of a file, whose first four bytes say that it is TIFF or BigTIFF. It reads no values
// of pixels and takes some kilobytes. Errors are [ErrDamaged]: places beyond the file, more than 4,096 entries, a
// picture without pixels, more than 16 samples. Whether the kind is supported is for [File.Decode] to say.
func Parse(file []byte) (f *File, err error) {
	defer func() { // a place beyond the file
		if recover() != nil {
			f, err = nil, ErrDamaged
		}
	}()
	f = &File{file: file, order: binary.LittleEndian, tags: map[int][]uint64{}, Pages: 1}
	if file[0] == 'M' {
		f.order = binary.BigEndian
	}
	// BigTIFF has the number 43 where TIFF has 42; its places and counts are of 64 bits.
	big := f.order.Uint16(file[2:]) == 43
	at, count, entry, inline := uint64(f.order.Uint32(file[4:])), 2, 12, 4
	if big {
		at, count, entry, inline = f.order.Uint64(file[8:]), 8, 20, 8
	}
	n := uint64(f.order.Uint16(file[at:]))
	if big {
		n = f.order.Uint64(file[at:])
	}
	if n > 1<<12 {
		return nil, ErrDamaged
	}
	at += uint64(count)
	for range n {
		f.add(file[at:at+uint64(entry)], inline)
		at += uint64(entry)
	}
	next := uint64(f.order.Uint32(file[at:]))
	if big {
		next = f.order.Uint64(file[at:])
	}
	f.countPages(next, big)
	return f, f.describe()
}

// add reads an entry: tag, type, number of values, and the values or where they are. inline is the room for them within
// the entry, 4 bytes or 8 in BigTIFF. Entries of other types, and those that claim more values than the file has bytes,
// are passed over. It panics where the values lie beyond the file, which Parse recovers.
func (f *File) add(entry []byte, inline int) {
	// Bytes of a value by type: 1 and 7 bytes, 3 short, 4 long, 5 fraction, 13 place, 16 and 18 those of BigTIFF.
	sizes := map[uint16]int{1: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4, 16: 8, 18: 8}
	size := sizes[f.order.Uint16(entry[2:])]
	n := uint64(f.order.Uint32(entry[4:]))
	if inline == 8 {
		n = f.order.Uint64(entry[4:])
	}
	if size == 0 || n > uint64(len(f.file)) { // text, and what cannot be
		return
	}
	values := entry[len(entry)-inline:]
	if n*uint64(size) > uint64(inline) {
		at := uint64(f.order.Uint32(values))
		if inline == 8 {
			at = f.order.Uint64(values)
		}
		values = f.file[at:]
	}
	out := make([]uint64, n)
	for i := range out {
		switch v := values[i*size:]; size {
		case 1:
			out[i] = uint64(v[0])
		case 2:
			out[i] = uint64(f.order.Uint16(v))
		case 4:
			out[i] = uint64(f.order.Uint32(v))
		case 8:
			out[i] = f.order.Uint64(v)
		}
	}
	f.tags[int(f.order.Uint16(entry))] = out
}

// first returns the first value of a tag, or other where it has none: the specification's default. Values past an int
// of 32 bits are cut to the largest one, which no check lets pass.
func (f *File) first(tag int, other uint64) int {
	if v := f.tags[tag]; len(v) > 0 {
		other = v[0]
	}
	return int(min(other, math.MaxInt32))
}

// describe fills the exported fields from the tags.
func (f *File) describe() error {
	f.W, f.H, f.Samples = f.first(tagWidth, 0), f.first(tagHeight, 0), f.first(tagSamples, 1)
	f.Bits = f.first(tagBits, 1)
	format := f.first(tagFormat, formatUint)
	// L* has no sign, a* and b* mostly have one.
	f.Float, f.Signed = format == formatFloat, format == formatInt && !f.InLab()
	if f.W < 1 || f.H < 1 || f.Samples < 1 || f.Samples > 16 {
		return fmt.Errorf("%w: %d x %d pixels of %d samples", ErrDamaged, f.W, f.H, f.Samples)
	}
	extra := f.tags[tagExtra]
	f.Alpha = len(extra) > 0 && (extra[0] == 1 || extra[0] == 2)
	return nil
}

// Photometric is what the numbers mean: the colour model, and for grey which end is black.
type Photometric int

// Meanings, as tag 262 has them. [Palette] is for golang.org/x/image/tiff and not decoded here; [Lab] and [ICCLab]
// differ in how a* and b* are stored, with a sign or an offset.
const (
	WhiteIsZero Photometric = 0
	BlackIsZero Photometric = 1
	RGB         Photometric = 2
	Palette     Photometric = 3
	CMYK        Photometric = 5
	YCbCr       Photometric = 6
	Lab         Photometric = 8
	ICCLab      Photometric = 9
)

// Photometric returns what the numbers mean.
func (f *File) Photometric() Photometric { return Photometric(f.first(tagPhotometric, 1)) }

// InLab reports whether the numbers are CIE L*a*b*.
func (f *File) InLab() bool { return f.Photometric() == Lab || f.Photometric() == ICCLab }

// Usual reports whether the file is likely to be of a kind that golang.org/x/image/tiff reads.
func (f *File) Usual() bool {
	compression := f.first(tagCompression, compressionNone)
	return !f.Float && !f.Signed && (f.Bits == 1 || f.Bits == 8 || f.Bits == 16) && f.Photometric() <= Palette &&
		f.first(tagPlanar, 1) == 1 && compression != compressionJPEG && compression != compressionZstd
}

// Unnamed returns how many numbers of a pixel are neither colours nor opacity, as of other wavelengths: nothing says
// what a picture of them is.
func (f *File) Unnamed() int {
	colours := 1
	switch f.Photometric() {
	case RGB, YCbCr, Lab, ICCLab:
		colours = 3
	case CMYK:
		colours = 4
	case WhiteIsZero, BlackIsZero, Palette:
	}
	if f.Alpha {
		colours++
	}
	return max(0, f.Samples-colours)
}

// Raw reports whether this is a raw file of a camera: its first picture is a small one for display. Such files are TIFF
// with DNG's version, Canon's mark, or a preview and directories below it, where the pictures are.
func (f *File) Raw() bool {
	const tagDNG, tagBelow = 50706, 330
	return f.tags[tagDNG] != nil || f.Preview() && f.tags[tagBelow] != nil ||
		len(f.file) > 10 && string(f.file[8:10]) == "CR"
}

// Preview reports whether the first picture calls itself a smaller copy of another one, or a mask.
func (f *File) Preview() bool {
	const tagSubfile, reduced, mask = 254, 1, 4
	return f.first(tagSubfile, 0)&(reduced|mask) != 0
}

// Orientation returns how the picture is turned, tag 274: 1 to 8, 1 = upright and where the file does not say.
func (f *File) Orientation() int {
	if v := f.first(274, 1); v >= 1 && v <= 8 {
		return v
	}
	return 1
}

// Premultiplied reports whether colours are multiplied by the opacity (tag 338 is 1, "associated"): on a background
// they are added to it as they are.
func (f *File) Premultiplied() bool { return f.Alpha && f.tags[tagExtra][0] == 1 }

// check returns what is not supported about the file, before anything is decoded.
func (f *File) check() error {
	for _, list := range [][]uint64{f.tags[tagBits], f.tags[tagFormat]} {
		for _, v := range list {
			if v != list[0] {
				return UnsupportedError("a TIFF whose samples are of different kinds")
			}
		}
	}
	switch p := f.Photometric(); {
	case f.InLab():
		_, known := f.white()
		switch {
		case f.Samples < 3:
			return UnsupportedError("a TIFF of the lightness in CIE Lab colours alone")
		case f.Bits != 8 && f.Bits != 16 || f.Float:
			return UnsupportedError(fmt.Sprintf("a TIFF in CIE Lab colours of %d bits", f.Bits))
		case !known:
			return UnsupportedError("a TIFF in CIE Lab colours under another light than D50 and D65")
		}
	case p == 10:
		return UnsupportedError("a TIFF in ITU Lab colours")
	case p == YCbCr && f.first(tagCompression, 1) != compressionJPEG:
		return UnsupportedError("a TIFF in YCbCr colours without JPEG")
	case p == Palette || p == 4 || p > YCbCr:
		return UnsupportedError(fmt.Sprintf("a TIFF of the colour model %d", p))
	}
	if f.Samples > 5 { // CMYK with opacity
		return UnsupportedError(fmt.Sprintf("a TIFF of %d channels", f.Samples))
	}
	format := f.first(tagFormat, formatUint)
	switch ok := map[int][]int{formatUint: {1, 2, 4, 8, 12, 16, 32}, formatInt: {8, 16, 32},
		formatFloat: {16, 32, 64}}[format]; {
	case format > formatFloat:
		return UnsupportedError("a TIFF of complex or unknown numbers")
	case !slices.Contains(ok, f.Bits):
		return UnsupportedError(fmt.Sprintf("a TIFF with %d bits a sample", f.Bits))
	}
	return nil
}
