package siamese

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/loss"
)

// stepper holds a training run's state on the backend's devices and advances it some batches a call.
// The whole state goes into a compiled call and comes out of it, so that its buffers can be donated.
type stepper struct {
	exec     *parallelExec
	program  stepProgram
	cfg      stepOptions
	state    trainState
	features spread        // [N, F] resident, cut along the items; batches are gathered from them on the devices
	batch    int           // items of a batch, 2B
	width    int           // labels of a batch, see batches
	perCall  int           // batches of a compiled call, at most
	step     int           // steps done
	stepTime time.Duration // of the last call that was not the first; 0 = not known
}

// batches are what some steps train on, one after the other.
type batches struct {
	items   []int32   // [n, 2B] rows of the features: of pairs the left sides and then the right sides of each batch
	labels  []float32 // [n, B] of pairs, [n, 2B L] class numbers of items with up to L, or [n, 3K] of judged pairs, see judgedSampler
	weights []float32 // as labels; nil = all 1
}

// contents are what the batches of a run hold. Only losses on all pairs of a batch ask.
type contents struct {
	classes int // of the training items; 0 = they have none
	perItem int // classes of an item, at most
	judged  int // K, pairs of a batch that are told, at most; 0 = classes tell
}

// width returns how many labels a batch of so many pairs, or of all pairs of twice as many items, has.
func (c contents) width(pairs int, all bool) int {
	switch {
	case !all:
		return pairs
	case c.judged > 0:
		return 3 * c.judged
	}
	return 2 * pairs * c.perItem
}

// stepOptions say what the training steps of a run do. Fields are those of a Config with the same names.
type stepOptions struct {
	graphOptions
	Steps        int // of the whole run, for the schedule
	Devices      int // that share a batch
	Seed         uint64
	LearningRate float64
	WarmupSteps  int
	Schedule     string
	AverageDecay float64
}

// graphOptions are what the graph of a step depends on: runs that are alike in them share what is compiled.
type graphOptions struct {
	Layers    int // how many
	Dropout   float64
	BatchNorm bool
	BFloat16  bool // factors of matrix products are rounded

	BatchPairs     int // B, pairs in a batch of 2B items
	Loss           loss.Spec
	LabelSmoothing float64
	CentreRate     float64
	Memory         int

	Optimizer   string
	Momentum    float64
	WeightDecay float64
	ClipNorm    float64
}

// loopSteps is how many steps XLA takes in one call, at most. In a loop inside the graph it updates the state in place;
// between calls the state is copied into new buffers, 30 MB and more, which is most of a step's time. The host, too, is
// waited for only once. But a cancel waits for a call to end: one that would take longer than callTime has fewer steps.
const loopSteps, callTime = 128, 1500 * time.Millisecond

// callSteps returns how many steps a call takes on backend, at most. The Go backend updates no buffers in place, and a
// step is slow enough there that a cancel should not wait for more than one.
func callSteps(backend compute.Backend) int {
	if fuses(backend) {
		return loopSteps
	}
	return 1
}

// fuses says whether backend makes one loop of many operations, as XLA does.
func fuses(backend compute.Backend) bool { return strings.HasPrefix(backend.Name(), "xla") }

// newStepper returns a stepper that starts with layers, for a run over n training items. fill writes preprocessed features, whole rows from item start on, some at a
// time; they are written where the steps read them, so that there is no other copy. It compiles nothing yet: the first
// step does. More devices than backend has are an error.
func newStepper(backend compute.Backend, cfg stepOptions, layers []Layer, n int, of contents, fill func(x []float32, start int) error) (*stepper, error) {
	s := &stepper{
		cfg:   cfg,
		batch: 2 * cfg.BatchPairs, width: of.width(cfg.BatchPairs, cfg.Loss.NeedsBatch()), perCall: callSteps(backend),
	}
	initial := initialState(cfg, layers, of)
	s.program = stepProgram{cfg: cfg.graphOptions, of: of, perCall: s.perCall}
	for _, v := range initial {
		s.program.names = append(s.program.names, v.name)
	}
	places := slices.Repeat([]placement{everywhere}, len(initial)+nInputs)
	// Every device takes its part of a batch's items. The features are cut as well, for the memory: they are by far the
	// largest of all, and devices of one processor share it.
	for in, axis := range map[int]placement{inFeatures: 0, inItems: 1, inLabels: 1, inWeights: 1} {
		places[len(initial)+in] = axis
	}
	var err error
	key := fmt.Sprintf("train-step %#v of %d items of %d", s.program, n, layers[0].In)
	s.exec, err = newParallelExec(backend, key, cfg.Devices, places, s.program.callGraph)
	if err != nil {
		return nil, fmt.Errorf("training step: %w", err)
	}
	for _, v := range initial {
		if err := s.put(v); err != nil {
			return nil, errors.Join(fmt.Errorf("training step: %s: %w", v.name, err), s.close())
		}
	}
	if s.features, err = s.exec.resident(n, layers[0].In, fill); err != nil {
		return nil, errors.Join(fmt.Errorf("training items: %w", err), s.close())
	}
	return s, nil
}

