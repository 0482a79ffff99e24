package loss

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Relation holds the labels of pairs. A pair has a weight as a positive (its items are the same) and one as a negative
// (they differ), both at least 0:
//
//   - both 0: unknown, and left out of every sum, mean, maximum and denominator;
//   - 1 and 0: a plain positive; 0 and 1: a plain negative;
//   - w·y and w·(1-y): a pair of weight w with the label y in [0, 1], such as a smoothed or an uncertain label.
//
// A weight of 2 is the same as the pair twice. Weights are constants without gradient.
//
// The shape is [B] for listed pairs, [N, M] for all pairs of N anchors with M references (the batch itself,
// a memory of earlier batches, or C class centres). Weights at or below 0 and NaN count as 0.
// The functions named From build relations; literals do as well.
type Relation struct {
	Positive *Node // bool or float
	Negative *Node // bool or float, of the same shape
}

// FromLabels returns the relation of labelled pairs of any shape: [B] for listed pairs, [N, M] for all pairs, [N, C]
// for items with tags and class centres.
//
//   - label: 1 = same, 0 = different, between = partly; negative or NaN = unknown. Float, integer or bool.
//   - weight: float of the same shape; nil = every weight is 1; 0 = left out.
//
// Call [Relation.WithoutSelf] for the pairs of a batch with itself. It panics if the shapes differ.
func FromLabels(label, weight *Node) Relation {
	if !label.DType().IsFloat() {
		label = ConvertDType(label, dtypes.Float32)
	}
	known := GreaterOrEqual(label, ZerosLike(label)) // false for NaN
	label = Where(known, MinScalar(label, 1), ZerosLike(label))
	r := Relation{Positive: label, Negative: Where(known, OneMinus(label), ZerosLike(label))}
	if weight == nil {
		return r
	}
	return r.Weighted(weight)
}

// FromClasses returns the relation [N, M] of anchors with the classes left [N] and references with the classes right
// [M]: same class = positive, other class = negative.
//
//   - left, right: class numbers, any integer type; negative = not known, which makes all pairs of the item unknown.
//
// Call [Relation.WithoutSelf] if the references are the anchors, or begin with them. It panics on other shapes and
// types.
func FromClasses(left, right *Node) Relation {
	checkClasses(left)
	checkClasses(right)
	rows, columns := InsertAxes(left, -1), InsertAxes(right, 0)
	known := LogicalAnd(GreaterOrEqual(rows, ZerosLike(rows)), GreaterOrEqual(columns, ZerosLike(columns)))
	same := Equal(rows, columns)
	return Relation{
		Positive: LogicalAnd(known, same),
		Negative: LogicalAnd(known, LogicalNot(same)),
	}
}

// ToCentres returns the relation [N, C] of items with the centres of c classes, for the losses with one
// trained vector per class: the own centre = positive, every other one = negative.
//
//   - class: [N] class numbers in 0…c-1, any integer type; others = not known, which makes the row unknown.
//
// Items with several classes: [FromLabels] of their tags [N, C].
func ToCentres(class *Node, c int) Relation {
	checkClasses(class)
	if c < 1 {
		exceptions.Panicf("relation to centres: there must be at least 1 class, got %d", c)
	}
	class = InsertAxes(ConvertDType(class, dtypes.Int32), -1)
	centres := InsertAxes(Const(class.Graph(), upTo(c)), 0)
	known := LogicalAnd(GreaterOrEqual(class, ZerosLike(class)), LessThan(class, AddScalar(ZerosLike(class), int32(c))))
	same := Equal(class, centres)
	return Relation{
		Positive: LogicalAnd(known, same),
		Negative: LogicalAnd(known, LogicalNot(same)),
	}
}

