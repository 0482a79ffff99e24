package history

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/bar"
)

// Tee returns a function for siamese.TrainOptions that calls all fns one after the other and skips nil ones.
func Tee(fns ...func(Progress)) func(Progress) {
	return func(p Progress) {
		for _, fn := range fns {
			if fn != nil {
				fn(p)
			}
		}
	}
}

// Bar returns a function for siamese.TrainOptions that shows the progress of a run on w. On a terminal it is one line that is
// rewritten until the run ends:
//
//	epoch 3/10 [=====>        ] 450/781  loss 0.1234  ETA 1m20s  AUC 0.9812  MAP@R 0.7411  best epoch 2  5120 pairs/s
//
// On a narrow terminal the bar shrinks first, then metrics on the right are dropped. The time left is that to the last
// epoch; early stopping may end sooner. An interrupted run leaves the line unfinished: print a newline first.
//
// If w is not a terminal (a file, a pipe, a notebook) Bar writes one line after every epoch. Warnings are separate
// lines. Errors of w are ignored: training must not fail because a terminal was closed. The function may be used for
// one run after another, but not for two at a time.
func Bar(w io.Writer) func(Progress) {
	if line := bar.NewLine(w); line != nil {
		return showOn(line)
	}
	return epochLines(w)
}

// showOn is [Bar] on a terminal. After the last call it starts afresh for the next run.
func showOn(line *bar.Line) func(Progress) {
	var best int
	return func(p Progress) {
		best = bestSoFar(best, p)
		line.Show(func(columns int) string { return barLine(p, best, columns) }, warningLines(p))
		if p.Ended {
			line.End()
			best = 0
		}
	}
}

// epochLines is [Bar] elsewhere: one line an epoch.
func epochLines(w io.Writer) func(Progress) {
	var best, last int
	return func(p Progress) {
		best = bestSoFar(best, p)
		if p.Last != nil && p.Last.Number == p.Epoch && p.Epoch != last {
			last = p.Epoch
			e := p.Last
			line := fmt.Sprintf("epoch %d of %d: loss %.4f, %s; validation: %s", p.Epoch, p.Epochs, p.Loss, p.Rate(),
				e.validation())
			switch {
			case e.Best:
				line += ", the best so far"
			case best > 0:
				line += fmt.Sprintf(", best epoch %d", best)
			}
			if p.Ended {
				line += "; ended"
			} else if left := p.TimeLeft(); left != "" {
				line += "; " + left
			}
			_, _ = io.WriteString(w, line+"\n"+warningLines(p))
		} else if len(p.Warnings) > 0 { // found before the first step
			_, _ = io.WriteString(w, warningLines(p))
		}
		if p.Ended {
			best, last = 0, 0
		}
	}
}

// warningLines returns the warnings of p, one a line.
func warningLines(p Progress) string {
	var b strings.Builder
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", quote.Line(w))
	}
	return b.String()
}

// bestSoFar returns the number of the best epoch reported so far; 0 = none, for instance in a resumed run that has not
// improved yet.
func bestSoFar(best int, p Progress) int {
	if p.Last != nil && p.Last.Best {
		return p.Last.Number
	}
	return best
}

// barLine returns the line for p, ASCII in at most width columns. best is the number of the best epoch, 0 = none yet.
// Columns go to the epoch and step first, then to a bar of the narrowest width, then to metrics by importance; what is
// left widens the bar.
func barLine(p Progress, best, width int) string {
	left, right := fmt.Sprintf("epoch %d/%d ", p.Epoch, p.Epochs), fmt.Sprintf(" %d/%d", p.Step, p.Steps)
	if p.Encoder > 0 && !p.Ended {
		left += fmt.Sprintf("encoder %d/%d ", p.Encoder, p.Encoders)
	}
	metrics := []string{fmt.Sprintf("loss %.4f", p.Loss)} // the most important first: the last are dropped first
	if p.Ended {
		metrics = append(metrics, "ended")
	} else if p.Left != 0 {
		metrics = append(metrics, fmt.Sprintf("ETA %v", p.Left.Round(time.Second)))
	}
	if e := p.Last; e != nil {
		metrics = append(metrics, fmt.Sprintf("AUC %.4f", e.ValAUC))
		if e.ValMAP > 0 {
			metrics = append(metrics, fmt.Sprintf("MAP@R %.4f", e.ValMAP))
		}
	}
	if best > 0 {
		metrics = append(metrics, fmt.Sprintf("best epoch %d", best))
	}
	if p.PairsPerSec > 0 {
		metrics = append(metrics, fmt.Sprintf("%.0f pairs/s", p.PairsPerSec))
	}
	if p.Last != nil {
		metrics = append(metrics, fmt.Sprintf("validation loss %.4f", p.Last.ValLoss))
	}

	const narrow, wide = 10, 30 // columns of the bar between its brackets
	// First what the narrowest bar leaves goes to metrics, then what the metrics leave to the bar.
	room := width - len(left) - len(right) - len("[]") - narrow
	var text strings.Builder
	for _, f := range metrics {
		if room -= len(f) + 2; room < 0 {
			break
		}
		text.WriteString("  " + f)
	}
	columns := min(wide, width-len(left)-len(right)-len("[]")-text.Len())
	if columns < 1 { // no room for a bar
		return (left + right[1:])[:max(0, min(width, len(left)+len(right)-1))]
	}
	return left + bar.Draw(p.Step, p.Steps, columns) + right + text.String()
}
