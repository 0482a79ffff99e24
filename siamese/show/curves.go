package show

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/siamese"
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
// marked. It returns an error when there is no epoch, or a figure is not a number.
func HistorySVG(r *siamese.Result) (string, error) {
	if r == nil || len(r.History) == 0 {
		return "", errors.New("no epoch was trained to its end: there is nothing to plot")
	}
	var loss, valLoss, auc, mapAtR plotter.XYs
	for _, e := range r.History {
		x := float64(e.Number)
		loss = append(loss, plotter.XY{X: x, Y: e.Loss})
		valLoss = append(valLoss, plotter.XY{X: x, Y: e.ValLoss})
		auc = append(auc, plotter.XY{X: x, Y: e.ValAUC})
		mapAtR = append(mapAtR, plotter.XY{X: x, Y: e.ValMAP})
	}
	left, err := epochs("Mean squared error of the cosine", r.Best,
		series{"training (dropout on)", blue, loss}, series{"validation", orange, valLoss})
	if err != nil {
		return "", err
	}
	right, err := epochs("Validation items", r.Best,
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

// epochs returns a plot by epoch, with a dashed line at the best one.
func epochs(title string, best int, all ...series) (*panel, error) {
	p := newPanel(title, "epoch", "")
	p.X.Tick.Marker = ticks{whole: true}
	for _, s := range all {
		line, dots, err := plotter.NewLinePoints(s.points)
		if err != nil {
			return nil, fmt.Errorf("plot %q: %s: %w", title, s.name, err)
		}
		line.Color, line.Width, dots.Color = s.colour, vg.Points(1.5), s.colour
		dots.Shape, dots.Radius = draw.CircleGlyph{}, vg.Points(2)
		p.Add(line, dots)
		p.key(s.name, line, dots)
	}
	if p.X.Min == p.X.Max { // one epoch
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Max+1
	}
	pad := 0.05 * (p.Y.Max - p.Y.Min)
	if pad == 0 {
		pad = max(0.01, 0.05*p.Y.Max)
	}
	p.Y.Min, p.Y.Max = p.Y.Min-pad, p.Y.Max+pad
	if err := p.mark(fmt.Sprintf("best: epoch %d", best), float64(best)); err != nil {
		return nil, fmt.Errorf("plot %q: %w", title, err)
	}
	return p, nil
}