// FromTags returns the relation [N, M] of anchors and references with several classes each.
//
//   - left: tags of the anchors [N, C], multi-hot, bool or 0/1 in any type; an item without a tag is unknown to all.
//   - right: tags of the references [M, C], with the same encoding.
//   - minOverlap: in [0, 1]. Items with a tag in common are positives when their overlap |A∩B| / |A∪B|
//     (Jaccard) is at least this, else unknown; 0 = any common tag is enough. Items without a common tag are
//     negatives.
//
// Call [Relation.WithoutSelf] if the references are the anchors, or begin with them. It panics on other shapes.
func FromTags(left, right *Node, minOverlap float64) Relation {
	if left.Rank() != 2 || right.Rank() != 2 || left.Shape().Dim(1) != right.Shape().Dim(1) {
		exceptions.Panicf("relation from tags: the sides must be [N, C] and [M, C], got %s and %s",
			left.Shape(), right.Shape())
	}
	left, right = ConvertDType(left, dtypes.Float32), ConvertDType(right, dtypes.Float32)
	shared := Einsum("nc,mc->nm", left, right)
	rows, columns := ReduceAndKeep(left, ReduceSum, -1), InsertAxes(ReduceSum(right, -1), 0)
	union := Sub(Add(rows, columns), shared)
	known := LogicalAnd(GreaterThan(rows, ZerosLike(rows)), GreaterThan(columns, ZerosLike(columns)))
	none := LessThan(shared, AddScalar(ZerosLike(shared), 0.5)) // counts: half is between 0 and 1
	// The slack is below any difference of two ratios of counts up to 1000, and above rounding.
	enough := GreaterOrEqual(shared, MulScalar(union, minOverlap-1e-6))
	return Relation{
		Positive: LogicalAnd(known, LogicalAnd(LogicalNot(none), enough)),
		Negative: LogicalAnd(known, none),
	}
}

// Weighted returns the relation with every pair's weights times weight, a float node of the relation's shape.
// It panics when the shapes differ.
func (r Relation) Weighted(weight *Node) Relation {
	r.check()
	checkDims("relation: weight", weight, r.Positive.Shape().Dimensions)
	scale := func(x *Node) *Node { return Mul(ConvertDType(x, weight.DType()), weight) }
	return Relation{Positive: scale(r.Positive), Negative: scale(r.Negative)}
}

// WithoutSelf returns the relation [N, M] with the pairs (i, i) unknown: those of an item with itself, when
// the references are the anchors, or begin with them.
func (r Relation) WithoutSelf() Relation {
	r.check()
	checkMatrix("relation without self", r.Positive)
	g, dims := r.Positive.Graph(), r.Positive.Shape().Dimensions
	rows, columns := InsertAxes(Const(g, upTo(dims[0])), -1), InsertAxes(Const(g, upTo(dims[1])), 0)
	self := Equal(rows, columns)
	clear := func(x *Node) *Node { return Where(self, ZerosLike(x), x) }
	return Relation{Positive: clear(r.Positive), Negative: clear(r.Negative)}
}

// weights returns the weights as constants of the type and shape of x, none of them negative or NaN.
func (r Relation) weights(what string, x *Node) (positive, negative *Node) {
	r.check()
	checkDims(what+": relation", r.Positive, x.Shape().Dimensions)
	clean := func(w *Node) *Node {
		isBool := w.DType() == dtypes.Bool
		w = StopGradient(ConvertDType(w, x.DType()))
		if isBool {
			return w
		}
		return Where(GreaterThan(w, ZerosLike(w)), w, ZerosLike(w))
	}
	return clean(r.Positive), clean(r.Negative)
}

// labels returns the weights as a label in [0, 1] and a weight of each pair, of the type and shape of x.
// The weights are scaled to mean 1, so that a plain mean of weighted terms is their weighted mean;
// they are all 0 when no pair is known.
func (r Relation) labels(what string, x *Node) (label, weight *Node) {
	positive, negative := r.weights(what, x)
	weight = Add(positive, negative)
	label = Div(positive, orOne(weight))
	mean := ReduceAllMean(weight)
	return label, Div(weight, orOne(mean))
}
