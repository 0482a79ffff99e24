package siamese

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// Progress is the state of a training run, as [TrainOptions].Progress receives it. What Last points to must not be
// changed.
type Progress struct {
	Epoch, Epochs int           // current epoch (from 1) and Config.Epochs
	Step, Steps   int           // batches done in this epoch, and batches of an epoch
	Loss          float64       // mean of this epoch so far
	Last          *Epoch        // the last finished epoch; nil during the first
	PairsPerSec   float64       // of training in this epoch, without validation
	Left          time.Duration // expected time to the last epoch; early stopping may end before
	Ended         bool          // training is over; this is the last call
	// Warnings are problems found after this epoch, such as a collapse; each is reported once. Those found before the
	// first step come first, in a call of Step 0.
	Warnings []string
}

// Epoch holds the metrics of one epoch. Undefined ones are 0: MAP@R without classes, and those of unseen classes if
// none are given. The JSON names are the keys of history files and the columns of their CSV.
type Epoch struct {
	Number int     `json:"epoch"`
	Loss   float64 `json:"loss"` // mean over the epoch's batches, dropout on
	// mean squared error of the cosine on the validation pairs, dropout off, whatever the loss is
	ValLoss      float64     `json:"val_loss"`
	ValAUC       float64     `json:"val_auc"`    // ROC-AUC over all pairs of validation items, or over given pairs
	ValMAP       float64     `json:"val_map"`    // MAP@R over the validation items
	UnseenAUC    float64     `json:"unseen_auc"` // the same over TrainOptions.Unseen
	UnseenMAP    float64     `json:"unseen_map"`
	LearningRate float64     `json:"learning_rate"` // of the last step
	PairsPerSec  float64     `json:"pairs_per_second"`
	Best         bool        `json:"best"` // the best so far by Config.Monitor
	Diagnostics  Diagnostics `json:"diagnostics"`
}

// validation formats the metrics on the validation items; without classes there is no MAP@R.
func (e Epoch) validation() string {
	text := fmt.Sprintf("loss %.4f, ROC-AUC %.4f", e.ValLoss, e.ValAUC)
	if e.ValMAP > 0 {
		text += fmt.Sprintf(", MAP@R %.4f", e.ValMAP)
	}
	return text
}

// Monitored returns the metric named by monitor (see [Config.Monitor]), signed so that higher is better. An unknown
// name is [MonitorLoss].
func (e Epoch) Monitored(monitor string) float64 {
	switch monitor {
	case MonitorAUC:
		return e.ValAUC
	case MonitorMAP:
		return e.ValMAP
	case MonitorUnseenAUC:
		return e.UnseenAUC
	case MonitorUnseenMAP:
		return e.UnseenMAP
	}
	return -e.ValLoss
}

// Result is the outcome of a training run. Metrics in it are of validation items, which chose the epoch and the
// threshold, and are optimistic for that reason: evaluate test items (package evaluate) for a fair estimate.
type Result struct {
	Model     *Model  // with the weights of the best epoch
	History   []Epoch // every finished epoch
	Best      int     // number of the best epoch, from 1; 0 = none was finished
	Saved     int     // number of the epoch whose model is in TrainOptions.Checkpoint; 0 = this call wrote none
	Stopped   bool    // early stopping ended the run
	Collapsed bool    // Config.StopOnCollapse ended the run
	Resumed   int     // steps done by an earlier call; 0 = this call began the run
	// Elsewhere says for each time that the run was resumed where other bits come out, after which step that was and
	// what differed. nil = never: the bits are those of a run that was not interrupted.
	Elsewhere []string
	Warnings  []string
}

// String describes the result, one finding a line: the best epoch with its threshold and validation metrics, whether
// the run was resumed, and the warnings. There is no newline at the end.
func (r *Result) String() string {
	var b strings.Builder
	for _, e := range r.History {
		if e.Number == r.Best {
			how := "the last epoch"
			switch {
			case r.Model.Cut != "":
				how = r.Model.Cut
			case r.Collapsed:
				how = "stopped: collapsed"
			case r.Stopped:
				how = "stopped early"
			}
			fmt.Fprintf(&b, "best epoch: %d of %d trained (%s), threshold %s\n", e.Number, len(r.History), how,
				decimal.Fixed(r.Model.Threshold, 3))
			fmt.Fprintf(&b, "validation: %s\n", e.validation())
			if e.UnseenAUC > 0 {
				fmt.Fprintf(&b, "unseen classes: ROC-AUC %.4f, MAP@R %.4f\n", e.UnseenAUC, e.UnseenMAP)
			}
		}
	}
	if r.Resumed > 0 {
		fmt.Fprintf(&b, "resumed after step %d\n", r.Resumed)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", quote.Line(w))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
