package images

import (
	"image"
	"image/color"
)

// FromStd returns a copy of a picture of the standard library, as [image.Decode] returns it: grey when its
// colour model is grey, else red, green, blue. Transparent pixels are blended with black; 16 bits a channel are
// cut to 8. It shares nothing with src. Common types have a way of their own, with the same result: asking an
// interface for each pixel costs more than decoding.
func FromStd(src image.Image) *Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	// The model decides, not the pixels: a colour picture that happens to be grey stays colour.
	model := src.ColorModel()
	if model == color.GrayModel || model == color.Gray16Model {
		m := &Image{W: w, H: h, C: 1, Pix: make([]uint8, w*h)}
		greyFromStd(m, src)
		return m
	}
	m := &Image{W: w, H: h, C: 3, Pix: make([]uint8, 3*w*h)}
	switch src := src.(type) {
	case *image.YCbCr:
		fromYCbCr(m, src)
	case *image.RGBA:
		for y := range h {
			row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
			for x := range w {
				copy(m.Pix[3*(y*w+x):][:3], row[4*x:4*x+3])
			}
		}
	case *image.NRGBA:
		fromNRGBA(m, src)
	case *image.Paletted:
		fromPaletted(m, src)
	default:
		for y := range h {
			for x := range w {
				putColour(m.Pix[3*(y*w+x):], src.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return m
}

// putColour writes a colour as three bytes, the upper ones of its 16 bits. [color.Color.RGBA] has multiplied them by
// alpha, which is the blending with black.
func putColour(p []uint8, c color.Color) {
	r, g, b, _ := c.RGBA()
	p[0], p[1], p[2] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
}

// greyFromStd fills m, one channel, from a picture of a grey colour model and the same size.
func greyFromStd(m *Image, src image.Image) {
	b := src.Bounds()
	for y := range m.H {
		row := m.Pix[y*m.W : (y+1)*m.W]
		switch src := src.(type) {
		case *image.Gray:
			copy(row, src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):])
		case *image.Gray16:
			at := src.PixOffset(b.Min.X, b.Min.Y+y)
			for x := range row {
				row[x] = src.Pix[at+2*x] // the upper byte comes first
			}
		default:
			for x := range row {
				r, _, _, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
				row[x] = uint8(r >> 8)
			}
		}
	}
}

// fromYCbCr is the case of JPEG files: reading one pixel at a time through an interface costs more than
// decoding them.
func fromYCbCr(m *Image, src *image.YCbCr) {
	b := src.Rect
	for y := range m.H {
		for x := range m.W {
			luma, chroma := src.YOffset(b.Min.X+x, b.Min.Y+y), src.COffset(b.Min.X+x, b.Min.Y+y)
			p := m.Pix[3*(y*m.W+x):][:3]
			p[0], p[1], p[2] = color.YCbCrToRGB(src.Y[luma], src.Cb[chroma], src.Cr[chroma])
		}
	}
}

// fromNRGBA fills m, three channels; opaque pixels, which most are, are copied. PNG files with transparency come so.
func fromNRGBA(m *Image, src *image.NRGBA) {
	b := src.Rect
	for y := range m.H {
		row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range m.W {
			from, to := row[4*x:4*x+4], m.Pix[3*(y*m.W+x):][:3]
			if from[3] == 0xff {
				copy(to, from)
			} else {
				putColour(to, color.NRGBA{R: from[0], G: from[1], B: from[2], A: from[3]})
			}
		}
	}
}

// fromPaletted fills m, three channels, through a table of the palette. GIF files and some PNG files come so.
func fromPaletted(m *Image, src *image.Paletted) {
	b := src.Rect
	var table [256][3]uint8 // an index beyond the palette is black
	for i, c := range src.Palette[:min(len(src.Palette), 256)] {
		putColour(table[i][:], c)
	}
	for y := range m.H {
		row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range m.W {
			copy(m.Pix[3*(y*m.W+x):][:3], table[row[x]][:])
		}
	}
}

// Std returns a copy of the image for the standard library, for instance for [image/png.Encode]:
// an [image.Gray] for one channel, an opaque [image.RGBA] for three. [FromStd] of it is equal to m.
func (m *Image) Std() image.Image {
	bounds := image.Rect(0, 0, m.W, m.H)
	if m.C == 1 {
		g := image.NewGray(bounds)
		copy(g.Pix, m.Pix)
		return g
	}
	c := image.NewRGBA(bounds)
	for i := range m.W * m.H {
		copy(c.Pix[4*i:4*i+3], m.Pix[3*i:3*i+3])
		c.Pix[4*i+3] = 0xff
	}
	return c
}
