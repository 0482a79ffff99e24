package siamese

import (
	"errors"
	"fmt"
	"math/rand/v2"
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
	cfg      Config
	steps    int // of the whole run, for the schedule
	state    trainState
	features *tensors.Tensor // [N, F] resident; batches are gathered from them on the device
	batch    int             // items of a batch, 2B
	width    int             // labels of a batch: B of pairs, or 2B of items
	perCall  int             // batches of a compiled call, at most
	step     int             // steps done
}

// batches are what some steps train on, one after the other.
type batches struct {
	items   []int32   // [n, 2B] rows of the features: of pairs the left sides and then the right sides of each batch
	labels  []float32 // [n, B] of pairs, or [n, 2B] class numbers of the items
	weights []float32 // as labels; nil = all 1
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

// newStepper returns a stepper that starts with layers, for a run of so many steps over n training items in so many
// classes (only losses with centres ask). fill writes the preprocessed features [n, F], row by row; they are written
// where the steps read them, so that there is no other copy. It compiles nothing yet: the first step does.
func newStepper(backend compute.Backend, cfg Config, steps int, layers []Layer, n, classes int, fill func(x []float32) error) (*stepper, error) {
	s := &stepper{
		backend: backend, cfg: cfg, steps: steps,
		batch: 2 * cfg.BatchPairs, width: cfg.BatchPairs, perCall: callSteps(backend),
	}
	if cfg.Loss.NeedsBatch() {
		s.width = s.batch
	}
	s.initState(layers, classes)
	var err error
	s.exec, err = NewExec(backend, s.callGraph)
	if err != nil {
		return nil, fmt.Errorf("training step: %w", err)
	}
	s.exec.WithName("train-step")
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

// initState fills the state for the first step.
func (s *stepper) initState(layers []Layer, classes int) {
	cfg, state := s.cfg, &s.state
	for i, l := range layers {
		state.add(weightsName(i), tensors.FromFlatDataAndDimensions(l.Weights, l.In, l.Out))
		state.add(biasesName(i), tensors.FromFlatDataAndDimensions(l.Biases, l.Out))
		if cfg.BatchNorm {
			state.add(scaleName(i), constant(1, l.Out))
			state.add(shiftName(i), constant(0, l.Out))
		}
	}
	encoder := slices.Clone(state.names)
	e := layers[len(layers)-1].Out
	if cfg.Loss.NeedsCentres() {
		state.add(centresName, tensors.FromFlatDataAndDimensions(initCentres(classes, e, newRand(cfg.Seed, streamCentres)), classes, e))
	}
	for _, name := range slices.Clone(state.names) {
		shape := state.get(name).Shape()
		state.add(firstMomentName(name), tensors.FromShape(shape))
		if cfg.Optimizer != OptimizerSGD {
			state.add(secondMomentName(name), tensors.FromShape(shape))
		}
	}
	if cfg.BatchNorm {
		for i, l := range layers {
			state.add(runningMeanName(i), constant(0, l.Out))
			state.add(runningVarianceName(i), constant(1, l.Out))
		}
	}
	if cfg.AverageDecay > 0 {
		for _, name := range encoder {
			copied := slices.Clone(tensors.MustCopyFlatData[float32](state.get(name)))
			state.add(averageName(name), tensors.FromFlatDataAndDimensions(copied, state.get(name).Shape().Dimensions...))
		}
	}
	if cfg.Memory > 0 {
		none := make([]int32, cfg.Memory)
		for i := range none {
			none[i] = -1
		}
		state.add(memoryName, constant(0, cfg.Memory, e))
		state.add(memoryClassesName, tensors.FromFlatDataAndDimensions(none, cfg.Memory))
		state.add(memoryItemsName, tensors.FromFlatDataAndDimensions(none, cfg.Memory))
	}
}

// constant returns a tensor with one value everywhere.
func constant(value float32, dims ...int) *tensors.Tensor {
	return tensors.FromScalarAndDimensions(value, dims...)
}

// initCentres returns c random directions of e numbers.
func initCentres(c, e int, rng *rand.Rand) []float32 {
	out := make([]float32, c*e)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

// Inputs of a compiled call after the state.
const (
	inFeatures = iota // [N, F]
	inItems           // [perCall, 2B]
	inLabels          // [perCall, B or 2B]
	inWeights         // as labels
	inNumbers         // [perCall, 4], see stepNumbers
	inLosses          // [perCall], written
	inStep            // uint32, number of the first step
	inAt              // int32, the batch under way, 0 at first
	inEnd             // int32, the number of batches
	nInputs
)

// callGraph is up to perCall training steps: state and inputs to the new state and the loss of every step [perCall].
func (s *stepper) callGraph(in []*Node) []*Node {
	nState := len(s.state.names)
	if s.perCall == 1 {
		after, batchLoss := s.stepGraph(in[:nState], in[nState:], func(x *Node) *Node { return Squeeze(x, 0) })
		return append(after, Reshape(batchLoss, 1))
	}
	// GoMLX keeps one node a graph for every scalar constant, and a loop's body sees no nodes from outside of
	// it. So the body comes first, and neither the condition nor what is around the loop uses a constant.
	g := in[0].Graph()
	parameters := func(g *Graph) []*Node {
		out := make([]*Node, len(in))
		for i, n := range in {
			out[i] = Parameter(g, fmt.Sprintf("loop%d", i), n.Shape())
		}
		return out
	}
	body := NewClosure(g, func(g *Graph) []*Node {
		p := parameters(g)
		rest := p[nState:]
		zero := ScalarZero(g, dtypes.Int32)
		after, batchLoss := s.stepGraph(p[:nState], rest, func(x *Node) *Node {
			width := x.Shape().Dim(1)
			return Reshape(DynamicSlice(x, []*Node{rest[inAt], zero}, []int{1, width}), width)
		})
		out := append(after, rest...)
		out[nState+inLosses] = DynamicUpdateSlice(rest[inLosses], Reshape(batchLoss, 1), []*Node{rest[inAt]})
		out[nState+inStep] = AddScalar(rest[inStep], 1)
		out[nState+inAt] = AddScalar(rest[inAt], 1)
		return out
	})
	more := NewClosure(g, func(g *Graph) []*Node {
		p := parameters(g)
		return []*Node{LessThan(p[nState+inAt], p[nState+inEnd])}
	})
	out := While(more, body, in...)
	return append(slices.Clone(out[:nState]), out[nState+inLosses])
}

// stepGraph is one training step: the state before and the inputs of the call to the state after and the loss. row
// takes the step's own row out of an input that has one for every step.
func (s *stepper) stepGraph(before, in []*Node, row func(*Node) *Node) (after []*Node, batchLoss *Node) {
	cfg, state := s.cfg, nodesOf(s.state.names, before)
	items, labels, weights, step := row(in[inItems]), row(in[inLabels]), row(in[inWeights]), in[inStep]
	numbers := stepNodesOf(row(in[inNumbers]))
	params := s.parameters()

	x := Gather(in[inFeatures], InsertAxes(items, -1))
	enc := encoding{dropout: cfg.Dropout, step: step, seed: cfg.Seed, bfloat16: cfg.Precision == PrecisionBFloat16}
	if cfg.BatchNorm {
		enc.norm = state.batchNorm
	}
	z := encodeGraph(x, state.encoder(len(cfg.Layers)), enc) // both sides at once: sharing is structural
	batchLoss = lossGraph(cfg, z, items, labels, weights, state)

	of := make([]*Node, len(params))
	for i, name := range params {
		of[i] = state.get(name)
	}
	updateGraph(cfg, state, params, Gradient(batchLoss, of...), numbers)
	for _, name := range params {
		if cfg.AverageDecay > 0 && name != centresName {
			averageGraph(state, name, numbers.average)
		}
	}
	if cfg.Memory > 0 {
		state.remember(z, items, labels)
	}
	return state.list(), state.watched(batchLoss, len(cfg.Layers))
}

// watched returns the loss, or what is not finite in the biases after the step. Weights that are lost need not show
// in the loss: the ReLU of a NaN is 0 on some backends.
func (n *nodes) watched(batchLoss *Node, layers int) *Node {
	var sum *Node
	for i := range layers {
		biases := ReduceAllSum(n.get(biasesName(i)))
		if sum == nil {
			sum = biases
		} else {
			sum = Add(sum, biases)
		}
	}
	return Where(IsFinite(sum), batchLoss, sum)
}

// parameters returns the names of what is trained.
func (s *stepper) parameters() []string {
	var out []string
	for _, name := range s.state.names {
		if s.state.get(firstMomentName(name)) != nil {
			out = append(out, name)
		}
	}
	return out
}

// lossGraph returns the loss of embeddings z [2B, E]. For a loss on pairs z has the left sides and then the right
// sides, and labels and weights [B] are those of the pairs; for one on all pairs of a batch labels [2B] are class
// numbers.
func lossGraph(cfg Config, z, items, labels, weights *Node, state *nodes) *Node {
	switch {
	case !cfg.Loss.NeedsBatch():
		b := labels.Shape().Dim(0)
		if cfg.LabelSmoothing > 0 { // towards one half
			labels = AddScalar(MulScalar(labels, 1-cfg.LabelSmoothing), cfg.LabelSmoothing/2)
		}
		return loss.Build(cfg.Loss, Slice(z, AxisRange(0, b)), Slice(z, AxisRange(b, 2*b)), loss.FromLabels(labels, weights))
	case cfg.Loss.NeedsCentres():
		centres := state.get(centresName)
		return loss.Build(cfg.Loss, z, centres, loss.ToCentres(ConvertDType(labels, dtypes.Int32), centres.Shape().Dim(0)))
	}
	classes := ConvertDType(labels, dtypes.Int32)
	if cfg.Memory == 0 {
		return loss.Build(cfg.Loss, z, z, loss.FromClasses(classes))
	}
	references := Concatenate([]*Node{z, StopGradient(state.get(memoryName))}, 0)
	known := Concatenate([]*Node{classes, state.get(memoryClassesName)}, 0)
	rel := loss.FromClassesBetween(classes, known).WithoutSelf()
	all := Concatenate([]*Node{items, state.get(memoryItemsName)}, 0)
	other := NotEqual(InsertAxes(items, -1), InsertAxes(all, 0)) // an item is no pair with its own past either
	rel.Positive = LogicalAnd(rel.Positive, other)
	return loss.Build(cfg.Loss, z, references, rel)
}

// remember puts the embeddings z [2B, E] of a batch before those of the memory, and drops the oldest ones (cross-batch
// memory; Wang et al. 2020).
func (n *nodes) remember(z, items, labels *Node) {
	push := func(name string, newest *Node) {
		was := n.get(name)
		kept := Slice(was, AxisRange(0, was.Shape().Dim(0)-newest.Shape().Dim(0)))
		n.set(name, Concatenate([]*Node{newest, kept}, 0))
	}
	push(memoryName, StopGradient(z))
	push(memoryClassesName, ConvertDType(labels, dtypes.Int32))
	push(memoryItemsName, items)
}

// advance trains on n batches, at most perCall, and returns the loss of each.
func (s *stepper) advance(b batches) ([]float32, error) {
	n, first := len(b.labels)/s.width, s.step+1
	if n < 1 || n > s.perCall || len(b.labels) != n*s.width || len(b.items) != n*s.batch || b.weights != nil && len(b.weights) != len(b.labels) {
		return nil, fmt.Errorf("training step %d: %d items, %d labels and %d weights are not 1…%d batches of %d items",
			first, len(b.items), len(b.labels), len(b.weights), s.perCall, s.batch)
	}
	args := make([]any, 0, len(s.state.tensors)+nInputs)
	for _, t := range s.state.tensors {
		donated, err := DonateTensorBuffer(t, s.backend, 0)
		if err != nil {
			return nil, fmt.Errorf("training step %d: %w", first, err)
		}
		args = append(args, donated)
	}
	weights := b.weights
	if weights == nil {
		weights = make([]float32, n*s.width)
		for i := range weights {
			weights[i] = 1
		}
	}
	numbers := make([]float32, 0, s.perCall*nStepNumbers)
	for k := range n {
		row := s.cfg.numbersOf(first+k, s.steps).list()
		numbers = append(numbers, row[:]...)
	}
	var in [nInputs]*tensors.Tensor
	in[inFeatures] = s.features
	in[inItems] = tensors.FromFlatDataAndDimensions(padded(b.items, s.batch*s.perCall), s.perCall, s.batch)
	in[inLabels] = tensors.FromFlatDataAndDimensions(padded(b.labels, s.width*s.perCall), s.perCall, s.width)
	in[inWeights] = tensors.FromFlatDataAndDimensions(padded(weights, s.width*s.perCall), s.perCall, s.width)
	in[inNumbers] = tensors.FromFlatDataAndDimensions(padded(numbers, nStepNumbers*s.perCall), s.perCall, nStepNumbers)
	in[inLosses] = tensors.FromShape(shapes.Make(dtypes.Float32, s.perCall))
	in[inStep], in[inAt], in[inEnd] = tensors.FromScalar(uint32(first)), tensors.FromScalar(int32(0)), tensors.FromScalar(int32(n))
	for _, t := range in {
		args = append(args, t)
	}
	out, err := s.exec.Call(args...)
	if err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	last := len(out) - 1
	s.state.tensors, s.step = out[:last], s.step+n
	losses, err := tensors.CopyFlatData[float32](out[last])
	if err := errors.Join(err, finalize(append(in[inItems:], out[last])...)); err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	return losses[:n], nil
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

// layers copies the current parameters of the encoder out, averaged where the run averages, in the shapes of like.
// Batch norm with its running statistics is folded into the weights: at prediction it is part of the dense layer.
func (s *stepper) layers(like []Layer) ([]Layer, error) {
	out := make([]Layer, len(like))
	for i, layer := range like {
		var read [6][]float32
		names := []string{weightsName(i), biasesName(i)}
		if s.cfg.BatchNorm {
			names = append(names, scaleName(i), shiftName(i), runningMeanName(i), runningVarianceName(i))
		}
		for k, name := range names {
			if t := s.state.get(averageName(name)); t != nil {
				name = averageName(name)
			}
			var err error
			if read[k], err = tensors.CopyFlatData[float32](s.state.get(name)); err != nil {
				return nil, fmt.Errorf("reading %s: %w", name, err)
			}
		}
		out[i] = Layer{In: layer.In, Out: layer.Out, Weights: read[0], Biases: read[1]}
		if s.cfg.BatchNorm {
			foldNorm(out[i], read[2], read[3], read[4], read[5])
		}
	}
	return out, nil
}

// close frees the state on the device.
func (s *stepper) close() error {
	s.exec.Finalize()
	return errors.Join(finalize(s.state.tensors...), finalize(s.features))
}

// finalize frees tensors without waiting for the garbage collector, which does not see the device's memory.
func finalize(list ...*tensors.Tensor) error {
	var errs []error
	for _, t := range list {
		if t != nil {
			errs = append(errs, t.FinalizeAll())
		}
	}
	return errors.Join(errs...)
}
