package show

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/history"
)

// Progress returns a function for siamese.TrainOptions that keeps one bar up to date in the notebook, about four
// times a second, with all warnings below it. Outside of a notebook it prints a line after each epoch, with its
// warnings, to standard output. The function is for one training at a time, and not for concurrent use.
//
//	opts := siamese.TrainOptions{Progress: show.Progress()}
//	result := show.Must(siamese.Train(show.Context(), backend, cfg, train, val, opts))
func Progress() func(history.Progress) {
	var id string // of the output that is updated; "" = none yet
	var last time.Time
	var warnings []string
	return func(p history.Progress) {
		// The last batch of an epoch always counts, and the last call too.
		ended := p.Step == p.Steps || p.Ended
		if !ended && time.Since(last) < 250*time.Millisecond {
			return
		}
		last = time.Now()
		// Calls with warnings are the first one and ends of epochs, which are never passed over.
		warnings = append(warnings, p.Warnings...)
		// Without a bar, batches would fill the terminal.
		if !inNotebook() {
			if p.Step == 0 {
				for _, w := range p.Warnings {
					fmt.Println("warning:", w)
				}
			} else if ended {
				fmt.Println(strings.Join(append([]string{progressText(p)}, p.Warnings...), "\nwarning: "))
			}
			return
		}
		// The id is made at the first call and not before: a bar belongs to the cell that trains.
		if id == "" {
			id = newID()
		}
		display(Output{Text: quote.Lines(strings.Join(append([]string{progressText(p)}, warnings...), "\nwarning: ")),
			HTML: progressHTML(p, warnings)}, id)
	}
}

// progressText returns p as one line: what is being trained, or was, and the validation metrics of the last epoch.
func progressText(p history.Progress) string {
	var b strings.Builder
	if p.Ended {
		fmt.Fprintf(&b, "trained %d epochs at %s", p.Epoch, p.Rate())
	} else {
		fmt.Fprintf(&b, "epoch %d of %d, %s, %s", p.Epoch, p.Epochs, p.Place(), p.Rate())
		if left := p.TimeLeft(); left != "" {
			b.WriteString(", " + left)
		}
	}
	// The last validation stands beside the loss of the epoch in progress: it says of which epoch it is.
	if p.Last != nil {
		fmt.Fprintf(&b, "; validation after epoch %d: ROC-AUC %.4f", p.Last.Number, p.Last.ValAUC)
		if p.Last.ValMAP > 0 { // there is none without classes
			fmt.Fprintf(&b, ", MAP@R %.4f", p.Last.ValMAP)
		}
	}
	return b.String()
}

// progressHTML returns p as a bar, unless training has ended, its line, and all warnings so far. The bar counts epochs
// to the last one: with early stopping it may end before it is full.
func progressHTML(p history.Progress, warnings []string) string {
	var b strings.Builder
	b.WriteString(`<div style="font-variant-numeric:tabular-nums">`)
	// The share of all batches of all epochs.
	if !p.Ended {
		share := (float64(p.Epoch-1) + float64(p.Step)/float64(p.Steps)) / float64(p.Epochs)
		value := fmt.Sprintf(`value="%.4f"`, share)
		if p.Step < p.Steps { // where the training was just then
			provenance.Volatile(value)
		}
		fmt.Fprintf(&b, `<progress style="width:24em" max="1" %s></progress> `, value)
	}
	b.WriteString(progressText(p))
	for _, w := range warnings {
		fmt.Fprintf(&b, "<br/>warning: %s", html.EscapeString(quote.Lines(w)))
	}
	b.WriteString("</div>")
	return b.String()
}
