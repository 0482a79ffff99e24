package siamese

import "github.com/go-siamese/lab/siamese/history"

// Progress is the state of a training run, see [history.Progress]. [history.Bar] shows it, [history.Tee] joins several
// that want it.
type Progress = history.Progress

// Epoch holds the metrics of one epoch, see [history.Epoch].
type Epoch = history.Epoch

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

// Outcome returns what the run came to, without the model. It is nil for a nil result.
func (r *Result) Outcome() *history.Outcome {
	if r == nil {
		return nil
	}
	o := &history.Outcome{History: r.History, Best: r.Best, Saved: r.Saved, Stopped: r.Stopped, Collapsed: r.Collapsed,
		Resumed: r.Resumed, Warnings: r.Warnings}
	if r.Model != nil {
		o.Loss, o.Threshold, o.Cut = r.Model.Config.Loss.Name, r.Model.Threshold, r.Model.Cut
	}
	return o
}

// String describes the result, one finding a line: the best epoch with its threshold and validation metrics, whether
// the run was resumed, and the warnings. There is no newline at the end.
func (r *Result) String() string { return r.Outcome().String() }
