package step

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/safetensors"
)

// Ahead begins to compile the graph that [New] with these arguments needs, for layers of these widths, the first of
// which is that of the input. It does so beside what the caller still prepares: a graph depends on shapes only, and is
// most of the time to a first step. The returned function waits for its end; call it once, before the backend is
// closed; nil = nothing was begun. An error is not told, because New or the first step runs into the same one. Only XLA
// takes long enough to compile.
func Ahead(backend compute.Backend, cfg Options, widths []int, n int, of batch.Contents) (wait func()) {
	if !device.Fuses(backend) {
		return nil
	}
	layers := make([]encoder.Layer, len(widths)-1)
	for i := range layers { // zeroes, which nobody reads, are no memory yet
		in, out := widths[i], widths[i+1]
		layers[i] = encoder.Layer{In: in, Out: out, Weights: make([]float32, in*out), Biases: make([]float32, out)}
	}
	initial := initialState(cfg, layers, of)
	program := newProgram(backend, cfg, initial, of, widths[0])
	exec, err := program.exec(backend, cfg, layers, n)
	if err != nil {
		return nil
	}
	ended := exec.Ahead(program.shapes(exec, initial, n, widths[0])...)
	if ended == nil {
		exec.Exec.Release()
		return nil
	}
	return func() {
		ended()
		exec.Exec.Release()
	}
}

// newProgram returns the program of steps that change a state with the names and shapes of initial, on items of f
// features.
func newProgram(backend compute.Backend, cfg Options, initial []safetensors.Tensor, of batch.Contents,
	f int) stepProgram {
	s := stepProgram{cfg: cfg.GraphOptions, of: of, perCall: CallSteps(backend)}
	if cfg.Views > 0 {
		s.perCall = max(1, min(s.perCall, RowBytes/(4*cfg.Views*f)))
	}
	if cfg.OwnFeatures {
		s.perCall = max(1, min(s.perCall, RowBytes/(4*2*cfg.BatchPairs*f)))
	}
	for _, v := range initial {
		s.names = append(s.names, v.Name)
	}
	return s
}

// places returns where the inputs of a call are. Everything is replicated unless it is named here: the state must be, as
// every device makes the same update.
func (s stepProgram) places() []device.Placement {
	places := slices.Repeat([]device.Placement{device.Everywhere}, len(s.names)+s.inputs())
	// Every device computes its part of a batch's items. Features are sharded too, to save memory: they are by far the
	// largest tensor, and the devices of one processor share its memory.
	for in, axis := range map[int]int{inFeatures: 0, inItems: 1, inLabels: 1, inWeights: 1} {
		places[len(s.names)+in] = device.Along(axis)
	}
	if s.cfg.OwnFeatures {
		places[len(s.names)+inFeatures] = device.Along(1)
	}
	if s.cfg.Views > 0 {
		places[len(s.names)+inViewAt] = device.Along(1)
	}
	return places
}

// inputs returns the number of inputs after the state.
func (s stepProgram) inputs() int {
	if s.cfg.Views > 0 {
		return nInputs
	}
	return nPlain
}

// exec returns the executor of the program for n training items and layers of these widths, which may be one that
// others use as well.
func (s stepProgram) exec(backend compute.Backend, cfg Options, layers []encoder.Layer, n int) (*device.ParallelExec,
	error) {
	widths := []int{layers[0].In}
	for _, l := range layers {
		widths = append(widths, l.Out)
	}
	// Of the program's fields all are plain data, so that this text identifies the graph.
	key := fmt.Sprintf("train-step %#v of %d items by %d", s, n, widths)
	return device.NewParallelExec(backend, key, cfg.Devices, s.places(), s.callGraph)
}

// shapes returns the shapes that a call's inputs have on each device: the state, then those of [Stepper.Advance] over n
// items of f features.
func (s stepProgram) shapes(exec *device.ParallelExec, state []safetensors.Tensor, n, f int) []shapes.Shape {
	places, c := s.places(), s.perCall
	items, labels := 2*s.cfg.BatchPairs, s.of.Width(s.cfg.BatchPairs, s.cfg.Loss.NeedsBatch())
	var out []shapes.Shape
	add := func(dtype dtypes.DType, dims ...int) {
		out = append(out, exec.Part(places[len(out)], dtype, dims...))
	}
	for _, v := range state {
		if v.Ints != nil {
			add(dtypes.Int32, v.Shape...)
		} else {
			add(dtypes.Float32, v.Shape...)
		}
	}
	if s.cfg.OwnFeatures {
		add(dtypes.Float32, c, items*f) // inFeatures
	} else {
		add(dtypes.Float32, n, f) // inFeatures
	}
	add(dtypes.Int32, c, items)          // inItems
	add(dtypes.Float32, c, labels)       // inLabels
	add(dtypes.Float32, c, labels)       // inWeights
	add(dtypes.Float32, c, nStepNumbers) // inNumbers
	add(dtypes.Float32, c)               // inLosses
	add(dtypes.Uint32)                   // inKey
	add(dtypes.Int32)                    // inAt
	add(dtypes.Int32)                    // inEnd
	if v := s.cfg.Views; v > 0 {
		add(dtypes.Int32, c, items) // inViewAt
		add(dtypes.Float32, c, v*f) // inViews
	}
	return out
}
