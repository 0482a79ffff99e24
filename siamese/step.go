package siamese

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/loss"
)

// stepper holds a training run's state on the backend's device and advances it some batches a call.
// The whole state goes into a compiled call and comes out of it, so that its buffers can be donated.
type stepper struct {
	backend  compute.Backend
	exec     *Exec
	state    []*tensors.Tensor // parameters, first moments, second moments, sum of losses
	features *tensors.Tensor   // [N, F] preprocessed, resident; batches are gathered from them on the device
	nParams  int
	batch    int    // items of a batch, 2B
	width    int    // labels of a batch: B of pairs, or 2B of items
	perCall  int    // batches of a compiled call, at most
	step     uint32 // steps done
}

// loopSteps is how many steps XLA takes in one call. In a loop inside the graph it updates the state in place;
// between calls the state is copied into new buffers, 30 MB and more, which is a fifth of a step's time. The
// host, too, is waited for only once. More than this gains less than the noise, and delays a cancel.
const loopSteps = 32

// callSteps returns how many steps a call takes on backend. The Go backend updates no buffers in place, and a
// step is slow enough there that a cancel should not wait for more than one.
func callSteps(backend compute.Backend) int {
	if strings.HasPrefix(backend.Name(), "xla") {
		return loopSteps
	}
	return 1
}

// newStepper compiles nothing yet: the first step does. fill writes the preprocessed features [n, F] of the n
// training items, row by row; they are written where the steps read them, so that there is no other copy.
func newStepper(backend compute.Backend, cfg Config, layers []Layer, n int, fill func(x []float32) error) (*stepper, error) {
	s := &stepper{backend: backend, nParams: 2 * len(layers), batch: 2 * cfg.BatchPairs, width: cfg.BatchPairs, perCall: callSteps(backend)}
	if cfg.Loss.NeedsBatch() {
		s.width = s.batch
	}
	var err error
	s.exec, err = NewExec(backend, func(in []*Node) []*Node { return callGraph(in, cfg, s.nParams, s.perCall) })
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
	if s.features, err = resident(backend, n, layers[0].In, fill); err != nil {
		return nil, errors.Join(fmt.Errorf("training items: %w", err), s.close())
	}
	return s, nil
}

// resident returns a tensor [n, f] on the backend's device, with what fill writes.
func resident(backend compute.Backend, n, f int, fill func(x []float32) error) (*tensors.Tensor, error) {
	x, err := tensors.FromShapeForBackend(backend, 0, shapes.Make(dtypes.Float32, n, f))
	if err != nil {
		return nil, err
	}
	var fillErr error
	err = tensors.MutableFlatData(x, func(flat []float32) { fillErr = fill(flat) })
	if err = errors.Join(err, fillErr); err == nil {
		err = x.ToDevice(backend, 0)
	}
	if err != nil {
		return nil, errors.Join(err, finalize(x))
	}
	return x, nil
}

// stepGraph is one training step. Inputs: the state, then features [N, F], items [2B] (left sides, then right sides), labels as lossGraph takes them, step (uint32). Outputs: the new state.
func stepGraph(in []*Node, cfg Config, nParams int) []*Node {
	params, first, second := in[:nParams], in[nParams:2*nParams], in[2*nParams:3*nParams]
	lossSum := in[3*nParams]
	rest := in[3*nParams+1:]
	features, items, labels, step := rest[0], rest[1], rest[2], rest[3]

	x := Gather(features, InsertAxes(items, -1))
	z := encodeGraph(x, params, cfg.Dropout, step, cfg.Seed) // both sides at once: sharing is structural
	batchLoss := lossGraph(cfg.Loss, z, labels)

	grads := Gradient(batchLoss, params...)
	newParams, newFirst, newSecond := adamGraph(params, grads, first, second, ConvertDType(step, dtypes.Float32), cfg.LearningRate)
	out := append(newParams, newFirst...)
	out = append(out, newSecond...)
	return append(out, Add(lossSum, batchLoss))
}

// lossGraph returns the loss of embeddings z [2B, E]. For a loss on pairs z has the left sides and then the right
// sides, and labels [B] are those of the pairs; for one on all pairs of a batch labels [2B] are class numbers.
func lossGraph(spec loss.Spec, z, labels *Node) *Node {
	if spec.NeedsBatch() {
		return loss.Build(spec, z, z, loss.FromClasses(ConvertDType(labels, dtypes.Int32)))
	}
	b := labels.Shape().Dim(0)
	return loss.Build(spec, Slice(z, AxisRange(0, b)), Slice(z, AxisRange(b, 2*b)), loss.FromLabels(labels, nil))
}

