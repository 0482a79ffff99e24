package show

import (
	"fmt"
	"strings"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/go-siamese/lab/siamese"
)

// Progress returns a function for [siamese.TrainOptions] that keeps one bar up to date in the notebook, about
// four times a second. Outside of a notebook it prints a line an epoch.
func Progress() func(siamese.Progress) {
	var id string
	var last time.Time
	return func(p siamese.Progress) {
		ended := p.Step == p.Steps || p.Ended
		if !ended && time.Since(last) < 250*time.Millisecond {
			return
		}
		last = time.Now()
		if !gonbui.IsNotebook {
			if ended {
				fmt.Println(progressText(p))
			}
			return
		}
		if id == "" {
			id = gonbui.UniqueId()
		}
		gonbui.UpdateHTML(id, progressHTML(p))
	}
}

func progressText(p siamese.Progress) string {
	var b strings.Builder
	if p.Ended {
		fmt.Fprintf(&b, "trained %d epochs at %.0f pairs/s", p.Epoch, p.PairsPerSec)
	} else {
		fmt.Fprintf(&b, "epoch %d of %d, batch %d of %d: loss %.4f, %.0f pairs/s, at most %v left", p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss, p.PairsPerSec, p.Left)
	}
	if p.Last != nil {
		fmt.Fprintf(&b, "; validation after epoch %d: ROC-AUC %.4f, MAP@R %.4f", p.Last.Number, p.Last.ValAUC, p.Last.ValMAP)
	}
	return b.String()
}

func progressHTML(p siamese.Progress) string {
	if p.Ended {
		return fmt.Sprintf(`<div style="font-variant-numeric:tabular-nums">%s</div>`, progressText(p))
	}
	share := (float64(p.Epoch-1) + float64(p.Step)/float64(p.Steps)) / float64(p.Epochs)
	return fmt.Sprintf(`<div style="font-variant-numeric:tabular-nums"><progress style="width:24em" max="1" value="%.4f"></progress> %s</div>`,
		share, progressText(p))
}
