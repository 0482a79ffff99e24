package main

import (
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

// figure is a line of JSON with what was measured.
type figure struct {
	Figure string  `json:"figure"`
	Value  float64 `json:"value"`
	GFLOPS float64 `json:"gflops,omitempty"` // of sgemm
}

// measure does a task, train or embed, and writes its figure.
func (w work) measure(ctx context.Context, task, backend string, out io.Writer) error {
	b, err := siamese.OpenBackend(backend)
	if err != nil {
		return err
	}
	f := figure{Figure: "pairs/s"}
	switch task {
	case "train":
		f.Value, err = w.train(ctx, b)
	case "embed":
		f.Figure = "items/s"
		f.Value, err = w.embed(ctx, b)
	default:
		return usageError{fmt.Errorf("-work %q: want train or embed", task)}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(f)
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

// train returns the pairs a second of training after the first epoch, in which all is compiled. Drawing pairs and
// judging the forty validation items after every epoch, of 50,000 pairs as it is by default, are part of it.
func (w work) train(ctx context.Context, backend *siamese.Backend) (float64, error) {
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	var begun time.Time
	var from int
	var rate float64
	_, err := siamese.Train(ctx, backend, w.cfg, w.frame(w.items, 1), w.frame(40, 2), siamese.TrainOptions{Progress: func(p siamese.Progress) {
		if p.Last == nil || rate > 0 {
			return
		}
		steps := (p.Epoch-1)*p.Steps + p.Step
		if begun.IsZero() {
			begun, from = time.Now(), steps
			return
		}
		if took := time.Since(begun).Seconds(); took >= w.seconds && steps > from {
			rate = float64((steps-from)*w.cfg.BatchPairs) / took
			enough()
		}
	}})
	if rate > 0 && errors.Is(err, context.Canceled) {
		err = nil
	}
	return rate, err
}

// embed returns the items a second of embedding, after a first time in which all is compiled.
func (w work) embed(ctx context.Context, backend *siamese.Backend) (float64, error) {
	cfg := w.cfg
	cfg.Epochs, cfg.PairsPerEpoch = 1, cfg.BatchPairs
	frame := w.frame(w.items, 1)
	result, err := siamese.Train(ctx, backend, cfg, frame, w.frame(40, 2), siamese.TrainOptions{})
	if err != nil {
		return 0, err
	}
	var begun time.Time
	for done := 0; ; done += w.items {
		if done == w.items {
			begun = time.Now()
		}
		if took := time.Since(begun).Seconds(); done > w.items && took >= w.seconds {
			return float64(done-w.items) / took, nil
		}
		if _, err := result.Model.Embed(ctx, backend, frame); err != nil {
			return 0, err
		}
	}
}
