package data

import (
	"image"
	"image/color"
)

// FromStd returns a copy of a picture of the standard library, as [image.Decode] gives it: grey when its colour
// model is grey, else red, green, blue. Transparent pixels are laid over black; 16 bits a channel are cut to 8.
func FromStd(src image.Image) *Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	model := src.ColorModel()
	if model == color.GrayModel || model == color.Gray16Model {
		m := &Image{W: w, H: h, C: 1, Pix: make([]uint8, w*h)}
		for y := range h {
			for x := range w {
				r, _, _, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
				m.Pix[y*w+x] = uint8(r >> 8)
			}
		}
		return m
	}
	m := &Image{W: w, H: h, C: 3, Pix: make([]uint8, 3*w*h)}
	for y := range h {
		for x := range w {
			r, g, bl, _ := src.At(b.Min.X+x, b.Min.Y+y).RGBA()
			p := m.Pix[3*(y*w+x):]
			p[0], p[1], p[2] = uint8(r>>8), uint8(g>>8), uint8(bl>>8)
		}
	}
	return m
}

// Std returns a copy of the image for the standard library, for instance for [image/png.Encode]:
// an [image.Gray] for one channel, an opaque [image.RGBA] for three.
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
