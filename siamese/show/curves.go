package show

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/internal/tables"
)

// Trainer is the result of a training, such as *[siamese.Result], or what was kept of one. Its Outcome may be nil, and
// has no history where no epoch was finished.
//
// [siamese.Result]: https://pkg.go.dev/github.com/go-siamese/lab/siamese#Result
type Trainer interface{ Outcome() *history.Outcome }

// History displays the loss and the validation metrics of every epoch. Errors are those of [HistoryOutputs].
//
//	result := show.Must(siamese.Train(ctx, backend, cfg, train, val, siamese.TrainOptions{Progress: show.Progress()}))
//	show.OK(show.History(result))
func History(r Trainer) error {
	return displayed(HistoryOutputs(r))
}

// HistoryOutputs returns two plots side by side, of losses and of validation metrics by epoch, with the best epoch
// marked. Metrics that a run does not have (MAP@R without classes, those of unseen classes) are left out. The training
// loss is the mean over an epoch with dropout, the validation loss is of the weights at its end without: early on the
// second can be lower. It returns an error when there is no epoch, or a value is not a number.
func HistoryOutputs(of Trainer) (Outputs, error) {
	r := of.Outcome()
	// A training that was interrupted in its first epoch has no history.
	if r == nil || len(r.History) == 0 {
		return nil, errors.New("no epoch was trained to its end: there is nothing to plot")
	}
	// curve returns one value of every epoch.
	curve := func(name string, colour color.Color, value func(history.Epoch) float64) series {
		s := series{name: name, colour: colour}
		for _, e := range r.History {
			s.points = append(s.points, plotter.XY{X: float64(e.Number), Y: value(e)})
		}
		return s
	}
	losses, title := []series{curve("training (dropout on)", blue, func(e history.Epoch) float64 { return e.Loss })},
		"Mean squared error of the cosine"
	if name := lossOf(r); name == "mse" {
		losses = append(losses, curve("validation", orange, func(e history.Epoch) float64 { return e.ValLoss }))
	} else { // the validation loss is the squared error of the cosine, which is on another scale
		title = "Loss: " + name
	}
	left, err := epochs(title, r.Best, losses...)
	if err != nil {
		return nil, err
	}
	metrics := []series{curve("ROC-AUC", green, func(e history.Epoch) float64 { return e.ValAUC })}
	// Metrics that are not defined are 0 in every epoch: the last one tells.
	last := r.History[len(r.History)-1]
	if last.ValMAP > 0 { // there is none without classes
		metrics = append(metrics, curve("MAP@R", orange, func(e history.Epoch) float64 { return e.ValMAP }))
	}
	if last.UnseenMAP > 0 {
		metrics = append(metrics, curve("MAP@R, unseen classes", blue,
			func(e history.Epoch) float64 { return e.UnseenMAP }))
	}
	right, err := epochs("Validation items", r.Best, metrics...)
	if err != nil {
		return nil, err
	}
	d := sideBySide(historyName(r), nil, left, right)
	d.text = historyText(r)
	var out Outputs
	err = out.draw(d)
	return out, err
}

// historyName says in a line what the plots of a training show.
func historyName(r *history.Outcome) string {
	name := fmt.Sprintf("Loss and validation metrics by epoch, %d trained", len(r.History))
	if r.Best > 0 && r.Best <= len(r.History) {
		name += fmt.Sprintf("; the best is epoch %d with ROC-AUC %.4f", r.Best, r.History[r.Best-1].ValAUC)
	}
	return name
}

// historyText returns the values of the plots as a table.
func historyText(r *history.Outcome) string {
	header := []string{"epoch", "loss", "validation loss", "ROC-AUC", "MAP@R", "unseen MAP@R"}
	var rows [][]string
	for _, e := range r.History {
		row := []string{fmt.Sprint(e.Number), fmt.Sprintf("%.4f", e.Loss), fmt.Sprintf("%.4f", e.ValLoss)}
		for _, v := range []float64{e.ValAUC, e.ValMAP, e.UnseenMAP} {
			text := ""
			if v > 0 { // a metric that the run does not have is 0
				text = fmt.Sprintf("%.4f", v)
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	return tables.Text(historyName(r), header, rows)
}

// lossOf returns the name of the loss that r was trained with; one that does not say counts as the default.
func lossOf(r *history.Outcome) string { return cmp.Or(r.Loss, config.Default().Loss.Name) }

// series is one line of a plot.
type series struct {
	name   string // in the legend
	colour color.Color
	points plotter.XYs // by ascending X
}

// epochs returns a plot by epoch, with a dashed line at the best one, the epoch whose weights are kept.
func epochs(title string, best int, all ...series) (*panel, error) {
	p, err := byEpoch(title, all...)
	if err != nil {
		return nil, err
	}
	if err := p.mark(fmt.Sprintf("best: epoch %d", best), float64(best)); err != nil {
		return nil, fmt.Errorf("plot %q: %w", title, err)
	}
	return p, nil
}

// byEpoch returns a plot by epoch, with a dot for each and room above and below. Flat and single values have an axis
// too. It returns an error for a value that is not finite, and for a series without points.
func byEpoch(title string, all ...series) (*panel, error) {
	p := newPanel(title, "epoch", "")
	p.X.Tick.Marker = ticks{whole: true} // there is no epoch 2.5
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
	// Limits were set to those of the points when they were added: an axis needs a width.
	if p.X.Min == p.X.Max { // one epoch
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Max+1
	}
	// Room above and below keeps lines off the frame, a twentieth of what the values span or, for equal ones, of them.
	pad := 0.05 * (p.Y.Max - p.Y.Min)
	if pad == 0 {
		pad = max(0.01, 0.05*p.Y.Max)
	}
	p.Y.Min, p.Y.Max = p.Y.Min-pad, p.Y.Max+pad
	return p, nil
}
