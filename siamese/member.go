package siamese

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-siamese/lab/siamese/embedding"
	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/step"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// member is an encoder of a run: the only one, or one of an ensemble. Each has batches and steps of its own, so that it
// comes to the weights that it would come to alone; together they are judged after every epoch.
type member struct {
	number  int    // from 0
	cfg     Config // encoderConfig of the run's
	sampler batch.Sampler
	stepper *step.Stepper
	viewer  *viewer   // nil = no item is altered
	reader  *reader   // nil = the features of all items are on the device
	resumed int       // steps done by an earlier call
	under   *underway // the epoch that is under way, nil between epochs
}

// underway is an epoch that was begun.
type underway struct {
	batches batch.Batches // of the whole epoch
	done    int           // batches trained on
	sum     float64       // of their losses
	views   *feed         // of the batches; nil = none, or not begun
	own     *feed         // features of the batches; nil = none, or not begun
}

// compiles reports whether the last n steps were those of the call that compiles.
func (m *member) compiles(n int) bool { return m.stepper.Step-m.resumed == n }

// samplersOf returns a sampler for every encoder of a configuration: samplers remember what they have drawn.
func samplersOf(c Config, one func() (batch.Sampler, error)) ([]batch.Sampler, error) {
	var all []batch.Sampler
	for range c.Encoders() {
		s, err := one()
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// newMembers gives a run its encoders, with the initial weights of model and the same resident items for all. On an
// error nothing is left on the device.
func newMembers(r *run, fill func(x []float32, start int) error) error {
	for k, layers := range r.result.Model.Encoders() {
		m := &member{number: k, cfg: encoderConfig(r.cfg, k), sampler: r.samplers[k]}
		opts, err := stepOptions(m.cfg, m.cfg.Epochs*stepsPerEpoch(m.cfg)), error(nil)
		if r.opts.Stream {
			opts.OwnFeatures = true
			if m.reader, err = newReader(r.result.Model.Transform, r.train, 2*m.cfg.BatchPairs); err != nil {
				return errors.Join(err, r.closeMembers())
			}
		}
		if k == 0 {
			m.stepper, err = step.New(r.backend, opts, layers, r.train.N(), r.of, fill)
		} else {
			m.stepper, err = r.members[0].stepper.Beside(r.backend, opts, layers, r.train.N(), r.of)
		}
		if err != nil {
			return errors.Join(err, r.closeMembers())
		}
		if r.viewer != nil { // their feeds come one after the other, and may write to the same rows
			v := *r.viewer
			v.seed, m.viewer = m.cfg.Seed, &v
		}
		r.members = append(r.members, m)
	}
	return nil
}

// closeMembers frees what the encoders have on the device, the first last: its items are those of all.
func (r *run) closeMembers() error {
	var errs []error
	for _, m := range slices.Backward(r.members) {
		if m.under != nil {
			m.under.views.close()
			m.under.own.close()
		}
		errs = append(errs, m.stepper.Close())
	}
	return errors.Join(errs...)
}

// steps is how many steps are done, of all encoders.
func (r *run) steps() int {
	n := 0
	for _, m := range r.members {
		n += m.stepper.Step
	}
	return n
}

// begunEpoch reports whether an epoch is under way.
func (r *run) begunEpoch() bool {
	return slices.ContainsFunc(r.members, func(m *member) bool { return m.under != nil })
}

// trainMember takes the steps of an epoch that are left of m and returns how many of them were timed, in how long.
func (r *run) trainMember(ctx context.Context, m *member, number int) (timed int, took time.Duration, err error) {
	steps := stepsPerEpoch(m.cfg)
	if m.under == nil {
		drawn, err := m.sampler.Draw(steps, streams.Epoch(m.cfg.Seed, number),
			func() (*embedding.Embeddings, error) { return r.embedTraining(ctx, m) })
		if err != nil {
			return 0, 0, fmt.Errorf("epoch %d: %w", number, err)
		}
		m.under = &underway{batches: drawn}
	}
	u, begun, reported, from := m.under, time.Now(), time.Now(), m.under.done
	if m.viewer != nil && u.views == nil {
		u.views = m.viewer.begin(&u.batches, number, u.done, m.stepper.PerCall)
	}
	if m.reader != nil && u.own == nil {
		u.own = m.reader.begin(u.batches.Items, u.done, m.stepper.PerCall)
	}
	for u.done < steps {
		if err := ctx.Err(); err != nil {
			return 0, 0, errors.Join(err, r.saveState())
		}
		n := min(m.stepper.Next(), steps-u.done)
		part, called := u.batches.Part(u.done, u.done+n, steps), time.Now()
		part.Views, err = u.views.take(ctx, n)
		if err == nil {
			part.Features, err = u.own.take(ctx, n)
		}
		if err != nil && ctx.Err() != nil {
			return 0, 0, errors.Join(ctx.Err(), r.saveState())
		} else if err != nil {
			return 0, 0, fmt.Errorf("epoch %d: %w", number, err)
		}
		losses, err := m.stepper.Advance(part)
		if err != nil {
			return 0, 0, err
		}
		if k := slices.IndexFunc(losses, func(l float32) bool { return l-l != 0 }); k >= 0 { // NaN or infinite
			return 0, 0, r.notFinite(m, number, u.done+k, float64(losses[k]))
		}
		for _, l := range losses {
			u.sum += float64(l)
		}
		u.done += len(losses)
		if m.compiles(len(losses)) { // this call compiled, which is no time of training
			begun, from = time.Now(), u.done
			r.first += len(losses)
			if r.first == len(losses) {
				r.begun = begun
			} else {
				r.begun = r.begun.Add(begun.Sub(called))
			}
		}
		if u.done == steps && m.number == len(r.members)-1 { // the last step is reported with the validation metrics
			break
		}
		if time.Since(reported) > reportEvery || u.done == steps {
			r.report(r.progress(number, m), u.done-from, begun)
			reported = time.Now()
		}
		if time.Since(r.saved) > stateEvery {
			if err := r.saveState(); err != nil {
				return 0, 0, err
			}
		}
	}
	return steps - from, time.Since(begun), nil
}

// progress returns how far an epoch is, in which m trains.
func (r *run) progress(number int, m *member) Progress {
	p := Progress{Epoch: number, Steps: len(r.members) * stepsPerEpoch(r.cfg)}
	sum := 0.0
	for _, one := range r.members {
		if one.under != nil {
			p.Step, sum = p.Step+one.under.done, sum+one.under.sum
		}
	}
	p.Loss = sum / float64(max(1, p.Step))
	if n := len(r.members); n > 1 {
		p.Encoder, p.Encoders = m.number+1, n
	}
	return p
}

// embedTraining returns the embeddings of the training items with the current weights of m alone, for mining.
func (r *run) embedTraining(ctx context.Context, m *member) (*embedding.Embeddings, error) {
	layers, err := m.stepper.Layers(r.result.Model.Encoders()[m.number])
	if err != nil {
		return nil, err
	}
	alone := r.current.Copy()
	alone.Config, alone.Layers, alone.Ensemble = whileTraining(m.cfg), layers, nil
	z, err := alone.Embed(ctx, r.backend, r.train)
	return z, errors.Join(err, alone.Close())
}

// currentEncoders copies the current weights from the device: their average, if the run keeps one.
func (r *run) currentEncoders() ([][]encoder.Layer, error) {
	like := r.result.Model.Encoders()
	out := make([][]encoder.Layer, len(like))
	for k, m := range r.members {
		var err error
		if out[k], err = m.stepper.Layers(like[k]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
