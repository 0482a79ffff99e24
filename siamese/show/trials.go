package show

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"

	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
)

// Sweep is the result of a sweep, such as *study.Sweep. Its Outcome is nil where no trial is finished.
type Sweep interface{ Outcome() *history.Trials }

// Trials displays the trials of a sweep, the best first: a table, and the monitored metric by epoch. Errors are those
// of [TrialsOutputs].
//
//	sweep := show.Must(study.RunSweep(ctx, backend, trials, train, val, study.SweepOptions{}))
//	show.OK(show.Trials(sweep))
func Trials(t Sweep) error {
	return displayed(TrialsOutputs(t))
}

// curveColours are those of trials, the best first; more curves could not be told apart. They are those of Okabe and
// Ito (2008), as in other plots.
var curveColours = []color.Color{
	blue, orange, green, color.RGBA{0xcc, 0x79, 0xa7, 0xff}, color.RGBA{0x56, 0xb4, 0xe9, 0xff},
	color.RGBA{0xe6, 0x9f, 0x00, 0xff},
}

// TrialsOutputs returns the table of all trials and the curves of the best six. The caption warns that the best of many
// trials looks better on the items that chose it than on others. It returns an error when there is no trial, or a value
// is not a number.
func TrialsOutputs(sweep Sweep) (Outputs, error) {
	t := sweep.Outcome()
	if t == nil || len(t.Curves) == 0 {
		return nil, errors.New("no trial is finished: there is nothing to show")
	}
	var curves []series
	// Only the best have curves. A trial that was stopped early has a shorter one.
	for k, r := range t.Curves[:min(len(t.Curves), len(curveColours))] {
		s := series{name: r.Name, colour: curveColours[k]}
		for i, v := range r.Values {
			s.points = append(s.points, plotter.XY{X: float64(r.Epochs[i]), Y: v})
		}
		curves = append(curves, s)
	}
	// Trials are ranked by one monitor, that of the first.
	chosenBy, monitor := "validation items", t.Monitor
	if monitor == config.MonitorUnseenMAP || monitor == config.MonitorUnseenAUC {
		chosenBy = "classes that are not trained on"
	}
	plot, err := byEpoch(fmt.Sprintf("%s of the %s", monitor, chosenBy), curves...)
	if err != nil {
		return nil, err
	}
	caption := fmt.Sprintf("%d trials, judged on %s; the best of many looks better there than it is", len(t.Rows),
		chosenBy)
	var out Outputs
	out.table(caption, t.Header, t.Rows)
	err = out.draw(sideBySide(plot.Title.Text+" by epoch, for the best trials", nil, plot))
	return out, err
}
