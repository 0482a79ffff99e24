package siamese

import (
	"fmt"
	"strings"
	"time"
)

// Progress tells how far a training run is.
type Progress struct {
	Epoch, Epochs int     // the epoch under way (from 1), and all that were asked for
	Step, Steps   int     // batches done in this epoch, and in every epoch
	Loss          float64 // mean of this epoch so far
	Last          *Epoch  // the last epoch that was judged; nil in the first one
	PairsPerSec   float64
	Left          time.Duration // expected time to the last epoch; early stopping may end before
	Ended         bool          // training is over: nothing more will come
	Warnings      []string      // what the judgement of this epoch found amiss, told once: a collapse, for instance
}

// Epoch is what one pass over PairsPerEpoch training pairs gave. Figures that are not defined are 0: MAP@R where
// items have no classes, and those of unseen classes where none are given.
type Epoch struct {
	Number       int         `json:"epoch"`
	Loss         float64     `json:"loss"`       // mean over the epoch's batches, dropout on
	ValLoss      float64     `json:"val_loss"`   // mean squared error of the cosine on the validation pairs, dropout off
	ValAUC       float64     `json:"val_auc"`    // ROC-AUC over all pairs of validation items
	ValMAP       float64     `json:"val_map"`    // MAP@R over the validation items
	UnseenAUC    float64     `json:"unseen_auc"` // the same over TrainOptions.Unseen
	UnseenMAP    float64     `json:"unseen_map"`
	LearningRate float64     `json:"learning_rate"` // of the last step
	PairsPerSec  float64     `json:"pairs_per_second"`
	Best         bool        `json:"best"` // the best so far by Config.Monitor
	Diagnostics  Diagnostics `json:"diagnostics"`
}

// validation describes the figures on the validation items; without classes there is no MAP@R.
func (e Epoch) validation() string {
	text := fmt.Sprintf("loss %.4f, ROC-AUC %.4f", e.ValLoss, e.ValAUC)
	if e.ValMAP > 0 {
		text += fmt.Sprintf(", MAP@R %.4f", e.ValMAP)
	}
	return text
}

// Monitored returns the figure that Config.Monitor names, signed so that higher is better.
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

// Result is what a training run gave.
type Result struct {
	Model     *Model  // with the weights of the best epoch
	History   []Epoch // every epoch that was trained to its end
	Best      int     // number of the best epoch, from 1
	Stopped   bool    // early stopping ended the run
	Collapsed bool    // Config.StopOnCollapse ended the run
	Resumed   int     // steps that an earlier call had done
	Warnings  []string
}

// String describes the result in words, a line a finding.
func (r *Result) String() string {
	var b strings.Builder
	for _, e := range r.History {
		if e.Number == r.Best {
			how := "the last epoch"
			switch {
			case r.Collapsed:
				how = "stopped: collapsed"
			case r.Stopped:
				how = "stopped early"
			}
			fmt.Fprintf(&b, "best epoch: %d of %d trained (%s), threshold %.3f\n", e.Number, len(r.History), how, r.Model.Threshold)
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
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
