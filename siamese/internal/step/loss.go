package step

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/batch"
	"github.com/go-siamese/lab/siamese/loss"
)

// lossGraph returns the loss of embeddings z [2B, E], a scalar. With cfg.Nested it is the mean of the losses of the
// first numbers of every embedding, in each of these widths, and of all of them (Kusupati et al. 2022, equation 1, with
// the same weight for every width). Each width is compared as if there were no other numbers; class centres are cut
// like embeddings, which the paper calls the efficient variant.
func lossGraph(cfg GraphOptions, z, items, labels, weights *Node, state *nodes, of batch.Contents) *Node {
	left, right, rel := compared(cfg, z, items, labels, weights, state, of)
	sum := loss.Build(cfg.Loss, left, right, rel)
	for _, width := range cfg.Nested {
		first := func(x *Node) *Node { return Slice(x, AxisRange(), AxisRange(0, width)) }
		l, r := first(left), first(right)
		if left == right { // which losses can tell
			r = l
		}
		sum = Add(sum, loss.Build(cfg.Loss, l, r, rel))
	}
	if n := len(cfg.Nested); n > 0 {
		return DivScalar(sum, float64(n+1))
	}
	return sum
}

// compared returns what the loss of embeddings z [2B, E] compares with what, and how they are related. For a loss on
// pairs z holds the left sides, then the right sides, and labels and weights [B] are those of the pairs. For a loss on
// all pairs of a batch labels [2B L] are up to L class numbers an item, or labels and weights [3K] describe labelled
// pairs, see [batch.LabelledSampler]. items [2B] are the rows of the items. References are the batch itself, or the
// class centres, or the batch and the cross-batch memory.
func compared(cfg GraphOptions, z, items, labels, weights *Node, state *nodes,
	of batch.Contents) (left, right *Node, rel loss.Relation) {
	if !cfg.Loss.NeedsBatch() {
		b := labels.Shape().Dim(0)
		if cfg.LabelSmoothing > 0 { // towards one half
			labels = AddScalar(MulScalar(labels, 1-cfg.LabelSmoothing), cfg.LabelSmoothing/2)
		}
		return Slice(z, AxisRange(0, b)), Slice(z, AxisRange(b, 2*b)), loss.FromLabels(labels, weights)
	}
	// Labels travel as float32, which is exact for class numbers and positions below 2^24.
	numbers, classes, perItem := ConvertDType(labels, dtypes.Int32), of.Classes, of.ClassesPerItem
	if of.LabelledPairs > 0 {
		return z, z, labelledGraph(labels, weights, z.Shape().Dim(0))
	}
	if cfg.Loss.NeedsCentres() {
		centres := state.get(centresName)
		if perItem == 1 {
			return z, centres, loss.ToCentres(numbers, classes)
		}
		return z, centres, loss.FromLabels(tagsGraph(numbers, perItem, classes), nil)
	}
	between := func(left, right *Node) loss.Relation {
		if perItem == 1 {
			return loss.FromClasses(left, right)
		}
		return loss.FromTags(tagsGraph(left, perItem, classes), tagsGraph(right, perItem, classes), 0)
	}
	if cfg.XBMSize == 0 {
		return z, z, between(numbers, numbers).WithoutSelf()
	}
	references := Concatenate([]*Node{z, StopGradient(state.get(memoryName))}, 0)
	known := Concatenate([]*Node{numbers, state.get(memoryClassesName)}, 0)
	rel = between(numbers, known).WithoutSelf()
	// References are [2B + M]: the batch, which also has gradients as such, and then the memory, which has none.
	all := Concatenate([]*Node{items, state.get(memoryItemsName)}, 0)
	other := NotEqual(InsertAxes(items, -1), InsertAxes(all, 0)) // an item is not paired with its own past either
	rel.Positive = LogicalAnd(rel.Positive, other)
	return z, references, rel
}

// tagsGraph returns the classes of items as 0 and 1 [N, C] from their class numbers [N L], -1 = none: no class has that
// number, so that it matches nothing. The numbers of an item differ, or a class would count twice.
func tagsGraph(numbers *Node, perItem, classes int) *Node {
	numbers = Reshape(numbers, -1, perItem, 1)
	is := Equal(numbers, Iota(numbers.Graph(), shapes.Make(dtypes.Int32, 1, 1, classes), 2))
	return ReduceSum(ConvertDType(is, dtypes.Float32), 1)
}

// labelledGraph returns the relation [n, n] of n items from labels [3K] and weights [3K] of labelled pairs, see
// [batch.LabelledSampler]. Other pairs are unknown.
func labelledGraph(labels, weights *Node, n int) loss.Relation {
	k := labels.Shape().Dim(0) / 3
	part := func(x *Node, i int) *Node { return Slice(x, AxisRange(i*k, (i+1)*k)) }
	places := Stack([]*Node{ConvertDType(part(labels, 0), dtypes.Int32), ConvertDType(part(labels, 1), dtypes.Int32)},
		1)
	spread := func(amounts *Node) *Node { // only zeroes share a position
		half := Scatter(places, amounts, shapes.Make(amounts.DType(), n, n), false, false)
		return Add(half, Transpose(half, 0, 1))
	}
	return loss.Relation{Positive: spread(part(labels, 2)), Negative: spread(part(weights, 2))}
}