// Inputs of a compiled call after the state.
const (
	inFeatures = iota // [N, F]
	inItems           // [perCall, 2B]
	inLabels          // [perCall, labels of a batch]
	inWeights         // as labels
	inNumbers         // [perCall, 4], see stepNumbers
	inLosses          // [perCall], written
	inKey             // uint32, of what the first step drops, see dropoutKey
	inAt              // int32, the batch under way, 0 at first
	inEnd             // int32, the number of batches
	nInputs
)

// next returns how many batches the next call should take. How many changes no result.
func (s *stepper) next() int {
	if s.stepTime == 0 {
		return min(8, s.perCall)
	}
	return max(1, min(s.perCall, int(callTime/s.stepTime)))
}

// advance trains on n batches, at most perCall, and returns the loss of each.
func (s *stepper) advance(b batches) ([]float32, error) {
	n, first := len(b.labels)/s.width, s.step+1
	if n < 1 || n > s.perCall || len(b.labels) != n*s.width || len(b.items) != n*s.batch || b.weights != nil && len(b.weights) != len(b.labels) {
		return nil, fmt.Errorf("training step %d: %d items, %d labels and %d weights are not 1…%d batches of %d items",
			first, len(b.items), len(b.labels), len(b.weights), s.perCall, s.batch)
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
		row := s.cfg.numbersOf(first + k).list()
		numbers = append(numbers, row[:]...)
	}
	in, err := s.inputs(b.items, b.labels, weights, numbers, first, n)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("training step %d: %w", first, err), in.free(inItems))
	}
	compiled, begun := s.exec.compiled, time.Now()
	out, err := s.exec.call(s.state.spreads, in[:])
	if err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	last := len(out) - 1
	s.state.spreads, s.step = out[:last], s.step+n
	losses, err := tensors.CopyFlatData[float32](out[last][0]) // waits for the call
	if compiled {
		s.stepTime = max(1, time.Since(begun)/time.Duration(n))
	}
	if err := errors.Join(err, in.free(inItems), finalize(out[last]...)); err != nil {
		return nil, fmt.Errorf("training step %d: %w", first, err)
	}
	return losses[:n], nil
}

// callInputs are the inputs of a compiled call after the state.
type callInputs [nInputs]spread

// free frees the inputs from that number on.
func (in *callInputs) free(from int) error {
	var errs []error
	for _, s := range in[from:] {
		errs = append(errs, finalize(s...))
	}
	return errors.Join(errs...)
}

// inputs puts what n steps read onto the devices, padded to the shapes of a call.
func (s *stepper) inputs(items []int32, labels, weights, numbers []float32, first, n int) (*callInputs, error) {
	in, c := &callInputs{inFeatures: s.features}, s.perCall
	var errs [nInputs]error
	in[inItems], errs[inItems] = upload(s.exec, 1, padded(items, s.batch*c), c, s.batch)
	in[inLabels], errs[inLabels] = upload(s.exec, 1, padded(labels, s.width*c), c, s.width)
	in[inWeights], errs[inWeights] = upload(s.exec, 1, padded(weights, s.width*c), c, s.width)
	in[inNumbers], errs[inNumbers] = upload(s.exec, everywhere, padded(numbers, nStepNumbers*c), c, nStepNumbers)
	in[inLosses], errs[inLosses] = upload(s.exec, everywhere, make([]float32, c), c)
	in[inKey], errs[inKey] = upload(s.exec, everywhere, []uint32{dropoutKey(s.cfg.Seed, first)})
	in[inAt], errs[inAt] = upload(s.exec, everywhere, []int32{0})
	in[inEnd], errs[inEnd] = upload(s.exec, everywhere, []int32{int32(n)})
	return in, errors.Join(errs[:]...)
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

// close frees the state on the devices.
func (s *stepper) close() error {
	s.exec.exec.release()
	return errors.Join(s.state.free(), finalize(s.features...))
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
