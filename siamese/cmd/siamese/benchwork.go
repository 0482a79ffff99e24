package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese"
)

// work is the training and embedding that peers.py measures of other libraries, done by this lab. Its items are random
// numbers: speed does not depend on them.
type work struct {
	// items and features are N and F of the training frame.
	items, features int
	// cfg is the configuration of the training; BatchPairs pairs make a step.
	cfg siamese.Config
	// seconds is the least time of a measurement.
	seconds float64
}

// peerWork returns the same work as that of peers.py, which a change here must follow: 4,096 items of 2,000 features,
// layers of 1024, 512 and 256 units, 128 pairs a batch. precision is that of training. The number of epochs is only a
// bound: measuring ends the training.
func peerWork(precision string, seconds float64) work {
	cfg := siamese.DefaultConfig()
	// Never an end by itself, and no more validation than training needs: the peers have none.
	cfg.Epochs, cfg.ValPairs, cfg.Patience = 1_000_000, 100, 0
	cfg.Precision = precision
	return work{items: 4096, features: 2000, cfg: cfg, seconds: seconds}
}

// measurement is the result of one measurement, a line of JSON. peers.py writes the same.
type measurement struct {
	// Unit is "pairs/s" of training, "items/s" of embedding, "seconds" of peers.py's quality.
	Unit string `json:"unit"`
	// Value is above 0; a line without it is no measurement.
	Value float64 `json:"value"`
	// GFLOPS is that of a large matrix product, from the row [sgemmName] alone.
	GFLOPS float64 `json:"gflops,omitempty"`
}

// measure measures a task, "train" or "embed", on a backend, once for every line of turns, and writes each result to
// out as a line of JSON. It returns at the end of turns. It fails for an unknown task or backend, and where training,
// embedding or writing fails.
func (w work) measure(ctx context.Context, task, backend string, turns io.Reader, out io.Writer) error {
	b, err := siamese.OpenBackend(backend)
	if err != nil {
		return err
	}
	turn := bufio.NewScanner(turns).Scan
	m := measurement{Unit: "pairs/s"}
	var write error
	tell := func(rate float64) {
		m.Value = rate
		write = errors.Join(write, json.NewEncoder(out).Encode(m))
	}
	switch task {
	case "train":
		err = w.train(ctx, b, turn, tell)
	case "embed":
		m.Unit = "items/s"
		err = w.embed(ctx, b, turn, tell)
	default:
		return wrongFlag("work", "%q is neither train nor embed", task)
	}
	return errors.Join(err, write)
}

// frame returns n items of uniform random features in 20 classes, which take turns. seed makes the features and is the
// beginning of the ids, so that frames of two seeds share no item.
func (w work) frame(n int, seed uint64) *data.Frame {
	rng := rand.New(rand.NewPCG(seed, 1))
	frame := &data.Frame{X: make([]float32, n*w.features), Blocks: []data.Block{{Name: "f", Start: 0, End: w.features}}}
	for i := range frame.X {
		frame.X[i] = rng.Float32()
	}
	for i := range n {
		frame.IDs = append(frame.IDs, fmt.Sprintf("%d-%d", seed, i))
		frame.Labels = append(frame.Labels, strconv.Itoa(i%20))
	}
	for k := range w.features {
		frame.Columns = append(frame.Columns, "f"+strconv.Itoa(k))
	}
	return frame
}

// train reports the pairs per second of training, anew in every turn, after a first epoch that compiles everything and
// does not count. Drawing pairs and evaluating the forty validation items after every epoch, of 50,000 pairs as it is
// by default, are part of the time, since users pay for them too. turn waits for the next turn and returns false when
// there is none.
func (w work) train(ctx context.Context, backend *siamese.Backend, turn func() bool, tell func(float64)) error {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	// The measurement runs inside of the training's progress function: waiting for a turn there holds the training
	// still.
	var begun time.Time
	var from int
	ended := false
	next := func(steps int) {
		// There is no next turn: the context ends the training, which has no other end.
		if ended = !turn(); ended {
			enough()
		}
		// The clock starts when the turn comes, not when the last one ended.
		begun, from = time.Now(), steps
	}
	_, err := siamese.Train(ctx, backend, w.cfg, w.frame(w.items, 1), w.frame(40, 2),
		siamese.TrainOptions{Progress: func(p siamese.Progress) {
			// No epoch has ended yet, so that something may still have to be compiled.
			if p.Last == nil || ended {
				return
			}
			// steps are those since the beginning of the training; progress comes about ten times a second, so that a
			// measurement is a little longer than w.seconds.
			steps := (p.Epoch-1)*p.Steps + p.Step
			if begun.IsZero() {
				next(steps)
				return
			}
			if took := time.Since(begun).Seconds(); took >= w.seconds && steps > from {
				tell(float64((steps-from)*w.cfg.BatchPairs) / took)
				next(steps)
			}
		}})
	// Training was ended by the last turn, not by the caller.
	if ended && errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// embed reports the items per second of embedding, anew in every turn, after a first call that compiles everything. The
// model is trained on one batch only: its weights do not matter, its shape does.
func (w work) embed(ctx context.Context, backend *siamese.Backend, turn func() bool, tell func(float64)) error {
	cfg := w.cfg
	cfg.Epochs, cfg.PairsPerEpoch = 1, cfg.BatchPairs
	frame := w.frame(w.items, 1)
	result, err := siamese.Train(ctx, backend, cfg, frame, w.frame(40, 2), siamese.TrainOptions{})
	if err == nil {
		_, err = result.Model.Embed(ctx, backend, frame)
	}
	for err == nil && turn() {
		begun, done := time.Now(), 0
		for err == nil && time.Since(begun).Seconds() < w.seconds {
			_, err = result.Model.Embed(ctx, backend, frame)
			done += w.items
		}
		if err == nil {
			tell(float64(done) / time.Since(begun).Seconds())
		}
	}
	return err
}
