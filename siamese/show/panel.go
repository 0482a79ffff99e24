package show

import (
	"bytes"
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Colours that stay apart for colour-blind readers (Okabe and Ito 2008).
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	grey   = color.RGBA{0x60, 0x60, 0x60, 0xff}
)

// panel is a plot with its legend in a row below it, where it covers nothing, unlike that of package plot.
type panel struct {
	*plot.Plot
	keys []key // of the legend, from left to right
}

// key is an entry of a legend.
type key struct {
	name   string
	thumbs []plot.Thumbnailer // drawn over each other, such as a line and a dot
}

// newPanel returns an empty panel with a title, names of its axes and a grid, in the style of all plots of the lab.
// Things are drawn in the order in which they are added.
func newPanel(title, x, y string) *panel {
	p := &panel{Plot: plot.New()}
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	// Tight paddings: two panels share the width of a notebook.
	p.Title.Padding, p.X.Label.Padding, p.Y.Label.Padding = vg.Points(6), vg.Points(3), vg.Points(3)
	p.BackgroundColor = color.White // notebooks may be dark
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks{}, ticks{}
	// One font for all text, which sideBySide replaces by a list of fonts.
	for _, style := range []*draw.TextStyle{&p.Title.TextStyle, &p.X.Label.TextStyle, &p.Y.Label.TextStyle,
		&p.X.Tick.Label, &p.Y.Tick.Label, &p.Legend.TextStyle} {
		style.Font.Variant = "Sans"
		style.Font.Size = vg.Points(10)
	}
	p.Title.TextStyle.Font.Size = vg.Points(11)
	// The grid is added first, and so lies below everything else.
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = color.Gray{0xe0}, color.Gray{0xe0}
	p.Add(grid)
	return p
}

// key adds an entry to the legend: a name with the things in the plot that it explains.
func (p *panel) key(name string, thumbs ...plot.Thumbnailer) {
	p.keys = append(p.keys, key{name, thumbs})
}

// mark draws a dashed vertical line at x over the whole height of the panel and names it in the legend. The limits of
// the Y axis must be set before. It returns an error if x is not finite.
func (p *panel) mark(name string, x float64) error {
	line, err := plotter.NewLine(plotter.XYs{{X: x, Y: p.Y.Min}, {X: x, Y: p.Y.Max}})
	if err != nil {
		return err
	}
	line.Color, line.Dashes = grey, []vg.Length{vg.Points(3), vg.Points(3)}
	p.Add(line)
	p.key(name, line)
	return nil
}

// legend draws the keys in a row, centred on the strip of the given height below c.
func (p *panel) legend(c draw.Canvas, height vg.Length) {
	const thumb, gap, between = 16, 4, 12 // widths in points: of an icon, to its name, to the next icon
	style := p.Legend.TextStyle
	style.YAlign = draw.YCenter
	// The row is as wide as its icons and names; what does not fit is cut off, so names are short.
	width := vg.Length(between * (len(p.keys) - 1))
	for _, k := range p.keys {
		width += thumb + gap + style.Width(k.name)
	}
	// Names are measured with the font that lays them out; viewers with another one may draw them a little longer.
	x, y := (c.Min.X+c.Max.X-width)/2, c.Min.Y-height/2
	for _, k := range p.keys {
		icon := draw.Canvas{Canvas: c.Canvas,
			Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y - 4}, Max: vg.Point{X: x + thumb, Y: y + 4}}}
		for _, t := range k.thumbs {
			t.Thumbnail(&icon)
		}
		c.FillText(style, vg.Point{X: x + thumb + gap, Y: y}, k.name)
		x += thumb + gap + style.Width(k.name) + between
	}
}

// sideBySide returns panels in one row as SVG text, 4.6 by 3 inches each, with their axes aligned. Text stays text, so
// that it can be searched and read aloud.
func sideBySide(panels ...*panel) (string, error) {
	const width, height, legend = 4.6 * vg.Inch, 3 * vg.Inch, vg.Length(22)
	// Align and Draw know plots alone; legends are drawn after them, in the padding below.
	plots := make([]*plot.Plot, len(panels))
	for i, p := range panels {
		plots[i] = p.Plot
	}
	canvas := vgsvg.New(width*vg.Length(len(panels)), height)
	// A white ground under everything: notebooks with a dark theme show SVG without one on black.
	all := draw.New(canvas)
	all.SetColor(color.White)
	all.Fill(all.Path())
	tiles := draw.Tiles{Rows: 1, Cols: len(panels), PadX: vg.Points(14), PadTop: vg.Points(4), PadBottom: legend,
		PadLeft: vg.Points(4), PadRight: vg.Points(10)}
	// Align gives panels the same frames although labels of their axes differ in width.
	for i, c := range plot.Align([][]*plot.Plot{plots}, tiles, all)[0] {
		plots[i].Draw(c)
		panels[i].legend(c, legend)
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("writing SVG: %w", err)
	}
	// Text is laid out with Liberation Sans; where a reader has none, these fonts are as wide or nearly so.
	return strings.ReplaceAll(b.String(), "font-family:Liberation Sans;",
		"font-family:Liberation Sans,Arimo,Arial,Helvetica,sans-serif;"), nil
}
