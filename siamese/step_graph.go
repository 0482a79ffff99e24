package siamese

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/loss"
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
	for _, name := range s.state.names {
		if s.state.get(averageName(name)) != nil {
			averageGraph(state, name, numbers.average)
		}
	}
	if cfg.Memory > 0 {
		state.remember(z, items, labels)
	}
	return state.list(), state.watched(batchLoss, len(cfg.Layers))
}

// watched returns the loss, or what is not finite in the biases after the step; with batch norm, whose layers train no
// biases, in the shifts and the running means. Weights that are lost need not show in the loss: the ReLU of a NaN is 0 on
// some backends.
func (n *nodes) watched(batchLoss *Node, layers int) *Node {
	var sum *Node
	for i := range layers {
		for _, name := range []string{biasesName(i), shiftName(i), runningMeanName(i)} {
			value, ok := n.at[name]
			if !ok {
				continue
			}
			if value = ReduceAllSum(value); sum != nil {
				value = Add(sum, value)
			}
			sum = value
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
