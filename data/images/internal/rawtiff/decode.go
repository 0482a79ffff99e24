package rawtiff

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// grid is how a picture is cut into parts: strips over its whole width, or tiles. Parts follow each other from left to
// right and from top to bottom; with separate planes, those of one plane after the other.
type grid struct {
	w, h         int      // of a part, in pixels
	across       int      // parts in a row
	offsets, len []uint64 // of every part: where it lies in the file, and its bytes there
}

// grid returns the parts of the picture. It is an error when there are none, or not as many lengths as places, and when
// tiles are larger than the picture needs: they would take memory that its header does not tell of.
func (f *File) grid() (grid, error) {
	g := grid{w: f.W, h: min(f.first(tagRows, math.MaxInt32), f.H), across: 1, offsets: f.tags[tagStripOffsets],
		len: f.tags[tagStripBytes]}
	if f.tags[tagTileWidth] != nil {
		g = grid{w: f.first(tagTileWidth, 0), h: f.first(tagTileHeight, 0), offsets: f.tags[tagTileOffsets],
			len: f.tags[tagTileBytes]}
		// A tile may reach beyond the picture, but a small picture has no huge one.
		if g.w < 1 || g.h < 1 || g.w > max(f.W+1<<9, 1<<10) || g.h > max(f.H+1<<9, 1<<10) {
			return g, fmt.Errorf("%w: tiles of %d x %d pixels", ErrDamaged, g.w, g.h)
		}
		g.across = (f.W + g.w - 1) / g.w
	}
	if g.h < 1 || len(g.offsets) == 0 || len(g.offsets) != len(g.len) {
		return g, fmt.Errorf("%w: %d parts, %d lengths", ErrDamaged, len(g.offsets), len(g.len))
	}
	return g, nil
}

// Decode returns the numbers of the picture, [H, W, Samples]; colours of JPEG inside, and of L*a*b*, are red,
// green, blue. Those of few bits are whole numbers from 0. Errors are [ErrDamaged], an
// [UnsupportedError], also for whole numbers of 32 bits that a float32 cannot hold, and those of decoders.
func (f *File) Decode() (values []float32, err error) {
	defer func() { // a place beyond the file, or a decoder that gives up
		if cause := recover(); cause != nil {
			values, err = nil, fmt.Errorf("%w (%v)", ErrDamaged, cause)
		}
	}()
	if err := f.check(); err != nil {
		return nil, err
	}
	g, err := f.grid()
	if err != nil {
		return nil, err
	}
	planes, samples := 1, f.Samples // of a part
	if f.first(tagPlanar, 1) == 2 {
		planes, samples = f.Samples, 1
	}
	down := (f.H + g.h - 1) / g.h
	if want := g.across * down * planes; len(g.offsets) < want {
		return nil, fmt.Errorf("%w: %d parts, want %d", ErrDamaged, len(g.offsets), want)
	}
	stored := uint64(0)
	for _, n := range g.len {
		stored += min(n, uint64(len(f.file)))
	}
	// No compression shrinks by more than some ten thousands: a few bytes fill no memory.
	if want := uint64(f.W) * uint64(f.H) * uint64(f.Samples); want/(1<<15) > stored {
		return nil, fmt.Errorf("%w: %d bytes for %d numbers", ErrDamaged, stored, want)
	}
	values = make([]float32, f.W*f.H*f.Samples)
	for k := range g.across * down * planes {
		plane, place := k/(g.across*down), k%(g.across*down)
		x0, y0 := place%g.across*g.w, place/g.across*g.h
		w, h := g.w, g.h
		if f.tags[tagTileWidth] == nil { // the last strip ends with the picture, a tile is always whole
			h = min(h, f.H-y0)
		}
		at, n := g.offsets[k], g.len[k]
		if at > uint64(len(f.file)) || n > uint64(len(f.file))-at {
			return nil, fmt.Errorf("%w: part %d lies beyond its end", ErrDamaged, k)
		}
		part, err := f.part(f.file[at:at+n], w, h, samples)
		if err != nil {
			return nil, err
		}
		for y := range min(h, f.H-y0) {
			for x := range min(w, f.W-x0) {
				to := values[((y0+y)*f.W+x0+x)*f.Samples+plane:]
				copy(to[:samples], part[(y*w+x)*samples:])
			}
		}
	}
	if f.InLab() {
		w, _ := f.white()
		f.fromLab(values, w)
	}
	return values, nil
}

