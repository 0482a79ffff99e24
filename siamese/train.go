package siamese

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data"
)

// Progress tells how far a training run is.
type Progress struct {
	Epoch, Epochs int     // the epoch under way (from 1), and all that were asked for
	Step, Steps   int     // batches done in this epoch, and in every epoch
	Loss          float64 // mean of this epoch so far
	Last          *Epoch  // the last epoch that was judged; nil in the first one
	PairsPerSec   float64
	Left          time.Duration // expected time to the last epoch; early stopping may end before
	Ended         bool          // training is over: nothing more will come
}

// Epoch is what one pass over PairsPerEpoch training pairs gave.
type Epoch struct {
	Number      int     `json:"epoch"`
	Loss        float64 `json:"loss"`     // mean squared error over the epoch's training pairs, dropout on
	ValLoss     float64 `json:"val_loss"` // the same on the validation pairs, dropout off
	ValAUC      float64 `json:"val_auc"`  // ROC-AUC over all pairs of validation items
	ValMAP      float64 `json:"val_map"`  // MAP@R over the validation items
	PairsPerSec float64 `json:"pairs_per_second"`
	Best        bool    `json:"best"` // the best so far by Config.Monitor
}

// monitored returns the figure that Config.Monitor names, signed so that higher is better.
func (e Epoch) monitored(monitor string) float64 {
	switch monitor {
	case MonitorAUC:
		return e.ValAUC
	case MonitorMAP:
		return e.ValMAP
	}
	return -e.ValLoss
}

// TrainOptions are what a run does beside training. The zero value does nothing.
type TrainOptions struct {
	Progress   func(Progress) // called about ten times a second, when an epoch was judged and at the end; nil = silent
	Checkpoint string         // file that holds the best model of this run so far; replaces what is there; "" = none
}

// Result is what a training run gave.
type Result struct {
	Model    *Model  // with the weights of the best epoch
	History  []Epoch // every epoch that was trained to its end
	Best     int     // number of the best epoch, from 1
	Stopped  bool    // early stopping ended the run
	Warnings []string
}

// String describes the result in words, a line a finding.
func (r *Result) String() string {
	var b strings.Builder
	for _, e := range r.History {
		if e.Number == r.Best {
			how := "the last epoch"
			if r.Stopped {
				how = "stopped early"
			}
			fmt.Fprintf(&b, "best epoch: %d of %d trained (%s), threshold %.3f\n", e.Number, len(r.History), how, r.Model.Threshold)
			fmt.Fprintf(&b, "validation: loss %.4f, ROC-AUC %.4f, MAP@R %.4f\n", e.ValLoss, e.ValAUC, e.ValMAP)
		}
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Train returns a model whose encoder was trained on labelled pairs of the items of train. Pairs of val choose
// the best epoch and the threshold. Both frames need labels and the same columns, and no item may be in both;
// a validation item with exactly the values of a training item stands in the result's Warnings.
//
// Preprocessing is fitted on train only. The same configuration, frames and backend give the same bits.
//
// When ctx is cancelled the result so far is returned beside ctx's error, with the weights of the best epoch;
// before the first epoch's end they are those of the last step. When training itself fails (a loss that is not
// finite, a checkpoint that cannot be written) the result so far stands beside the error as well. It is nil
// only when nothing was trained, because a configuration, a frame or the checkpoint's place is wrong or ctx was
// cancelled before the first step.
func Train(ctx context.Context, backend compute.Backend, cfg Config, train, val *data.Frame, opts TrainOptions) (*Result, error) {
	run, err := newRun(ctx, backend, cfg, train, val, opts)
	if err != nil {
		return nil, err
	}
	defer run.close()
	for epoch := 1; epoch <= cfg.Epochs; epoch++ {
		if err := run.epoch(ctx, epoch); err != nil {
			return run.end(err)
		}
		if run.patienceLost(epoch) {
			run.result.Stopped = true
			break
		}
	}
	return run.end(nil)
}

// run is the state of one training run on the host.
type run struct {
	cfg     Config
	backend compute.Backend
	opts    TrainOptions
	val     *data.Frame

	stepper  *stepper
	sampler  batchSampler
	valPairs Pairs
	result   *Result
	current  *Model // the weights of the last full epoch, for judging
	best     float64
	begun    time.Time
}

func newRun(ctx context.Context, backend compute.Backend, cfg Config, train, val *data.Frame, opts TrainOptions) (*run, error) {
	if err := errors.Join(cfg.Validate(), cfg.Preprocess.Check(train), cfg.Preprocess.Check(val)); err != nil {
		return nil, err
	}
	backend, err := plain(backend)
	if err != nil {
		return nil, err
	}
	if err := disjoint("training", train, "validation", val); err != nil {
		return nil, err
	}
	if err := checkWritable(opts.Checkpoint); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	sampler, err := newBatchSampler(cfg, train)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	valSampler, err := NewPairSampler(val, cfg.WithinDomain)
	if err != nil {
		return nil, fmt.Errorf("validation items: %w", err)
	}
	model, err := newModel(ctx, cfg, train)
	if err != nil {
		return nil, err
	}
	if _, err := model.Transform.Match(val.Columns); err != nil {
		return nil, fmt.Errorf("validation items: %w", err)
	}
	warnings, err := copies("training", train, "validation", val)
	if err != nil {
		return nil, err
	}
	rows, err := model.Transform.Rows(train)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	steps, err := newStepper(backend, cfg, model.Layers, train.N(), func(x []float32) error { return rows.ReadAll(ctx, x) })
	if err != nil {
		return nil, err
	}
	return &run{
		cfg: cfg, backend: backend, opts: opts, val: val, stepper: steps, sampler: sampler,
		valPairs: valSampler.draw(cfg.ValPairs, newRand(cfg.Seed, streamValPairs)),
		result:   &Result{Model: model, Warnings: warnings}, best: math.Inf(-1), begun: time.Now(),
		current: &Model{Config: cfg, Transform: model.Transform, Standard: model.Standard, Layers: model.Layers},
	}, nil
}

// newModel returns a model with first weights, whose preprocessing is fitted on all items of train.
func newModel(ctx context.Context, cfg Config, train *data.Frame) (*Model, error) {
	items := make([]int, train.N())
	for i := range items {
		items[i] = i
	}
	transform, err := data.FitTransform(ctx, train, items, cfg.Preprocess)
	if err != nil {
		return nil, fmt.Errorf("training items: %w", err)
	}
	standard := transform
	if !cfg.Preprocess.IsStandard() {
		if standard, err = data.FitTransform(ctx, train, items, cfg.Preprocess.Standard()); err != nil {
			return nil, fmt.Errorf("training items: %w", err)
		}
	}
	return &Model{Config: cfg, Transform: transform, Standard: standard, Threshold: 0.5,
		Layers: initLayers(transform.Width(), cfg.Layers, newRand(cfg.Seed, streamWeights))}, nil
}
