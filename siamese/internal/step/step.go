// Package step is one training step as a compiled graph: encoder, loss, gradients, optimizer and the state that they
// change.
//
// A [Stepper] holds the state on the devices of a backend: [New] sets it up with initial weights, [Stepper.Advance]
// takes the steps of some batches, [Stepper.Layers] reads the weights back. Batches come from package batch, and
// epochs, validation and files are the business of package siamese.
//
// A new option of the encoder, loss or optimizer is a field of [GraphOptions], which decides which runs share a
// compiled graph. A new quantity that steps change is a tensor of initialState.
package step

import (
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/loss"
)

// Stepper holds the state of a training run on the backend's devices and advances it by several batches a call. A
// compiled call takes and returns the whole state, so that its buffers can be donated. It is not safe for concurrent
// use.
type Stepper struct {
	Exec    *device.ParallelExec
	Program stepProgram
	Cfg     Options
	State   trainState // after Step steps
	// [N, F] resident, sharded by items; batches are gathered from it on the devices. nil = batches bring their own
	features device.Spread
	borrowed bool          // features are another stepper's
	Batch    int           // items of a batch, 2B
	Width    int           // labels of a batch, see [batch.Contents.Width]
	PerCall  int           // most batches of a compiled call
	views    int           // numbers of a batch's views, V F
	own      int           // numbers of the features that a batch brings, 2B F; 0 = none
	Step     int           // steps done
	stepTime time.Duration // of the last call but the first, which compiles; 0 = not known
}

// Options are those of a training run; fields are those of siamese.Config of the same name, which documents them. As
// there zero means zero or none, and nothing is checked again.
type Options struct {
	GraphOptions
	Steps        int // of the whole run, for the schedule
	Devices      int // that share a batch
	Seed         uint64
	LearningRate float64
	WarmupSteps  int
	Schedule     string
	EMADecay     float64
}

// GraphOptions are the options that the graph of a step depends on: runs with the same ones share a compiled graph.
// What can be an input of the graph, such as the learning rate or the seed of dropout, is not among them.
type GraphOptions struct {
	Layers    []int // widths
	Dropout   float64
	BatchNorm bool
	BFloat16  bool // factors of matrix products are rounded

	BatchPairs, Views int // B, pairs in a batch of 2B items; V, views of a batch that stand in for items, 0 = none
	// OwnFeatures has batches bring the features of their items: those of all items are not on the devices.
	OwnFeatures       bool
	Loss              loss.Spec
	Nested            []int // widths of the first numbers that have the loss too
	LabelSmoothing    float64
	ProxyLRMultiplier float64
	XBMSize           int

	Optimizer   string
	Momentum    float64
	WeightDecay float64
	ClipNorm    float64
}

// loopSteps is the most steps of one call on XLA. In a loop inside the graph XLA updates the state in place; between
// calls it copies 30 MB and more into new buffers, most of a step's time, and waits for the host. But cancelling waits
// for the end of a call, so that calls are kept below callTime by taking fewer steps.
const loopSteps, callTime = 128, 1500 * time.Millisecond

// RowBytes bounds the views, and the features, of the batches of one call, which are in memory twice or three times.
const RowBytes = 64 << 20

// CallSteps returns the most steps of one call on backend. The Go backend does not update buffers in place, and its
// steps are slow enough that cancelling should not wait for more than one. With many views a call takes fewer.
func CallSteps(backend compute.Backend) int {
	if device.Fuses(backend) {
		return loopSteps
	}
	return 1
}

// New returns a stepper that starts from layers, for a run over n training items whose batches have labels as of says.
// fill writes the preprocessed features of some items, rows of F from item start; it writes to the memory that steps
// read, so that there is no other copy. layers are not changed. The first step compiles the graph. More devices than
// backend has are an error, and so is what fill returns; then nothing is left on the devices. With OwnFeatures fill is
// not called.
func New(backend compute.Backend, cfg Options, layers []encoder.Layer, n int, of batch.Contents,
	fill func(x []float32, start int) error) (*Stepper, error) {
	s, err := newStepper(backend, cfg, layers, n, of)
	if err != nil {
		return nil, err
	}
	if cfg.OwnFeatures {
		return s, nil
	}
	if s.features, err = s.Exec.Resident(n, layers[0].In, fill); err != nil {
		return nil, errors.Join(fmt.Errorf("training items: %w", err), s.Close())
	}
	return s, nil
}

// Beside is [New] with the features of s, which must not be closed before what it returns: the run is over the same
// items, in batches on as many devices.
func (s *Stepper) Beside(backend compute.Backend, cfg Options, layers []encoder.Layer, n int,
	of batch.Contents) (*Stepper, error) {
	other, err := newStepper(backend, cfg, layers, n, of)
	if err == nil {
		other.features, other.borrowed = s.features, true
	}
	return other, err
}

