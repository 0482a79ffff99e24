package step

import (
	"errors"
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/device"
)

// trainState is everything a training step changes: named tensors, replicated on all devices, in a fixed order. A
// compiled call takes it as inputs and returns it as outputs, so that buffers can be donated, and saving it saves the
// run. A call invalidates the tensors that it was given.
type trainState struct {
	Names   []string
	Spreads []device.Spread
}

// add appends a tensor, which the state then owns.
func (s *trainState) add(name string, on device.Spread) {
	s.Names, s.Spreads = append(s.Names, name), append(s.Spreads, on)
}

// Get returns the tensor called name on the first device, or nil.
func (s *trainState) Get(name string) *tensors.Tensor {
	if i := slices.Index(s.Names, name); i >= 0 {
		return s.Spreads[i][0]
	}
	return nil
}

// free frees all tensors. The state must not be used afterwards.
func (s *trainState) free() error {
	var errs []error
	for _, on := range s.Spreads {
		errs = append(errs, device.Finalize(on...))
	}
	return errors.Join(errs...)
}

// nodes is a trainState inside a graph: get reads the current node of a name, set replaces it.
type nodes struct {
	names []string
	at    map[string]*Node
}

// NameNodes names the nodes of a state, which are in the order of names.
func NameNodes(names []string, in []*Node) *nodes {
	n := &nodes{names: names, at: make(map[string]*Node, len(names))}
	for i, name := range names {
		n.at[name] = in[i]
	}
	return n
}

// get returns the node called name. It panics if there is none, as functions on graphs do: GoMLX turns it into an
// error.
func (n *nodes) get(name string) *Node {
	node, ok := n.at[name]
	if !ok {
		panic(fmt.Errorf("training state has no %q", name))
	}
	return node
}

// set replaces the node called name. It panics if the shape differs.
func (n *nodes) set(name string, to *Node) {
	if was := n.get(name); !was.Shape().Equal(to.Shape()) {
		panic(fmt.Errorf("training state %q has the shape %s and cannot become %s", name, was.Shape(), to.Shape()))
	}
	n.at[name] = to
}

// Nodes returns the current nodes in the order of the state, as the outputs of a step.
func (n *nodes) Nodes() []*Node {
	out := make([]*Node, len(n.names))
	for i, name := range n.names {
		out[i] = n.at[name]
	}
	return out
}

// Names in a training state, and so in the files that runs resume from: renaming one makes older files unreadable.
// Those of the encoder are those of a model's file.
const centresName = "centres" // [C, E] a trained vector of every class

// ScaleName is the name of the scale of a layer's batch norm, [width].
func ScaleName(layer int) string { return fmt.Sprintf("layers.%d.scale", layer) }

// ShiftName is the name of the shift of a layer's batch norm, [width].
func ShiftName(layer int) string { return fmt.Sprintf("layers.%d.shift", layer) }

// RunningMeanName is the name of the running mean of a layer's batch norm, [width].
func RunningMeanName(layer int) string { return fmt.Sprintf("layers.%d.mean", layer) }

// RunningVarianceName is the name of the running variance of a layer's batch norm, [width].
func RunningVarianceName(layer int) string { return fmt.Sprintf("layers.%d.variance", layer) }

// FirstMomentName is the name of the optimizer's first moment of a parameter, of its shape. The parameters are the
// tensors that have one.
func FirstMomentName(of string) string { return "optimizer.first." + of }

// SecondMomentName is the name of the optimizer's second moment of a parameter, of its shape.
func SecondMomentName(of string) string { return "optimizer.second." + of }

// averageName is the name of the moving average over steps of a weight or a running statistic, of its shape.
func averageName(of string) string { return "average." + of }

// Names of the cross-batch memory of M embeddings, newest first. It starts with zeroes without a class, which no loss
// sees as a positive or a negative.
const (
	memoryName        = "memory.embeddings" // [M, E]
	memoryClassesName = "memory.classes"    // [M L] of an item with up to L classes; -1 = nothing yet
	memoryItemsName   = "memory.items"      // [M]
)
