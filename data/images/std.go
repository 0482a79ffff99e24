package images

import (
	"image"
	"image/color"
)

// FromStd returns a copy of a picture of the standard library, as [image.Decode] returns it: grey when its
// colour model is grey, else red, green, blue; with [Image.Deep] when it has 16 bits a channel. Transparent pixels lie
// on white. It shares nothing with src.
func FromStd(src image.Image) *Image { return fromStd(src, sheet{0xffff, 0xffff, 0xffff}) }

// fromStd is [FromStd] on a background. Common types have a way of their own, with the same result: asking an interface
// for each pixel costs more than decoding.
func fromStd(src image.Image, on sheet) *Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	// The model decides, not the pixels: a colour picture that happens to be grey stays colour.
	switch src.ColorModel() {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		return deepFromStd(src, on)
	case color.GrayModel:
		m := &Image{W: w, H: h, C: 1, Pix: make([]uint8, w*h)}
		greyFromStd(m, src)
		return m
	}
	m := &Image{W: w, H: h, C: 3, Pix: make([]uint8, 3*w*h)}
	switch src := src.(type) {
	case *image.YCbCr:
		fromYCbCr(m, src)
	case *image.RGBA:
		fromRGBA(m, src, on)
	case *image.NRGBA:
		fromNRGBA(m, src, on)
	case *image.Paletted:
		fromPaletted(m, src, on)
	default:
		for y := range h {
			for x := range w {
				on.put(m.Pix[3*(y*w+x):], src.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return m
}

// deepFromStd is [fromStd] of a picture of 16 bits a channel.
func deepFromStd(src image.Image, on sheet) *Image {
	b := src.Bounds()
	m := &Image{W: b.Dx(), H: b.Dy(), C: 3, Range: [2]float64{0, 1 << 16}}
	if src.ColorModel() == color.Gray16Model {
		m.C = 1
		m.Deep = make([]float32, m.W*m.H)
		grey, quick := src.(*image.Gray16)
		for i := range m.Deep {
			x, y := b.Min.X+i%m.W, b.Min.Y+i/m.W
			if quick {
				at := grey.PixOffset(x, y) // the upper byte comes first
				m.Deep[i] = float32(uint32(grey.Pix[at])<<8 | uint32(grey.Pix[at+1]))
				continue
			}
			v, _, _, _ := src.At(x, y).RGBA()
			m.Deep[i] = float32(v)
		}
		return m
	}
	m.Deep = make([]float32, 3*m.W*m.H)
	whole, quick := src.(*image.RGBA64)
	for i := range m.W * m.H {
		x, y := b.Min.X+i%m.W, b.Min.Y+i/m.W
		if quick {
			if p := whole.Pix[whole.PixOffset(x, y):][:8]; p[6] == 0xff && p[7] == 0xff {
				for c := range 3 {
					m.Deep[3*i+c] = float32(uint32(p[2*c])<<8 | uint32(p[2*c+1]))
				}
				continue
			}
		}
		red, green, blue := on.under(src.At(x, y))
		m.Deep[3*i], m.Deep[3*i+1], m.Deep[3*i+2] = float32(red), float32(green), float32(blue)
	}
	return m
}

// put writes a colour on the background as three bytes, the upper ones of its 16 bits.
func (s sheet) put(p []uint8, c color.Color) {
	r, g, b := s.under(c)
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

// fromRGBA fills m, three channels.
func fromRGBA(m *Image, src *image.RGBA, on sheet) {
	fromFour(m, src.Pix, src.Stride, on, func(p []uint8) color.Color {
		return color.RGBA{R: p[0], G: p[1], B: p[2], A: p[3]}
	})
}

// fromNRGBA is fromRGBA for channels that are not multiplied by alpha. PNG files with transparency come so.
func fromNRGBA(m *Image, src *image.NRGBA, on sheet) {
	fromFour(m, src.Pix, src.Stride, on, func(p []uint8) color.Color {
		return color.NRGBA{R: p[0], G: p[1], B: p[2], A: p[3]}
	})
}

// fromFour fills m from pixels of three channels and alpha, rows stride bytes apart; opaque pixels, which most are, are
// copied, and of others colour says what they mean.
func fromFour(m *Image, pix []uint8, stride int, on sheet, colour func(p []uint8) color.Color) {
	for y := range m.H {
		row := pix[y*stride:]
		for x := range m.W {
			from, to := row[4*x:4*x+4], m.Pix[3*(y*m.W+x):][:3]
			if from[3] == 0xff {
				copy(to, from)
			} else {
				on.put(to, colour(from))
			}
		}
	}
}

// fromPaletted fills m, three channels, through a table of the palette. GIF files and some PNG files come so.
func fromPaletted(m *Image, src *image.Paletted, on sheet) {
	b := src.Rect
	var table [256][3]uint8 // an index beyond the palette is black
	for i, c := range src.Palette[:min(len(src.Palette), 256)] {
		on.put(table[i][:], c)
	}
	for y := range m.H {
		row := src.Pix[src.PixOffset(b.Min.X, b.Min.Y+y):]
		for x := range m.W {
			copy(m.Pix[3*(y*m.W+x):][:3], table[row[x]][:])
		}
	}
}

// Std returns a copy of the image for the standard library, for instance for [image/png.Encode]: an [image.Gray] for
// one channel, an opaque [image.RGBA] for three; [FromStd] of it is equal to m. A deep image becomes an [image.Gray16]
// or [image.RGBA64], of equal values where its range is that of 16 bits, else with its own extremes as black and white.
func (m *Image) Std() image.Image {
	bounds := image.Rect(0, 0, m.W, m.H)
	if m.Deep != nil {
		return m.deepStd(bounds)
	}
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

// deepStd is [Image.Std] of a deep image.
func (m *Image) deepStd(bounds image.Rectangle) image.Image {
	low, scale := 0.0, 1.0
	if m.Range != [2]float64{0, 1 << 16} {
		var high float64
		if low, high = m.MinMax(); high > low {
			scale = 0xffff / (high - low)
		}
	}
	at := func(i int) uint16 { return uint16(min(max((float64(m.Deep[i])-low)*scale+0.5, 0), 0xffff)) }
	if m.C == 1 {
		g := image.NewGray16(bounds)
		for i := range m.Deep {
			g.SetGray16(i%m.W, i/m.W, color.Gray16{Y: at(i)})
		}
		return g
	}
	c := image.NewRGBA64(bounds)
	for i := range m.W * m.H {
		c.SetRGBA64(i%m.W, i/m.W, color.RGBA64{R: at(3 * i), G: at(3*i + 1), B: at(3*i + 2), A: 0xffff})
	}
	return c
}
