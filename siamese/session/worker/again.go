package worker

import (
	"context"
	"errors"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/history"
	"github.com/go-siamese/lab/siamese/session"
)

// trainForArgs train a model and stop after some epochs.
type trainForArgs struct {
	Split  string        `json:"split"`
	Config config.Config `json:"config"`
	Epochs int           `json:"epochs"`
}

func (a *trainForArgs) inputs() []string { return []string{a.Split} }
func (a *trainForArgs) files() []string  { return nil }

func (a *trainForArgs) run(ctx context.Context, t *task) (*made, error) {
	if a.Epochs < 1 {
		return nil, option.Errorf("Epochs", "%d to stop after: at least 1", a.Epochs)
	}
	whole := &trainArgs{Split: a.Split, Config: a.Config}
	key, _, err := t.w.keyOf("train", whole)
	if err != nil {
		return nil, err
	}
	// The whole training goes on with the state, unless it has ended; then this one needs a state of its own.
	release, err := t.w.store.Claim(ctx, key)
	if err != nil {
		return nil, err
	}
	defer release()
	state := t.w.store.Work(key)
	if _, err := t.w.store.Get(key); err == nil {
		state = t.w.store.Work(t.key)
	}
	m, epochs, err := a.until(ctx, t, whole, state)
	if err == nil && epochs > a.Epochs { // it had been stopped later
		m, epochs, err = a.until(ctx, t, whole, t.w.store.Work(t.key))
	}
	if err == nil && epochs > a.Epochs {
		err = errors.New("the training cannot be stopped there: its state is of a later epoch")
	}
	return m, err
}

// until trains with a state until the epochs are over, and returns how many there are.
func (a *trainForArgs) until(ctx context.Context, t *task, whole *trainArgs, state string) (*made, int, error) {
	limited, stop := context.WithCancel(ctx)
	defer stop()
	m, err := whole.train(limited, t, state, func(p history.Progress) {
		if p.Last != nil && p.Last.Number >= a.Epochs && !p.Ended {
			stop()
		}
	})
	if m != nil && errors.Is(err, context.Canceled) && ctx.Err() == nil {
		m.partial, err = false, nil // what was asked for
	}
	if m == nil {
		return nil, 0, err
	}
	facts, _ := m.facts.(session.Model) // modelMade's
	return m, len(facts.History), err
}

// againArgs train a model once more, from its beginning.
type againArgs struct {
	Model string `json:"model"`
}

func (a *againArgs) inputs() []string { return []string{a.Model} }
func (a *againArgs) files() []string  { return nil }

func (a *againArgs) run(ctx context.Context, t *task) (*made, error) {
	r, err := t.w.record(a.Model)
	if err != nil {
		return nil, err
	}
	if r.Op != "train" && r.Op != "train pairs" {
		return nil, option.Errorf("Model", "it was not trained by Train of a split or of pairs, or was stopped: train it there")
	}
	args := operations[r.Op].args()
	if err := decodeArgs(r.Op, r.Args, args); err != nil {
		return nil, err
	}
	return args.run(ctx, t) // its state is that of this value's key, which is empty
}

// train trains with a folder for its state, and tells each, where that is not nil, how far it is.
func (a *trainArgs) train(ctx context.Context, t *task, state string, each func(history.Progress)) (*made, error) {
	train, err := t.side(ctx, a.Split, session.Train)
	if err != nil {
		return nil, err
	}
	val, err := t.side(ctx, a.Split, session.Val)
	if err != nil {
		return nil, err
	}
	backend, err := t.w.openBackend()
	if err != nil {
		return nil, err
	}
	prepared := t.prepared(a.Split)
	return t.trainIn(ctx, a.Split, a.Config, state, func(opts siamese.TrainOptions) (*siamese.Result, error) {
		opts.Prepared = prepared
		opts.Progress = history.Tee(opts.Progress, each)
		return siamese.Train(ctx, backend, a.Config, train.Frame, val.Frame, opts)
	})
}