// part returns the numbers of a part of w x h pixels, [h, w, samples], from its bytes as they lie in the file:
// unpacked, the predictor undone, and converted.
func (f *File) part(packed []byte, w, h, samples int) ([]float32, error) {
	compression := f.first(tagCompression, compressionNone)
	if compression == compressionJPEG {
		return f.jpegPart(packed, w, h, samples)
	}
	row := (w*samples*f.Bits + 7) / 8 // rows begin at whole bytes
	rows, err := unpack(packed, compression, row*h)
	if err != nil {
		return nil, err
	}
	if err := f.undo(rows, w, samples); err != nil {
		return nil, err
	}
	out := make([]float32, 0, w*h*samples)
	for ; len(rows) >= row && len(out) < w*h*samples; rows = rows[row:] {
		for i := range w * samples {
			v, err := f.number(rows, i)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// number returns number i of a row of bytes, counted over all pixels and samples of it. Numbers of 1, 2, 4 and 12 bits
// are packed without gaps. A whole number of 32 bits that no float32 holds is an error: a grey value must not change.
func (f *File) number(row []byte, i int) (float32, error) {
	switch {
	case f.Bits < 8 || f.Bits == 12: // highest bits first
		v := uint32(0)
		for b := i * f.Bits; b < (i+1)*f.Bits; b++ {
			v = v<<1 | uint32(row[b/8]>>(7-b%8))&1
		}
		return float32(v), nil
	case f.Float && f.Bits == 16:
		return half(f.order.Uint16(row[2*i:])), nil
	case f.Float && f.Bits == 32:
		return math.Float32frombits(f.order.Uint32(row[4*i:])), nil
	case f.Float:
		return float32(math.Float64frombits(f.order.Uint64(row[8*i:]))), nil
	}
	var v int64
	switch f.Bits {
	case 8:
		if v = int64(row[i]); f.Signed {
			v = int64(int8(row[i]))
		}
	case 16:
		if v = int64(f.order.Uint16(row[2*i:])); f.Signed {
			v = int64(int16(v))
		}
	default:
		if v = int64(f.order.Uint32(row[4*i:])); f.Signed {
			v = int64(int32(v))
		}
	}
	if out := float32(v); int64(out) == v {
		return out, nil
	}
	return 0, UnsupportedError(fmt.Sprintf("a TIFF with whole numbers, such as %d, that need more than the 24 bits that "+
		"are kept", v))
}

// half returns a floating-point number of 16 bits (IEEE 754 binary16).
func half(b uint16) float32 {
	sign, exponent, fraction := float64(1), int(b>>10)&31, float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		return float32(math.NaN()) // or infinite: neither is a grey value
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}

// jpegPart returns the numbers of a part that is a JPEG; tables that all parts share are in the directory. Colours
// become red, green, blue.
func (f *File) jpegPart(packed []byte, w, h, samples int) ([]float32, error) {
	if tables := f.tags[tagTables]; len(tables) > 4 && len(packed) > 2 {
		// A JPEG begins with ff d8 and ends with ff d9: the tables without their end, the part without its beginning.
		all := make([]byte, 0, len(tables)+len(packed))
		for _, b := range tables[:len(tables)-2] {
			all = append(all, byte(b))
		}
		packed = append(all, packed[2:]...)
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	// The last strip may be stored as high as the others.
	if c.Width != w || c.Height < h || c.Height > h+1<<12 {
		return nil, fmt.Errorf("%w: a part of %d x %d pixels holds %d x %d", ErrDamaged, w, h, c.Width, c.Height)
	}
	m, err := jpeg.Decode(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	out := make([]float32, 0, w*h*samples)
	for y := range h {
		for x := range w {
			switch m := m.(type) {
			case *image.Gray:
				out = append(out, float32(m.GrayAt(x, y).Y))
			case *image.YCbCr:
				v := m.YCbCrAt(x, y)
				if f.Photometric() == RGB { // the three are the colours themselves
					out = append(out, float32(v.Y), float32(v.Cb), float32(v.Cr))
					continue
				}
				r, g, b := color.YCbCrToRGB(v.Y, v.Cb, v.Cr)
				out = append(out, float32(r), float32(g), float32(b))
			default:
				r, g, b, _ := m.At(x, y).RGBA()
				out = append(out, float32(r>>8), float32(g>>8), float32(b>>8))
			}
		}
	}
	if len(out) != w*h*samples {
		return nil, UnsupportedError(fmt.Sprintf("a TIFF with a JPEG of other than its %d samples inside", samples))
	}
	return out, nil
}
