package history

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// Outcome is what a training run came to, apart from its model. Its metrics are of validation items, which chose the
// epoch and the threshold, and are optimistic for that reason.
type Outcome struct {
	History   []Epoch // every finished epoch
	Best      int     // number of the best epoch, from 1; 0 = none was finished
	Saved     int     // number of the epoch whose model is in a file; 0 = none
	Stopped   bool    // early stopping ended the run
	Collapsed bool    // the run was ended because the encoder collapsed
	Resumed   int     // steps done by an earlier call; 0 = this call began the run
	Warnings  []string

	Loss      string  // name of the loss that was trained with
	Threshold float64 // of the best epoch's model
	Cut       string  // how the run was cut; "" = it was not
}

// String describes the outcome, one finding a line: the best epoch with its threshold and validation metrics, whether
// the run was resumed, and the warnings. There is no newline at the end.
func (o *Outcome) String() string {
	var b strings.Builder
	for _, e := range o.History {
		if e.Number == o.Best {
			how := "the last epoch"
			switch {
			case o.Cut != "":
				how = provenance.Volatile(o.Cut)
			case o.Collapsed:
				how = "stopped: collapsed"
			case o.Stopped:
				how = "stopped early"
			}
			fmt.Fprintf(&b, "best epoch: %d of %d trained (%s), threshold %s\n", e.Number, len(o.History), how,
				decimal.Fixed(o.Threshold, 3))
			fmt.Fprintf(&b, "validation: %s\n", e.validation())
			if e.UnseenAUC > 0 {
				fmt.Fprintf(&b, "unseen classes: ROC-AUC %.4f, MAP@R %.4f\n", e.UnseenAUC, e.UnseenMAP)
			}
		}
	}
	if o.Resumed > 0 {
		fmt.Fprintf(&b, "resumed after step %d\n", o.Resumed)
	}
	for _, w := range o.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", quote.Line(w))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
