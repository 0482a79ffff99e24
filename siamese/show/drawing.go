package show

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"image/color"
	"image/png"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/go-siamese/lab/data/quote"
)

// drawing is a picture that can be drawn as SVG and as PNG.
type drawing struct {
	name          string // what it shows, in a line: its accessible name
	text          string // the same as plain text, with the numbers; "" = name
	width, height vg.Length
	paint         func(draw.Canvas) // onto a white canvas of that size
}

// svg returns the picture as an SVG element, without the XML declaration, which is an error within HTML. Text stays
// text, so that it can be searched.
func (d *drawing) svg() (string, error) {
	canvas := &measured{Canvas: vgsvg.New(d.width, d.height)}
	d.onto(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("writing SVG: %w", err)
	}
	out := b.String()
	out = canvas.fixed(out[max(0, strings.Index(out, "<svg")):])
	out = strings.Replace(out, "<svg", fmt.Sprintf(`<svg role="img" aria-label="%s"`,
		html.EscapeString(quote.Lines(d.name))), 1)
	// Text is laid out with Liberation Sans; where a reader has none, these fonts are nearly as wide.
	return strings.ReplaceAll(out, "font-family:Liberation Sans;",
		"font-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif;"), nil
}

// measured is a canvas that notes how wide its texts are.
type measured struct {
	*vgsvg.Canvas
	widths []vg.Length
}

// FillString implements [vg.Canvas].
func (m *measured) FillString(f font.Face, at vg.Point, text string) {
	m.widths = append(m.widths, f.Width(text))
	m.Canvas.FillString(f, at, text)
}

// fixed returns an SVG whose texts are as wide as they were laid out, whatever font a reader has: with a wider one they
// would run into each other, or out of the picture.
func (m *measured) fixed(svg string) string {
	parts := strings.Split(svg, "<text ") // which no text has: "<" is escaped there
	for i, width := range m.widths {
		if width > 0 && i+1 < len(parts) {
			wide := fmt.Sprintf(` textLength="%.5g" lengthAdjust="spacingAndGlyphs">`, width.Points())
			parts[i+1] = strings.Replace(parts[i+1], ">", wide, 1)
		}
	}
	return strings.Join(parts, "<text ")
}

// onto draws the picture on a white ground: notebooks with a dark theme show pictures without one on black.
func (d *drawing) onto(c draw.Canvas) {
	c.SetColor(color.White)
	c.Fill(c.Path())
	d.paint(c)
}

// pointsToPixels is the size of a point in pixels of CSS.
const pointsToPixels = 96.0 / 72

// output returns the picture in all forms.
func (d *drawing) output() (Output, error) {
	svg, err := d.svg()
	if err != nil {
		return Output{}, err
	}
	// Two pixels for one of CSS: screens and paper are finer than 96 pixels an inch.
	canvas := vgimg.NewWith(vgimg.UseWH(d.width, d.height), vgimg.UseDPI(2*96))
	d.onto(draw.New(canvas))
	var b bytes.Buffer
	// The best compression takes nine times as long, for 6 % fewer bytes.
	if err := png.Encode(&b, fewColours(canvas.Image())); err != nil {
		return Output{}, fmt.Errorf("writing PNG: %w", err)
	}
	text := d.text
	if text == "" {
		text = d.name
	}
	return Output{Text: quote.Lines(text), SVG: svg, PNG: b.Bytes(),
		Width:  int(float64(d.width)*pointsToPixels + .5),
		Height: int(float64(d.height)*pointsToPixels + .5)}, nil
}

// HTML returns the picture for a page.
func (d *drawing) HTML() (template.HTML, error) {
	svg, err := d.svg()
	// It needs no escaping: this package drew it, and vgsvg escapes text.
	return template.HTML(svg), err
}
