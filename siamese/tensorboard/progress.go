package tensorboard

import (
	"fmt"

	"github.com/go-siamese/lab/siamese/history"
)

// Progress returns a function for siamese.TrainOptions that writes a run's curves to w. The step is the number
// of batches since the start of the run:
//   - train/loss: the mean over the batches since the curve's last point;
//   - train/pairs_per_second;
//   - train/epoch_loss, train/learning_rate, validation/loss, validation/roc_auc, validation/map_at_r, those of
//     unseen classes if there are any, and diagnostics of the embeddings with histograms of the cosines of the
//     validation pairs that are the same and that are not, at the end of an epoch.
//
// Every call flushes, so TensorBoard follows the run. A failure ends the writing, not the training: [Writer.Close]
// returns it. Use [history.Tee] to show a progress bar as well.
func Progress(w *Writer) func(history.Progress) {
	var before history.Progress // the previous call, from which new steps and epochs are told apart
	return func(p history.Progress) {
		// Steps count from the start of the run, not of this call, so that a resumed run continues the curves.
		step := int64(p.Epoch-1)*int64(p.Steps) + int64(p.Step)
		scalar := func(tag string, value float64) {
			if err := w.Scalar(tag, step, value); err != nil {
				w.fail(fmt.Errorf("progress of epoch %d: %w", p.Epoch, err))
			}
		}
		cosines := func(tag string, counts []int) {
			if h := binned(counts, -1, 1); h != nil {
				if err := w.add("a histogram", tag, step, histogramValue(tag, h)); err != nil {
					w.fail(fmt.Errorf("progress of epoch %d: %w", p.Epoch, err))
				}
			}
		}
		// Means of a new epoch start afresh.
		if p.Epoch != before.Epoch {
			before.Step, before.Loss = 0, 0
		}
		if p.Step > before.Step {
			loss := p.Loss
			if before.Step > 0 { // the mean since the last point, from two means since the start of the epoch
				loss = (p.Loss*float64(p.Step) - before.Loss*float64(before.Step)) / float64(p.Step-before.Step)
			}
			scalar("train/loss", loss)
			scalar("train/pairs_per_second", p.PairsPerSec)
		}
		// An epoch that was evaluated before this run resumed is in the older file.
		if e := p.Last; e != nil && e.Number == p.Epoch && (before.Last == nil || before.Last.Number != e.Number) {
			scalar("train/epoch_loss", e.Loss)
			scalar("validation/loss", e.ValLoss)
			scalar("validation/roc_auc", e.ValAUC)
			if e.ValMAP > 0 { // 0 without classes
				scalar("validation/map_at_r", e.ValMAP)
			}
			if e.UnseenAUC > 0 {
				scalar("unseen/roc_auc", e.UnseenAUC)
				scalar("unseen/map_at_r", e.UnseenMAP)
			}
			scalar("train/learning_rate", e.LearningRate)
			scalar("diagnostics/spread", e.Diagnostics.Spread)
			scalar("diagnostics/effective_rank", e.Diagnostics.EffectiveRank)
			scalar("diagnostics/mean_cosine_same", e.Diagnostics.MeanSame)
			scalar("diagnostics/mean_cosine_different", e.Diagnostics.MeanDifferent)
			cosines("diagnostics/cosine_same", e.Diagnostics.Same[:])
			cosines("diagnostics/cosine_different", e.Diagnostics.Different[:])
		}
		// After every call, whatever came of it: TensorBoard shows what the file has.
		before = p
		_ = w.Flush() // the writer keeps the error
	}
}

// fail keeps err as the writer's failure, unless it has one. It is for callers that cannot return an error.
func (w *Writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}
