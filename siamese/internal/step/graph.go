package step

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/encoder"
	"github.com/go-siamese/lab/siamese/internal/batch"
)

// stepProgram is everything that a compiled call depends on beside the shapes of its inputs: steppers that agree in
// both share one compiled graph.
type stepProgram struct {
	cfg     GraphOptions
	names   []string       // of the state, in the order of its inputs
	of      batch.Contents // what labels are
	perCall int            // batches of a call, at most
}

// callGraph maps state and inputs of up to perCall training steps to the new state and the loss of every step
// [perCall], 0 for steps that were not taken. in holds the nodes of the state, then those of the inputs (inFeatures and
// following). One step is a plain graph, several are a loop whose length is an input, so that a call with fewer batches
// needs no other graph.
func (s stepProgram) callGraph(in []*Node) []*Node {
	nState := len(s.names)
	if s.perCall == 1 {
		after, batchLoss := s.stepGraph(in[:nState], in[nState:], func(x *Node) *Node { return Squeeze(x, 0) })
		return append(after, Reshape(batchLoss, 1))
	}
	// GoMLX caches one node per graph for every scalar constant, and the body of a loop sees no nodes from outside. So
	// the body comes first, and neither the condition nor the surrounding graph uses a constant.
	g := in[0].Graph()
	// parameters returns the inputs of a closure: all values that the loop carries, the same for condition and body.
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
		out[nState+inKey] = AddScalar(rest[inKey], 1)
		out[nState+inAt] = AddScalar(rest[inAt], 1)
		return out
	})
	// The loop runs while at < end: a call with fewer batches than perCall ends early.
	more := NewClosure(g, func(g *Graph) []*Node {
		p := parameters(g)
		return []*Node{LessThan(p[nState+inAt], p[nState+inEnd])}
	})
	out := While(more, body, in...)
	return append(slices.Clone(out[:nState]), out[nState+inLosses])
}

// stepGraph is one training step: it maps the state and the inputs of the call to the new state and the loss, a scalar.
// row selects the step's row of an input that has one row per step. The loss is that of the weights before the step.
func (s stepProgram) stepGraph(before, in []*Node, row func(*Node) *Node) (after []*Node, batchLoss *Node) {
	cfg, state := s.cfg, NameNodes(s.names, before)
	items, labels, weights := row(in[inItems]), row(in[inLabels]), row(in[inWeights])
	numbers := NameStepNumbers(row(in[inNumbers]))
	params := s.Parameters()

	var x *Node // [2B, F]
	if cfg.OwnFeatures {
		x = Reshape(row(in[inFeatures]), items.Shape().Dim(0), -1)
	} else {
		x = Gather(in[inFeatures], InsertAxes(items, -1))
	}
	if cfg.Views > 0 {
		at, views := row(in[inViewAt]), Reshape(row(in[inViews]), cfg.Views, x.Shape().Dim(1))
		zero := ZerosLike(at)
		// Where an item stands for itself, the first view is gathered and dropped.
		of := Gather(views, InsertAxes(Max(SubScalar(at, 1), zero), -1))
		x = Where(GreaterThan(at, zero), of, x)
	}
	enc := encoder.Options{Dropout: cfg.Dropout, Key: in[inKey], BFloat16: cfg.BFloat16}
	if cfg.BatchNorm {
		enc.Norm = state.batchNorm
	}
	// z is [2B, E], not normalised: the loss does that where it compares by cosine.
	z := encoder.Encode(x, state.encoder(len(cfg.Layers)), enc) // both sides at once: sharing is structural
	batchLoss = lossGraph(cfg, z, items, labels, weights, state, s.of)

	of := make([]*Node, len(params)) // the nodes that the loss was computed from
	for i, name := range params {
		of[i] = state.get(name)
	}
	UpdateGraph(cfg, state, params, Gradient(batchLoss, of...), numbers)
	for _, name := range s.names {
		if slices.Contains(s.names, averageName(name)) {
			averageGraph(state, name, numbers.average)
		}
	}
	if cfg.XBMSize > 0 { // after the loss, which must not see this batch as an earlier one
		state.remember(z, items, labels)
	}
	return state.Nodes(), state.watched(batchLoss, len(cfg.Layers))
}

// watched returns the loss, or a value that is not finite if the biases after the step are not; with batch norm, which
// trains no biases, if shifts or running means are not. The loss alone may hide NaN weights: the ReLU of NaN is 0 on
// some backends. Biases stand for weights because they are far fewer.
func (n *nodes) watched(batchLoss *Node, layers int) *Node {
	var sum *Node
	for i := range layers {
		for _, name := range []string{encoder.BiasesName(i), ShiftName(i), RunningMeanName(i)} {
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

// Parameters returns the names of the trained tensors, in the order of the state: those with a first moment.
func (s stepProgram) Parameters() []string {
	var out []string
	for _, name := range s.names {
		if slices.Contains(s.names, FirstMomentName(name)) {
			out = append(out, name)
		}
	}
	return out
}

// remember pushes the embeddings z [2B, E] of a batch to the front of the cross-batch memory and drops the oldest (Wang
// et al. 2020), with their classes [2B L] and the rows of their items [2B]. The embeddings keep no gradient: the
// weights that made them are gone.
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
