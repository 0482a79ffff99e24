package session

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Work is how far long work is.
type Work struct {
	What        string `json:"what"` // such as "features of pictures"
	Done, Total int64  // Total 0 = not known
}

// String returns how far the work is.
func (w Work) String() string {
	if w.Total <= 0 {
		return fmt.Sprintf("%s: %d", w.What, w.Done)
	}
	return fmt.Sprintf("%s: %d of %d", w.What, w.Done, w.Total)
}

// Progress is how far a training is; siamese.Progress says more about the fields.
type Progress struct {
	Trial       string        `json:"trial,omitempty"` // of a sweep
	Epoch       int           `json:"epoch"`
	Epochs      int           `json:"epochs"`
	Step        int           `json:"step"`
	Steps       int           `json:"steps"`
	Loss        float64       `json:"loss"`           // mean of this epoch so far
	Last        *Epoch        `json:"last,omitempty"` // the last finished epoch; nil during the first
	PairsPerSec float64       `json:"pairs_per_second"`
	Left        time.Duration `json:"left"`
	Ended       bool          `json:"ended,omitempty"`
	Warnings    []string      `json:"warnings,omitempty"`
}

// String returns how far the training is.
func (p Progress) String() string {
	text := fmt.Sprintf("epoch %d of %d, step %d of %d, loss %.4f", p.Epoch, p.Epochs, p.Step, p.Steps, p.Loss)
	if p.Last != nil {
		text += "; " + p.Last.String()
	}
	return text
}

// Epoch holds the metrics of one epoch on the validation items; siamese.Epoch says more about the fields.
type Epoch struct {
	Number       int     `json:"epoch"`
	Loss         float64 `json:"loss"`
	ValLoss      float64 `json:"val_loss"`
	ValAUC       float64 `json:"val_auc"`
	ValMAP       float64 `json:"val_map"`
	UnseenAUC    float64 `json:"unseen_auc"`
	UnseenMAP    float64 `json:"unseen_map"`
	LearningRate float64 `json:"learning_rate"`
	PairsPerSec  float64 `json:"pairs_per_second"`
	Best         bool    `json:"best"`
}

// String returns the metrics in a line.
func (e Epoch) String() string {
	return fmt.Sprintf("epoch %d: validation loss %.4f, ROC-AUC %.4f, MAP@R %.4f", e.Number, e.ValLoss, e.ValAUC,
		e.ValMAP)
}

// decodeEvent gives the body of an event to each, if that is not nil. One that cannot be read is passed over: the
// answer of the call is what counts.
func decodeEvent[T any](m wire.Message, each func(T)) {
	var v T
	if each != nil && json.Unmarshal(m.Body, &v) == nil {
		each(v)
	}
}

// items returns a number of items in words.
func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}
