package show

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/go-siamese/lab/siamese"
)

// Progress returns a function for [siamese.TrainOptions] that keeps one bar up to date in the notebook, about
// four times a second, and under it what was warned of. Outside of a notebook it prints a line an epoch.
func Progress() func(siamese.Progress) {
	var id string
	var last time.Time
	var warnings []string
	return func(p siamese.Progress) {
		ended := p.Step == p.Steps || p.Ended
		if !ended && time.Since(last) < 250*time.Millisecond {
			return
		}
		last = time.Now()
		warnings = append(warnings, p.Warnings...)
		if !gonbui.IsNotebook {
			if ended {
				fmt.Println(strings.Join(append([]string{progressText(p)}, p.Warnings...), "\nwarning: "))
			}
			return
		}
		if id == "" {
			id = gonbui.UniqueId()
		}
		gonbui.UpdateHTML(id, progressHTML(p, warnings))
	}
}

func progressText(p siamese.Progress) string {
	var b strings.Builder
	if p.Ended {
		fmt.Fprintf(&b, "trained %d epochs at %.0f pairs/s", p.Epoch, p.PairsPerSec)
	} else {
		fmt.Fprintf(&b, "epoch %d of %d, batch %d of %d: loss %.4f, %.0f pairs/s, at most %v left", p.Epoch, p.Epochs,
			p.Step, p.Steps, p.Loss, p.PairsPerSec, p.Left)
	}
	if p.Last != nil {
		fmt.Fprintf(&b, "; validation after epoch %d: ROC-AUC %.4f", p.Last.Number, p.Last.ValAUC)
		if p.Last.ValMAP > 0 { // there is none without classes
			fmt.Fprintf(&b, ", MAP@R %.4f", p.Last.ValMAP)
		}
	}
	return b.String()
}

// progressHTML shows p and all warnings so far.
func progressHTML(p siamese.Progress, warnings []string) string {
	var b strings.Builder
	b.WriteString(`<div style="font-variant-numeric:tabular-nums">`)
	if !p.Ended {
		share := (float64(p.Epoch-1) + float64(p.Step)/float64(p.Steps)) / float64(p.Epochs)
		fmt.Fprintf(&b, `<progress style="width:24em" max="1" value="%.4f"></progress> `, share)
	}
	b.WriteString(progressText(p))
	for _, w := range warnings {
		fmt.Fprintf(&b, "<br/>warning: %s", html.EscapeString(w))
	}
	b.WriteString("</div>")
	return b.String()
}
