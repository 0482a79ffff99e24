package show

import (
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/siamese"
)

func TestProgress(t *testing.T) {
	p := siamese.Progress{Epoch: 2, Epochs: 4, Step: 5, Steps: 10, Loss: 0.12345, PairsPerSec: 3210.7,
		Left: 90 * time.Second}
	if got, want := progressText(p),
		"epoch 2 of 4, batch 5 of 10: loss 0.1235, 3211 pairs/s, at most 1m30s left"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	content := progressHTML(p, []string{"epoch 1: a < b"})
	wellFormed(t, content)
	has(t, content, "warning: epoch 1: a &lt; b")
	has(t, content, `value="0.3750"`, "batch 5 of 10")
	p.Last = &siamese.Epoch{Number: 1, ValAUC: 0.98765, ValMAP: 0.7}
	has(t, progressText(p), "; validation after epoch 1: ROC-AUC 0.9877, MAP@R 0.7000")
	p.Ended = true
	has(t, progressText(p), "trained 2 epochs at 3211 pairs/s; validation after epoch 1")
	if content = progressHTML(p, nil); strings.Contains(content, "<progress") {
		t.Error("the bar stays after the end")
	}
	wellFormed(t, content)
}

// Outside of a notebook progress is a line an epoch, and nothing else is written.
func ExampleProgress() {
	progress := Progress()
	progress(siamese.Progress{Epoch: 1, Epochs: 2, Step: 3, Steps: 10})
	progress(siamese.Progress{Epoch: 1, Epochs: 2, Step: 10, Steps: 10, Loss: 0.25, PairsPerSec: 100,
		Left: time.Second})
	progress(siamese.Progress{Epoch: 2, Epochs: 2, Step: 10, Steps: 10, PairsPerSec: 100, Ended: true,
		Warnings: []string{"epoch 2: all is one point"}})
	HTML("nothing", "<b>nothing</b>")
	Table("", nil, nil)
	Done()
	// Output:
	// epoch 1 of 2, batch 10 of 10: loss 0.2500, 100 pairs/s, at most 1s left
	// trained 2 epochs at 100 pairs/s
	// warning: epoch 2: all is one point
}
