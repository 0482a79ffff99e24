package show

import (
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"slices"
)

// fewColours returns a drawing with a palette of its 256 most frequent colours, which makes its PNG some times smaller.
// Others, as where the edges of lines of two colours meet, become the most alike of these. A picture in which they
// would be more than a thirtieth of the pixels, such as a photograph, is returned unchanged. src is opaque.
func fewColours(src image.Image) image.Image {
	b := src.Bounds()
	rgba := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(rgba, rgba.Rect, src, b.Min, draw.Src)
	counts := make(map[color.RGBA]int)
	pixel := func(i int) color.RGBA {
		return color.RGBA{rgba.Pix[4*i], rgba.Pix[4*i+1], rgba.Pix[4*i+2], 0xff}
	}
	// Most pixels have the colour of the one before: a run of them is looked up once.
	for i, n := 0, b.Dx()*b.Dy(); i < n; {
		first, c := i, pixel(i)
		for i++; i < n && pixel(i) == c; i++ {
		}
		counts[c] += i - first
	}
	colours := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		colours = append(colours, c)
	}
	// Ties by colour, so that the same drawing always gives the same bytes.
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G),
			cmp.Compare(a.B, b.B))
	})
	rest := 0
	for _, c := range colours[min(256, len(colours)):] {
		rest += counts[c]
	}
	if rest*30 > b.Dx()*b.Dy() {
		return src
	}
	out := image.NewPaletted(rgba.Rect, nil)
	at := make(map[color.RGBA]uint8, len(colours))
	for k, c := range colours {
		if k < 256 {
			at[c], out.Palette = uint8(k), append(out.Palette, c)
			continue
		}
		at[c] = uint8(out.Palette.Index(c))
	}
	for i := range out.Pix {
		if i > 0 && pixel(i) == pixel(i-1) {
			out.Pix[i] = out.Pix[i-1]
		} else {
			out.Pix[i] = at[pixel(i)]
		}
	}
	return out
}
