package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/streams"
	"github.com/go-siamese/lab/siamese/metric"
)

// stateEvery is how often the state is saved within an epoch, reportEvery how often progress is reported. They are
// variables because tests interrupt runs after a few calls.
var stateEvery, reportEvery = time.Minute, 100 * time.Millisecond

// underway is an epoch that was begun.
type underway struct {
	batches batch.Batches // of the whole epoch
	done    int           // batches trained on
	sum     float64       // of their losses
	views   *feed         // of the batches; nil = none, or not begun
}

// epoch trains on PairsPerEpoch new pairs, or on the rest of an interrupted epoch, and evaluates the weights on the
// validation items. All batches of an epoch are drawn before its first step, and are part of a saved state: mined
// ones depend on weights that a resumed run no longer has. If ctx is cancelled, the state is saved and the error wraps
// ctx.Err().
func (r *run) epoch(ctx context.Context) error {
	number, steps := len(r.result.History)+1, stepsPerEpoch(r.cfg)
	if r.under == nil {
		drawn, err := r.sampler.Draw(steps, streams.Epoch(r.cfg.Seed, number),
			func() (*embedding.Embeddings, error) { return r.embedTraining(ctx) })
		if err != nil {
			return fmt.Errorf("epoch %d: %w", number, err)
		}
		r.under = &underway{batches: drawn}
	}
	u, begun, reported, from := r.under, time.Now(), time.Now(), r.under.done
	if r.viewer != nil && u.views == nil {
		u.views = r.viewer.begin(&u.batches, number, u.done, r.stepper.PerCall)
	}
	for u.done < steps {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, r.saveState())
		}
		n := min(r.stepper.Next(), steps-u.done)
		part := u.batches.Part(u.done, u.done+n, steps)
		if u.views != nil {
			var err error
			if part.Views, err = u.views.take(ctx, n); ctx.Err() != nil {
				return errors.Join(ctx.Err(), r.saveState())
			} else if err != nil {
				return fmt.Errorf("epoch %d: %w", number, err)
			}
		}
		losses, err := r.stepper.Advance(part)
		if err != nil {
			return err
		}
		if k := slices.IndexFunc(losses, func(l float32) bool { return l-l != 0 }); k >= 0 { // NaN or infinite
			return r.notFinite(number, u.done+k, float64(losses[k]))
		}
		for _, l := range losses {
			u.sum += float64(l)
		}
		u.done += len(losses)
		if r.stepper.Step-r.result.Resumed == len(losses) { // this call compiled, which is no time of training
			begun, from, r.first = time.Now(), u.done, len(losses)
			r.begun = begun
		}
		if u.done == steps { // the last step is reported with the validation metrics
			break
		}
		if time.Since(reported) > reportEvery {
			r.report(Progress{Epoch: number, Step: u.done, Steps: steps, Loss: u.sum / float64(u.done)}, u.done-from,
				begun)
			reported = time.Now()
		}
		if time.Since(r.saved) > stateEvery {
			if err := r.saveState(); err != nil {
				return err
			}
		}
	}
	trained, known := time.Now(), len(r.result.Warnings)
	e := Epoch{
		Number: number, Loss: u.sum / float64(steps), LearningRate: r.stepper.Cfg.NumbersOf(r.stepper.Step).Rate,
		PairsPerSec: float64((steps-from)*r.cfg.BatchPairs) / trained.Sub(begun).Seconds(),
	}
	if err := r.evaluate(ctx, e); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, r.saveState())
		}
		return err
	}
	r.under = nil // before the state is saved: it is one between epochs
	r.result.Stopped = r.patienceLost(number)
	last := Progress{Epoch: number, Step: steps, Steps: steps, Loss: e.Loss, Ended: r.ended(),
		Warnings: r.result.Warnings[known:]}
	r.report(last, steps-from, begun.Add(time.Since(trained))) // the rate is that of training, without validation
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
	if done := float64(r.stepper.Step - r.result.Resumed - r.first); done > 0 { // by this run, since it compiled
		all := float64(r.cfg.Epochs * p.Steps)
		p.Left = time.Duration(float64(time.Since(r.begun)) * (all - float64(r.stepper.Step)) / done).Round(time.Second)
	}
	r.opts.Progress(p)
}

// embedTraining returns the embeddings of the training items with the current weights, for mining.
func (r *run) embedTraining(ctx context.Context) (*embedding.Embeddings, error) {
	if _, err := r.takeWeights(); err != nil {
		return nil, err
	}
	z, err := r.current.Embed(ctx, r.backend, r.train)
	return z, errors.Join(err, r.dropWeights())
}

// takeWeights copies the current weights from the device (their average, if the run keeps one) to r.current and returns
// them. The caller must not change them.
func (r *run) takeWeights() ([]encoder.Layer, error) {
	layers, err := r.stepper.Layers(r.result.Model.Layers)
	if err != nil {
		return nil, err
	}
	return layers, r.current.setLayers(layers)
}

// dropWeights frees the weights of r.current, on the host and the device: training needs the memory. The best weights
// stand in for them, because a model without layers is invalid.
func (r *run) dropWeights() error { return r.current.setLayers(r.result.Model.Layers) }

// evaluate adds the validation metrics of the current weights to e and e to the history. If they are the best so far by
// Config.Monitor, the result's model gets the weights, and a threshold and a calibration of these same weights, and the
// checkpoint is written. The threshold is the one of highest accuracy on the validation pairs.
func (r *run) evaluate(ctx context.Context, e Epoch) error {
	layers, err := r.takeWeights()
	if err != nil {
		return err
	}
	scores, err := r.val.evaluate(ctx, r.backend, r.current, &e)
	if err := errors.Join(err, r.dropWeights()); err != nil {
		return fmt.Errorf("validation: %w", err)
	}
	// Of equal epochs the first is kept, and NaN is never better.
	if score := e.Monitored(r.cfg.Monitor); score > r.best {
		chosen, err := metric.Verify(scores.cosines, scores.same, scores.weights, metric.VerificationOptions{})
		if err != nil {
			return fmt.Errorf("validation: threshold: %w", err)
		}
		e.Best, r.best, r.result.Best = true, score, e.Number
		model := r.result.Model
		model.Threshold = chosen.Natural.BestAccuracy.Threshold
		r.calibrate(scores)
		if err := model.setLayers(layers); err != nil {
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
	return nil
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
	layers, readErr := r.stepper.Layers(model.Layers)
	if readErr != nil || !encoder.Finite(layers) {
		r.warn("no epoch was finished: the weights are the initial ones and the threshold is not tuned")
		return r.result, errors.Join(err, readErr)
	}
	r.warn("no epoch was finished: the weights are those of step %d and the threshold is not tuned", r.stepper.Step)
	return r.result, errors.Join(err, model.setLayers(layers))
}

// close frees the run's memory on the device; the result stays usable.
func (r *run) close() {
	if r.compiled != nil {
		r.compiled()
	}
	if r.under != nil && r.under.views != nil {
		r.under.views.close()
	}
	r.stepper.Close() // the weights are on the host: an error here loses nothing
	r.current.Close()
}
