// Package history holds what a training run tells: its progress, the metrics of its epochs, what it came to, and the files that
// keep them. It knows no encoder, so that a small program can follow a run.
package history

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/decimal"
)

// Progress is the state of a training run, as TrainOptions.Progress of package siamese receives it. What Last points to must not be
// changed.
type Progress struct {
	Epoch, Epochs int // current epoch (from 1) and Config.Epochs
	Step, Steps   int // batches done in this epoch, and batches of an epoch, of all encoders
	// Encoder is the one of an ensemble of Encoders that trains (from 1). 0 = the only one, or none at the moment.
	Encoder, Encoders int
	Loss              float64       // mean of this epoch so far
	Last              *Epoch        // the last finished epoch; nil during the first
	PairsPerSec       float64       // of training in this epoch, without compiling and validation; 0 = not known yet
	Left              time.Duration // expected time to the last epoch, or less by early stopping; 0 = not known yet
	Ended             bool          // training is over; this is the last call
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

// Monitored returns the metric named by monitor (see config.Config.Monitor), signed so that higher is better. An unknown
// name is [config.MonitorLoss].
func (e Epoch) Monitored(monitor string) float64 {
	switch monitor {
	case config.MonitorAUC:
		return e.ValAUC
	case config.MonitorMAP:
		return e.ValMAP
	case config.MonitorUnseenAUC:
		return e.UnseenAUC
	case config.MonitorUnseenMAP:
		return e.UnseenMAP
	}
	return -e.ValLoss
}

// String returns the metrics of the epoch in a line.
func (e Epoch) String() string {
	text := fmt.Sprintf("epoch %d: loss %.4f; validation %s", e.Number, e.Loss, e.validation())
	if e.UnseenAUC > 0 {
		text += fmt.Sprintf("; unseen classes ROC-AUC %.4f, MAP@R %.4f", e.UnseenAUC, e.UnseenMAP)
	}
	return text
}

// String returns how far the training is, in a line.
func (p Progress) String() string {
	var text string
	if p.Ended {
		text = fmt.Sprintf("trained %d epochs", p.Epoch)
	} else {
		text = fmt.Sprintf("epoch %d of %d, %s, %s", p.Epoch, p.Epochs, p.Place(), p.Rate())
	}
	if p.Last != nil {
		text += "; " + p.Last.String()
	}
	return strings.Join(append([]string{text}, p.Warnings...), "; warning: ")
}

// Rate returns the speed of training, "5120 pairs/s", which is marked as another one in every run
// ([provenance.Volatile]).
func (p Progress) Rate() string {
	if p.PairsPerSec == 0 {
		return provenance.Volatile("speed not known yet")
	}
	return provenance.Volatile(fmt.Sprintf("%.0f pairs/s", p.PairsPerSec))
}

// TimeLeft returns how long the training will last, "at most 1m10s left", which is marked as another one in every run,
// or "" while that is not known.
func (p Progress) TimeLeft() string {
	if p.Left == 0 {
		return ""
	}
	return provenance.Volatile(fmt.Sprintf("at most %v left", p.Left.Round(time.Second)))
}

// Place returns where in its epoch the training is, "batch 45 of 781: loss 0.1234". Within an epoch it depends on when
// it is asked for, and is marked as another one in every run.
func (p Progress) Place() string {
	text := fmt.Sprintf("batch %d of %d: loss %.4f", p.Step, p.Steps, p.Loss)
	if p.Encoder > 0 {
		text = fmt.Sprintf("encoder %d of %d, ", p.Encoder, p.Encoders) + text
	}
	if p.Step < p.Steps {
		provenance.Volatile(text)
	}
	return text
}

// String returns the numbers by which a collapse is seen.
func (d Diagnostics) String() string {
	return fmt.Sprintf("mean cosine %s of same and %s of different pairs, effective rank %.1f, %d zero embeddings",
		decimal.Fixed(d.MeanSame, 3), decimal.Fixed(d.MeanDifferent, 3), d.EffectiveRank, d.Zero)
}

// Diagnostics shows whether the encoder collapses: whether it maps all items to one point or a few directions, which
// the loss may not show for a while. They are of the validation items and of the encoder's part of their embeddings,
// without appended features.
type Diagnostics struct {
	// Spread is the variance of unit vectors, 1 - |mean embedding|², in [0, 1]; 0 when all are one point. Zero
	// embeddings do not count as spread.
	Spread float64 `json:"spread"`
	// EffectiveRank is the number of directions in use, from 1 to E; 0 without variance. See effectiveRank.
	EffectiveRank float64 `json:"effective_rank"`
	Zero          int     `json:"zero"` // items with a zero embedding
	// Cosines of the validation pairs, counted in 20 bins of equal width from -1 to 1. Weights of pairs are ignored.
	Same      [20]int `json:"same"`
	Different [20]int `json:"different"`
	// Mean cosines of the pairs that are the same, and of those that are not; 0 without such pairs.
	MeanSame      float64 `json:"mean_same"`
	MeanDifferent float64 `json:"mean_different"`
}

// Collapsed describes a collapse and what to do about it, or returns "". classes is the number of training classes (0 =
// not known): two classes need only one direction. The limits are far from the values of encoders that work, so that a
// warning is a reason to act; they say nothing of how good the others are.
func (h Diagnostics) Collapsed(classes int) string {
	// The advice names settings, which exist under these names in files, and as flags.
	const advice = "lower learning_rate, draw more pairs a batch, or choose a loss on all pairs of a batch"
	switch {
	case h.Spread < 1e-3:
		return fmt.Sprintf("the encoder has collapsed: all embeddings are nearly one point (spread %.2g): %s", h.Spread,
			advice)
	case classes > 2 && h.EffectiveRank < 1.5:
		return fmt.Sprintf("the encoder is collapsing: its embeddings use %.1f directions: %s", h.EffectiveRank, advice)
	case h.MeanDifferent > 0.95:
		return fmt.Sprintf("the encoder is collapsing: different items have cosine %.3f on average: %s",
			h.MeanDifferent, advice)
	}
	return ""
}
