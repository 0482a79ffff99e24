package show

import (
	"bytes"
	"fmt"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/go-siamese/lab/siamese"
)

// Colours that stay apart for colour-blind readers (Okabe and Ito 2008).
var (
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
)

// History displays the loss and the validation figures of every epoch.
func History(r *siamese.Result) error {
	svg, err := HistorySVG(r)
	if err == nil {
		SVG(svg)
	}
	return err
}

// HistorySVG returns two plots side by side, of losses and of validation figures by epoch, with the best epoch
// marked. It returns an error when there is no epoch.
func HistorySVG(r *siamese.Result) (string, error) {
	if len(r.History) == 0 {
		return "", fmt.Errorf("no epoch was trained to its end: there is nothing to plot")
	}
	var loss, valLoss, auc, mapAtR plotter.XYs
	for _, e := range r.History {
		x := float64(e.Number)
		loss = append(loss, plotter.XY{X: x, Y: e.Loss})
		valLoss = append(valLoss, plotter.XY{X: x, Y: e.ValLoss})
		auc = append(auc, plotter.XY{X: x, Y: e.ValAUC})
		mapAtR = append(mapAtR, plotter.XY{X: x, Y: e.ValMAP})
	}
	left, err := lines("Mean squared error of the cosine", "loss", float64(r.Best),
		series{"training (dropout on)", blue, loss}, series{"validation", orange, valLoss})
	if err != nil {
		return "", err
	}
	right, err := lines("Validation items", "", float64(r.Best),
		series{"ROC-AUC", green, auc}, series{"MAP@R", orange, mapAtR})
	if err != nil {
		return "", err
	}
	return sideBySide(left, right)
}

// series is one line of a plot.
type series struct {
	name   string
	colour color.Color
	points plotter.XYs
}

// lines returns a plot by epoch, with a dashed vertical line at the best one.
func lines(title, y string, best float64, all ...series) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "epoch", y
	p.Add(plotter.NewGrid())
	low, high := all[0].points[0].Y, all[0].points[0].Y
	for _, s := range all {
		line, dots, err := plotter.NewLinePoints(s.points)
		if err != nil {
			return nil, fmt.Errorf("plot %q: %w", title, err)
		}
		line.Color, line.Width, dots.Color = s.colour, vg.Points(1.5), s.colour
		dots.Shape, dots.Radius = draw.CircleGlyph{}, vg.Points(2)
		p.Add(line, dots)
		p.Legend.Add(s.name, line, dots)
		for _, xy := range s.points {
			low, high = min(low, xy.Y), max(high, xy.Y)
		}
	}
	mark, err := plotter.NewLine(plotter.XYs{{X: best, Y: low}, {X: best, Y: high}})
	if err != nil {
		return nil, fmt.Errorf("plot %q: %w", title, err)
	}
	mark.Color, mark.Dashes = color.Gray{0x70}, []vg.Length{vg.Points(3), vg.Points(3)}
	p.Add(mark)
	p.Legend.Add(fmt.Sprintf("best: epoch %.0f", best), mark)
	p.Legend.Top = high-all[0].points[0].Y < all[0].points[0].Y-low // away from where the lines start
	return p, nil
}

// Scores displays how the cosines of same and of different pairs are spread, with the threshold between.
func Scores(title string, same, different []float32, threshold float64) error {
	svg, err := ScoresSVG(title, same, different, threshold)
	if err == nil {
		SVG(svg)
	}
	return err
}

// ScoresSVG returns two histograms, each of area 1, with the threshold as a dashed line.
// It returns an error when either kind of pair is missing.
func ScoresSVG(title string, same, different []float32, threshold float64) (string, error) {
	if len(same) == 0 || len(different) == 0 {
		return "", fmt.Errorf("histogram %q: %d same and %d different pairs: both are needed", title, len(same), len(different))
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "cosine", "density"
	top := 0.0
	for _, s := range []struct {
		name   string
		colour color.RGBA
		values []float32
	}{{"different", orange, different}, {"same", blue, same}} {
		values := make(plotter.Values, len(s.values))
		for i, v := range s.values {
			values[i] = float64(v)
		}
		h, err := plotter.NewHist(values, 50)
		if err != nil {
			return "", fmt.Errorf("histogram %q: %w", title, err)
		}
		h.Normalize(1)
		for _, bin := range h.Bins {
			top = max(top, bin.Weight)
		}
		fill := color.NRGBA{s.colour.R, s.colour.G, s.colour.B, 0x90}
		h.FillColor, h.Color = fill, fill
		p.Add(h)
		p.Legend.Add(s.name, h)
	}
	mark, err := plotter.NewLine(plotter.XYs{{X: threshold, Y: 0}, {X: threshold, Y: top}})
	if err != nil {
		return "", fmt.Errorf("histogram %q: %w", title, err)
	}
	mark.Dashes = []vg.Length{vg.Points(3), vg.Points(3)}
	p.Add(mark)
	p.Legend.Add(fmt.Sprintf("threshold %.3f", threshold), mark)
	p.Legend.Top = true
	return sideBySide(p)
}

// sideBySide returns plots in one row as SVG text.
func sideBySide(plots ...*plot.Plot) (string, error) {
	const width, height = 4.6 * vg.Inch, 3 * vg.Inch
	canvas := vgsvg.New(width*vg.Length(len(plots)), height)
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Points(12), PadTop: vg.Points(4), PadBottom: vg.Points(4), PadLeft: vg.Points(4), PadRight: vg.Points(8)}
	for i, c := range plot.Align([][]*plot.Plot{plots}, tiles, draw.New(canvas))[0] {
		plots[i].BackgroundColor = color.White
		plots[i].Draw(c)
	}
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", fmt.Errorf("writing SVG: %w", err)
	}
	return b.String(), nil
}