// newStepper returns a stepper without features.
func newStepper(backend compute.Backend, cfg Options, layers []encoder.Layer, n int, of batch.Contents) (*Stepper,
	error) {
	s := &Stepper{
		Cfg:   cfg,
		Batch: 2 * cfg.BatchPairs, Width: of.Width(cfg.BatchPairs, cfg.Loss.NeedsBatch()), views: cfg.Views * layers[0].In,
	}
	if cfg.OwnFeatures {
		s.own = s.Batch * layers[0].In
	}
	initial := initialState(cfg, layers, of)
	s.Program = newProgram(backend, cfg, initial, of, layers[0].In)
	s.PerCall = s.Program.perCall
	var err error
	if s.Exec, err = s.Program.exec(backend, cfg, layers, n); err != nil {
		return nil, fmt.Errorf("training step: %w", err)
	}
	for _, v := range initial {
		if err := s.put(v); err != nil {
			return nil, errors.Join(fmt.Errorf("training step: %s: %w", v.Name, err), s.Close())
		}
	}
	return s, nil
}

// Next returns the number of batches that the next call should take, so that it takes about callTime. The number does
// not change results. The first call, which compiles and says nothing of a step's time, takes one, so that whoever
// waits for a first step waits for no more; the next takes a few, which are measured.
func (s *Stepper) Next() int {
	switch {
	case !s.Exec.Compiled:
		return 1
	case s.stepTime == 0:
		return min(8, s.PerCall)
	}
	return max(1, min(s.PerCall, int(callTime/s.stepTime)))
}

// Advance trains on the batches of b, at most PerCall, and returns the loss of each, before its step. b is not changed.
// A loss that is not finite is not an error here; the weights are useless after it. After an error the state is lost.
func (s *Stepper) Advance(b batch.Batches) ([]float32, error) {
	n, first := len(b.Labels)/s.Width, s.Step+1
	if n < 1 || n > s.PerCall || len(b.Labels) != n*s.Width || len(b.Items) != n*s.Batch || b.Weights != nil &&
		len(b.Weights) != len(b.Labels) || len(b.Views) != n*s.views || s.views > 0 && len(b.ViewAt) != len(b.Items) ||
		len(b.Features) != n*s.own {
		return nil, fmt.Errorf("training step %d: %d items, %d labels, %d weights, %d numbers of views and %d of features "+
			"are not 1…%d batches of %d items", first, len(b.Items), len(b.Labels), len(b.Weights), len(b.Views),
			len(b.Features), s.PerCall, s.Batch)
	}
	weights := b.Weights
	if weights == nil { // one graph for both: a multiplication by 1 costs nothing beside the products
		weights = make([]float32, n*s.Width)
		for i := range weights {
			weights[i] = 1
		}
	}
	// Step numbers count over the whole run: schedule and bias correction go on where a resumed run left off.
	numbers := make([]float32, 0, s.PerCall*nStepNumbers)
	for k := range n {
		row := s.Cfg.NumbersOf(first + k).Values()
		numbers = append(numbers, row[:]...)
	}
	b.Weights = weights
	in, err := s.inputs(b, numbers, first, n)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("training step %d: %w", first, err), in.free(s.mine()))
	}
	// A call that compiles says nothing of the time of a step.
	compiled, begun := s.Exec.Compiled, time.Now()
	out, err := s.Exec.Call(s.State.Spreads, in[:s.Program.inputs()]) // donates the state; features and inputs stay
	if err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	last := len(out) - 1 // the losses come after the state
	s.State.Spreads, s.Step = out[:last], s.Step+n
	losses, err := tensors.CopyFlatData[float32](out[last][0]) // waits for the call
	if compiled {
		s.stepTime = max(1, time.Since(begun)/time.Duration(n))
	}
	if err := errors.Join(err, in.free(s.mine()), device.Finalize(out[last]...)); err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	return losses[:n], nil
}

// Layers copies the current weights of the encoder from the device, in the shapes of like: their moving average if the
// run keeps one. Batch norm is folded into the dense layers. The layers share no memory with the state.
func (s *Stepper) Layers(like []encoder.Layer) ([]encoder.Layer, error) {
	out := make([]encoder.Layer, len(like))
	for i, layer := range like {
		var read [6][]float32
		names := []string{encoder.WeightsName(i), encoder.BiasesName(i)}
		if s.Cfg.BatchNorm {
			names = append(names, ScaleName(i), ShiftName(i), RunningMeanName(i), RunningVarianceName(i))
		}
		for k, name := range names {
			if s.State.Get(averageName(name)) != nil {
				name = averageName(name)
			}
			var err error
			if read[k], err = tensors.CopyFlatData[float32](s.State.Get(name)); err != nil {
				return nil, fmt.Errorf("reading %s: %w", name, err)
			}
		}
		out[i] = encoder.Layer{In: layer.In, Out: layer.Out, Weights: read[0], Biases: read[1]}
		if s.Cfg.BatchNorm {
			foldNorm(out[i], read[2], read[3], read[4], read[5])
		}
	}
	return out, nil
}

// Close frees the state and the stepper's own features on the devices, and gives the graph back to the backend's cache.
func (s *Stepper) Close() error {
	s.Exec.Exec.Release()
	if s.borrowed {
		return s.State.free()
	}
	return errors.Join(s.State.free(), device.Finalize(s.features...))
}
