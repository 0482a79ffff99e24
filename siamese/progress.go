package siamese

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-siamese/lab/siamese/internal/bar"
)

// Tee returns a function for [TrainOptions] that calls every one of fns in turn. Those that are nil are left out.
func Tee(fns ...func(Progress)) func(Progress) {
	return func(p Progress) {
		for _, fn := range fns {
			if fn != nil {
				fn(p)
			}
		}
	}
}

// Bar returns a function for [TrainOptions] that shows a run on w. On a terminal it is one line that rewrites
// itself and ends with the run:
//
//	epoch 3/10 [=====>        ] 450/781  loss 0.1234  ETA 1m20s  AUC 0.9812  MAP@R 0.7411  best epoch 2  5120 pairs/s
//
// It gets shorter, not longer, where the terminal is narrow: the bar shrinks, then the figures on the right go.
// The time left is that to the last epoch; early stopping may end before. A run that is cut off leaves the
// line as it is: begin what you print next with a new line.
//
// Where w is no terminal (a file, a pipe, a notebook) Bar writes a line at the end of every epoch. Warnings are lines of
// their own that stay.
func Bar(w io.Writer) func(Progress) {
	if line := bar.NewLine(w); line != nil {
		return showOn(line)
	}
	return epochLines(w)
}

// showOn is [Bar] on a terminal.
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

// epochLines is [Bar] where lines stay.
func epochLines(w io.Writer) func(Progress) {
	var best, last int
	return func(p Progress) {
		best = bestSoFar(best, p)
		if p.Last != nil && p.Last.Number == p.Epoch && p.Epoch != last {
			last = p.Epoch
			e := p.Last
			line := fmt.Sprintf("epoch %d of %d: loss %.4f, %.0f pairs/s; validation: %s", p.Epoch, p.Epochs, p.Loss, p.PairsPerSec, e.validation())
			switch {
			case e.Best:
				line += ", the best so far"
			case best > 0:
				line += fmt.Sprintf(", best epoch %d", best)
			}
			if p.Ended {
				line += "; ended"
			} else {
				line += fmt.Sprintf("; at most %v left", p.Left.Round(time.Second))
			}
			_, _ = io.WriteString(w, line+"\n"+warningLines(p))
		}
		if p.Ended {
			best, last = 0, 0
		}
	}
}

// warningLines returns the warnings of p, a line each.
func warningLines(p Progress) string {
	var b strings.Builder
	for _, w := range p.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return b.String()
}

// bestSoFar returns the number of the best epoch that progress told of; 0 is none, as when a run that went on
// has not beaten it yet.
func bestSoFar(best int, p Progress) int {
	if p.Last != nil && p.Last.Best {
		return p.Last.Number
	}
	return best
}

// barLine returns the line for p in at most width columns; it is ASCII.
func barLine(p Progress, best, width int) string {
	left, right := fmt.Sprintf("epoch %d/%d ", p.Epoch, p.Epochs), fmt.Sprintf(" %d/%d", p.Step, p.Steps)
	figures := []string{fmt.Sprintf("loss %.4f", p.Loss)} // what matters most comes first and goes last
	if p.Ended {
		figures = append(figures, "ended")
	} else {
		figures = append(figures, fmt.Sprintf("ETA %v", p.Left.Round(time.Second)))
	}
	if e := p.Last; e != nil {
		figures = append(figures, fmt.Sprintf("AUC %.4f", e.ValAUC))
		if e.ValMAP > 0 {
			figures = append(figures, fmt.Sprintf("MAP@R %.4f", e.ValMAP))
		}
	}
	if best > 0 {
		figures = append(figures, fmt.Sprintf("best epoch %d", best))
	}
	figures = append(figures, fmt.Sprintf("%.0f pairs/s", p.PairsPerSec))
	if p.Last != nil {
		figures = append(figures, fmt.Sprintf("validation loss %.4f", p.Last.ValLoss))
	}

	const narrow, wide = 10, 30 // columns of the bar between its brackets
	room := width - len(left) - len(right) - len("[]") - narrow
	var text strings.Builder
	for _, f := range figures {
		if room -= len(f) + 2; room < 0 {
			break
		}
		text.WriteString("  " + f)
	}
	columns := min(wide, width-len(left)-len(right)-len("[]")-text.Len())
	if columns < 1 { // not even a bar
		return (left + right[1:])[:max(0, min(width, len(left)+len(right)-1))]
	}
	return left + bar.Draw(p.Step, p.Steps, columns) + right + text.String()
}