// callGraph is up to perCall training steps. Inputs: the state, then features [N, F], items [perCall, 2B], labels [perCall, B or 2B], step of the first batch (uint32), 0 and the number of batches (int32).
// Outputs: the new state.
func callGraph(in []*Node, cfg Config, nParams, perCall int) []*Node {
	nState := 3*nParams + 1
	if perCall == 1 {
		one := slices.Clone(in[:nState+4])
		one[nState+1], one[nState+2] = Squeeze(one[nState+1], 0), Squeeze(one[nState+2], 0)
		return stepGraph(one, cfg, nParams)
	}
	// GoMLX keeps one node a graph for every scalar constant, and a loop's body sees no nodes from outside of
	// it. So the body comes first, and neither the condition nor what is around the loop uses a constant.
	g := in[0].Graph()
	state := func(g *Graph) []*Node {
		out := make([]*Node, len(in))
		for i, n := range in {
			out[i] = Parameter(g, fmt.Sprintf("loop%d", i), n.Shape())
		}
		return out
	}
	const fixed = 1 // the features
	body := NewClosure(g, func(g *Graph) []*Node {
		p := state(g)
		items, labels, step, i := p[nState+fixed], p[nState+fixed+1], p[nState+fixed+2], p[nState+fixed+3]
		row := func(x *Node) *Node {
			width := x.Shape().Dim(1)
			return Reshape(DynamicSlice(x, []*Node{i, ScalarZero(g, dtypes.Int32)}, []int{1, width}), width)
		}
		one := append(slices.Clone(p[:nState+fixed]), row(items), row(labels), step)
		out := append(stepGraph(one, cfg, nParams), p[nState:nState+fixed+2]...)
		return append(out, AddScalar(step, 1), AddScalar(i, 1), p[nState+fixed+4])
	})
	more := NewClosure(g, func(g *Graph) []*Node {
		p := state(g)
		return []*Node{LessThan(p[nState+fixed+3], p[nState+fixed+4])}
	})
	return While(more, body, in...)[:nState]
}

// advance trains on n batches, at most perCall: items [n, 2B], labels [n, B] of pairs (items are then the left rows
// and the right rows of each batch) or [n, 2B] of items.
func (s *stepper) advance(items []int32, labels []float32) error {
	n, first := len(labels)/s.width, s.step+1
	if n < 1 || n > s.perCall || len(labels) != n*s.width || len(items) != n*s.batch {
		return fmt.Errorf("training step %d: %d items and %d labels are not 1…%d batches of %d items", first, len(items), len(labels), s.perCall, s.batch)
	}
	args := make([]any, 0, len(s.state)+8)
	for _, t := range s.state {
		donated, err := DonateTensorBuffer(t, s.backend, 0)
		if err != nil {
			return fmt.Errorf("training step %d: %w", first, err)
		}
		args = append(args, donated)
	}
	batch := []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions(padded(items, s.batch*s.perCall), s.perCall, s.batch),
		tensors.FromFlatDataAndDimensions(padded(labels, s.width*s.perCall), s.perCall, s.width),
		tensors.FromScalar(first), tensors.FromScalar(int32(0)), tensors.FromScalar(int32(n)),
	}
	args = append(args, s.features, batch[0], batch[1], batch[2], batch[3], batch[4])
	out, err := s.exec.Call(args...)
	if err != nil {
		return fmt.Errorf("training step %d: %w", first, err)
	}
	s.state, s.step = out, s.step+uint32(n)
	return finalize(batch...)
}

// padded returns values with zeroes up to length n, so that a call's shapes are always the same.
func padded[T any](values []T, n int) []T {
	if len(values) == n {
		return values
	}
	out := make([]T, n)
	copy(out, values)
	return out
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
	return finalize(append([]*tensors.Tensor{s.features}, s.state...)...)
}

func finalize(ts ...*tensors.Tensor) error {
	var errs []error
	for _, t := range ts {
		if t == nil {
			continue
		}
		errs = append(errs, t.FinalizeAll())
	}
	return errors.Join(errs...)
}
