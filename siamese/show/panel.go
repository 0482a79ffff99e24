package show

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/data/quote"
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
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = quote.Lines(title), x, y
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
	p.keys = append(p.keys, key{quote.Lines(name), thumbs})
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

// nominal labels an axis with names at 0, 1 and so on.
func (p *panel) nominal(axis *plot.Axis, names []string) {
	marks := make([]plot.Tick, len(names))
	for i, name := range names {
		marks[i] = plot.Tick{Value: float64(i), Label: fit(axis.Tick.Label, name, vg.Points(120))}
	}
	axis.Tick.Marker = plot.ConstantTicks(marks)
	axis.Min, axis.Max = -.5, float64(len(names))-.5
}
