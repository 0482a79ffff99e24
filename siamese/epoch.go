package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/go-siamese/lab/siamese/encoder"
)

// stateEvery is how often the state is saved within an epoch, reportEvery how often progress is reported. They are
// variables because tests interrupt runs after a few calls.
var stateEvery, reportEvery = time.Minute, 100 * time.Millisecond

// epoch trains on PairsPerEpoch new pairs, or on the rest of an interrupted epoch, and evaluates the weights on the
// validation items. All batches of an epoch are drawn before its first step, and are part of a saved state: mined
// ones depend on weights that a resumed run no longer has. If ctx is cancelled, the state is saved and the error wraps
// ctx.Err().
func (r *run) epoch(ctx context.Context) error {
	number, pairs, took := len(r.result.History)+1, 0, time.Duration(0)
	for _, m := range r.members {
		timed, in, err := r.trainMember(ctx, m, number)
		if err != nil {
			return err
		}
		pairs, took = pairs+timed*r.cfg.BatchPairs, took+in
	}
	known, first := len(r.result.Warnings), r.members[0].stepper
	last := r.progress(number, r.members[len(r.members)-1])
	e := Epoch{
		Number: number, Loss: last.Loss, LearningRate: first.Cfg.NumbersOf(first.Step).Rate,
		PairsPerSec: float64(pairs) / took.Seconds(),
	}
	if err := r.evaluate(ctx, e); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, r.saveState())
		}
		return err
	}
	for _, m := range r.members {
		m.under = nil // before the state is saved: it is one between epochs
	}
	r.result.Stopped = r.patienceLost(number)
	last.Ended, last.Warnings = r.ended(), r.result.Warnings[known:]
	// The rate is that of training, without validation.
	r.report(last, pairs/r.cfg.BatchPairs, time.Now().Add(-took))
	return r.saveState()
}

// patienceLost reports whether the best epoch is Config.Patience epochs or more before epoch.
func (r *run) patienceLost(epoch int) bool {
	return r.cfg.Patience > 0 && epoch-r.result.Best >= r.cfg.Patience
}

// report completes p and calls the progress function, if there is one. steps is the number of steps since begun. The
// time left is proportional to the steps left, at the rate of this run including its validations.
func (r *run) report(p Progress, steps int, begun time.Time) {
	if r.opts.Progress == nil {
		return
	}
	p.Epochs, p.PairsPerSec = r.cfg.Epochs, float64(steps*r.cfg.BatchPairs)/time.Since(begun).Seconds()
	if n := len(r.result.History); n > 0 {
		p.Last = &r.result.History[n-1]
	}
	if done := float64(r.steps() - r.result.Resumed - r.first); done > 0 { // by this run, since it compiled
		all := float64(r.cfg.Epochs * p.Steps)
		p.Left = time.Duration(float64(time.Since(r.begun)) * (all - float64(r.steps())) / done).Round(time.Second)
	}
	r.opts.Progress(p)
}

// takeWeights copies the current weights from the device (their average, if the run keeps one) to r.current and returns
// them. The caller must not change them.
func (r *run) takeWeights() ([][]encoder.Layer, error) {
	encoders, err := r.currentEncoders()
	if err != nil {
		return nil, err
	}
	return encoders, r.current.setEncoders(encoders)
}

// dropWeights frees the weights of r.current, on the host and the device: training needs the memory. The best weights
// stand in for them, because a model without layers is invalid.
func (r *run) dropWeights() error { return r.current.setEncoders(r.result.Model.Encoders()) }

// evaluate adds the validation metrics of the current weights to e and e to the history. If they are the best so far by
// Config.Monitor, the result's model gets the weights, and a threshold and a calibration of these same weights, and the
// checkpoint is written. The threshold is the one of highest accuracy on the validation pairs.
func (r *run) evaluate(ctx context.Context, e Epoch) error {
	encoders, err := r.takeWeights()
	if err != nil {
		return err
	}
	scores, err := r.val.evaluate(ctx, r.backend, r.current, &e)
	if err := errors.Join(err, r.dropWeights()); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	// Of equal epochs the first is kept, and NaN is never better.
	if score := e.Monitored(r.cfg.Monitor); score > r.best {
		model := r.result.Model
		warnings, err := model.settle(scores)
		if err != nil {
			return err
		}
		e.Best, r.best, r.result.Best = true, score, e.Number
		more, err := model.settleNested(scores.z, r.val.pairs)
		if err != nil {
			return err
		}
		r.warnOnce(append(warnings, more...))
		if err := model.setEncoders(encoders); err != nil {
			return err
		}
	}
	r.result.History = append(r.result.History, e)
	if e.Best {
		if err := r.saveCheckpoint(); err != nil {
			return err
		}
	}
	if n := r.val.frame.N(); e.Diagnostics.Zero > n/20 {
		r.warn("epoch %d: %d of %d validation items have a zero embedding: their cosine with anything is 0", e.Number,
			e.Diagnostics.Zero, n)
	}
	if what := e.Diagnostics.Collapsed(r.of.Classes); what != "" {
		r.warn("epoch %d: %s", e.Number, what)
		r.result.Collapsed = r.cfg.StopOnCollapse
	}
	if len(r.members) == 1 {
		return nil
	}
	texts, err := r.current.collapsed(scores.z, r.of.Classes)
	for _, text := range texts {
		r.warn("epoch %d: %s", e.Number, text)
		r.result.Collapsed = r.cfg.StopOnCollapse
	}
	return err
}

// warn adds a warning to the result.
func (r *run) warn(format string, args ...any) {
	r.result.Warnings = append(r.result.Warnings, fmt.Sprintf(format, args...))
}

// saveCheckpoint writes the model of the best epoch to the checkpoint, if there is one.
func (r *run) saveCheckpoint() error {
	if r.opts.Checkpoint == "" {
		return nil
	}
	r.result.Model.Cut = r.cutBy(nil) // until the run ends: see run.finish
	if err := r.result.Model.save(r.opts.Checkpoint, r.opts.BeforeCheckpoint); err != nil {
		return err
	}
	r.opts.BeforeCheckpoint, r.result.Saved = nil, r.result.Best
	return nil
}

// end returns the result, with the weights of the best epoch, and err. If no epoch was finished the weights are the
// current ones, if these are finite, so that cancelling leaves a model in memory that can be looked at; a warning says
// that its threshold is not tuned. They do not replace what is in the checkpoint: nobody has judged them.
func (r *run) end(err error) (*Result, error) {
	if saveErr := r.finish(err); saveErr != nil {
		err = errors.Join(err, saveErr)
	}
	if !math.IsInf(r.best, -1) {
		return r.result, err
	}
	model := r.result.Model
	encoders, readErr := r.currentEncoders()
	if readErr != nil || !encoder.Finite(slices.Concat(encoders...)) {
		r.warn("no epoch was finished: the weights are the initial ones and the threshold is not tuned")
		return r.result, errors.Join(err, readErr)
	}
	r.warn("no epoch was finished: the weights are those of step %d and the threshold is not tuned", r.steps())
	return r.result, errors.Join(err, model.setEncoders(encoders))
}

// close frees the run's memory on the device; the result stays usable.
func (r *run) close() {
	if r.compiled != nil {
		r.compiled()
	}
	_ = r.closeMembers() // the weights are on the host: an error here loses nothing
	r.current.Close()
}
