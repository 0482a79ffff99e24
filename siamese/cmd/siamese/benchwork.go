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

// work is what peers.py measures of other libraries, done by this lab.
type work struct {
	items, features int
	cfg             siamese.Config
	seconds         float64
}

// peerWork is the same work as that of peers.py: 4,096 items, 2000-1024-512-256 units, 128 pairs a batch.
func peerWork(precision string, seconds float64) work {
	cfg := siamese.DefaultConfig()
	cfg.Epochs, cfg.ValPairs, cfg.Patience = 1_000_000, 100, 0
	cfg.Precision = precision
	return work{items: 4096, features: 2000, cfg: cfg, seconds: seconds}
}

// figure is a measurement, a line of JSON.
type measurement struct {
	Unit   string  `json:"unit"`
	Value  float64 `json:"value"`
	GFLOPS float64 `json:"gflops,omitempty"` // of sgemm
}

// measure does a task, train or embed, and writes the measurement, for every line of turns.
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

// frame returns n items of random features in 20 classes.
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

// train measures the pairs per second of training, anew in every turn, after a first epoch that compiles everything.
// Drawing pairs and judging the forty validation items after every epoch, of 50,000 pairs as it is by default, are part
// of it.
func (w work) train(ctx context.Context, backend *siamese.Backend, turn func() bool, tell func(float64)) error {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	var begun time.Time
	var from int
	ended := false
	next := func(steps int) {
		if ended = !turn(); ended {
			enough()
		}
		begun, from = time.Now(), steps
	}
	_, err := siamese.Train(ctx, backend, w.cfg, w.frame(w.items, 1), w.frame(40, 2),
		siamese.TrainOptions{Progress: func(p siamese.Progress) {
			if p.Last == nil || ended {
				return
			}
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
	if ended && errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// embed measures the items per second of embedding, anew in every turn, after a first call that compiles everything.
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
