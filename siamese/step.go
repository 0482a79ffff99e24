package siamese

import (
	"errors"
	"fmt"
	"math"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train/loss"
)

// stepper holds a training run's state on the backend's device and advances it batch by batch.
// The whole state goes into one compiled step and comes out of it, so that its buffers can be donated.
type stepper struct {
	backend  compute.Backend
	exec     *Exec
	state    []*tensors.Tensor // parameters, first moments, second moments, sum of losses
	features *tensors.Tensor   // [N, F] the raw features, resident; batches are gathered from them on the device
	scaling  [2]*tensors.Tensor
	nParams  int
	step     uint32 // steps done
}

// newStepper compiles nothing yet: the first step does. x is [n, f], row by row.
func newStepper(backend compute.Backend, cfg Config, layers []Layer, x []float32, f int, mean, inverse []float32) (*stepper, error) {
	s := &stepper{backend: backend, nParams: 2 * len(layers)}
	var err error
	s.exec, err = NewExec(backend, func(in []*Node) []*Node { return stepGraph(in, cfg, s.nParams) })
	if err != nil {
		return nil, fmt.Errorf("training step: %w", err)
	}
	s.exec.WithName("train-step")
	zeros := make([]*tensors.Tensor, 0, 2*s.nParams)
	for _, layer := range layers {
		s.state = append(s.state,
			tensors.FromFlatDataAndDimensions(layer.Weights, layer.In, layer.Out),
			tensors.FromFlatDataAndDimensions(layer.Biases, layer.Out))
	}
	for range 2 {
		for _, p := range s.state[:s.nParams] {
			zeros = append(zeros, tensors.FromShape(p.Shape()))
		}
	}
	s.state = append(append(s.state, zeros...), tensors.FromScalar(float32(0)))
	s.features = tensors.FromFlatDataAndDimensions(x, len(x)/f, f)
	s.scaling = [2]*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(mean, f), tensors.FromFlatDataAndDimensions(inverse, f),
	}
	return s, nil
}

// stepGraph is one training step. Inputs: the state, then features [N, F], mean [F], inverse [F],
// items [2B] (left sides, then right sides), labels [B], step (uint32). Outputs: the new state.
func stepGraph(in []*Node, cfg Config, nParams int) []*Node {
	params, first, second := in[:nParams], in[nParams:2*nParams], in[2*nParams:3*nParams]
	lossSum := in[3*nParams]
	rest := in[3*nParams+1:]
	features, mean, inverse, items, labels, step := rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]

	x := scaleGraph(Gather(features, InsertAxes(items, -1)), mean, inverse)
	z := encodeGraph(x, params, cfg.Dropout, step, cfg.Seed) // both sides at once: sharing is structural
	b := labels.Shape().Dim(0)
	cosine := cosineGraph(Slice(z, AxisRange(0, b)), Slice(z, AxisRange(b, 2*b)))
	batchLoss := loss.MeanSquaredError([]*Node{labels}, []*Node{cosine})

	grads := Gradient(batchLoss, params...)
	newParams, newFirst, newSecond := adamGraph(params, grads, first, second, ConvertDType(step, dtypes.Float32), cfg.LearningRate)
	out := append(newParams, newFirst...)
	out = append(out, newSecond...)
	return append(out, Add(lossSum, batchLoss))
}

// advance trains on one batch: items are the left rows and then the right rows [2B], labels [B].
func (s *stepper) advance(items []int32, labels []float32) error {
	s.step++
	args := make([]any, 0, len(s.state)+6)
	for _, t := range s.state {
		donated, err := DonateTensorBuffer(t, s.backend, 0)
		if err != nil {
			return fmt.Errorf("training step %d: %w", s.step, err)
		}
		args = append(args, donated)
	}
	batch := []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(items, len(items)),
		tensors.FromFlatDataAndDimensions(labels, len(labels)),
		tensors.FromScalar(s.step),
	}
	args = append(args, s.features, s.scaling[0], s.scaling[1], batch[0], batch[1], batch[2])
	out, err := s.exec.Exec(args...)
	if err != nil {
		return fmt.Errorf("training step %d: %w", s.step, err)
	}
	s.state = out
	return finalize(batch...)
}

// takeLoss returns the sum of the losses of the steps since it was last called. It waits for the device.
func (s *stepper) takeLoss() (float64, error) {
	last := len(s.state) - 1
	sum, err := tensors.CopyFlatData[float32](s.state[last])
	if err != nil {
		return 0, fmt.Errorf("reading the loss: %w", err)
	}
	if err := finalize(s.state[last]); err != nil {
		return 0, err
	}
	s.state[last] = tensors.FromScalar(float32(0))
	total := float64(sum[0])
	if math.IsNaN(total) || math.IsInf(total, 0) {
		return total, fmt.Errorf("training: the loss is %v by step %d: lower learning_rate, or look for huge features", total, s.step)
	}
	return total, nil
}

// layers copies the current parameters out, in the shapes of like.
func (s *stepper) layers(like []Layer) ([]Layer, error) {
	out := make([]Layer, len(like))
	for i, layer := range like {
		weights, err := tensors.CopyFlatData[float32](s.state[2*i])
		if err != nil {
			return nil, fmt.Errorf("reading weights: %w", err)
		}
		biases, err := tensors.CopyFlatData[float32](s.state[2*i+1])
		if err != nil {
			return nil, fmt.Errorf("reading biases: %w", err)
		}
		out[i] = Layer{In: layer.In, Out: layer.Out, Weights: weights, Biases: biases}
	}
	return out, nil
}

// close frees what the run holds on the device.
func (s *stepper) close() error {
	s.exec.Finalize()
	return finalize(append([]*tensors.Tensor{s.features, s.scaling[0], s.scaling[1]}, s.state...)...)
}

func finalize(ts ...*tensors.Tensor) error {
	var errs []error
	for _, t := range ts {
		errs = append(errs, t.FinalizeAll())
	}
	return errors.Join(errs...)
}
