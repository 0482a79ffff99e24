package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/go-siamese/lab/siamese/loss/spec"
)

// Rows returns the similarity s [B] of every row of a [B, E] with the same row of b [B, E]. A zero row has cosine 0 and
// equal rows have distance 0, both without gradient, where it is undefined. It panics when the shapes differ or are
// not [B, E], and on an unknown kind.
func Rows(s Similarity, a, b *Node) *Node {
	if a.Rank() != 2 || !a.DType().IsFloat() || !a.Shape().Equal(b.Shape()) {
		exceptions.Panicf("similarity %q of rows: both sides must have one float shape [B, E], got %s and %s",
			s, a.Shape(), b.Shape())
	}
	switch s {
	case Cosine:
		return ReduceSum(Mul(Normalize(a), Normalize(b)), -1)
	case InnerProduct:
		return ReduceSum(Mul(a, b), -1)
	case Euclidean:
		squares := ReduceSum(Square(Sub(a, b)), -1)
		return Neg(safeSqrt(squares, ZerosLike(squares)))
	}
	panic(unknownName("similarity", string(s), spec.Similarities()))
}

// All returns the similarities s [N, M] of every row of a [N, E] with every row of b [M, E]; a and b may be
// the same node. Zero and equal rows are as in [Rows]. Distances come from one matrix product,
// |a|² + |b|² - 2 a·b, so distances below its rounding error (about a thousandth of the length of the rows
// in float32) are 0. It panics when the shapes do not fit, and on an unknown kind.
func All(s Similarity, a, b *Node) *Node {
	if a.Rank() != 2 || b.Rank() != 2 || !a.DType().IsFloat() || a.DType() != b.DType() ||
		a.Shape().Dim(1) != b.Shape().Dim(1) {
		exceptions.Panicf("similarity %q of all pairs: "+
			"the sides must have float shapes [N, E] and [M, E], got %s and %s", s, a.Shape(), b.Shape())
	}
	switch s {
	case Cosine:
		left := Normalize(a)
		right := left
		if a != b {
			right = Normalize(b)
		}
		return Einsum("ne,me->nm", left, right)
	case InnerProduct:
		return Einsum("ne,me->nm", a, b)
	case Euclidean:
		lengths := Add(
			ReduceAndKeep(Square(a), ReduceSum, -1),
			InsertAxes(ReduceSum(Square(b), -1), 0))
		squares := Sub(lengths, MulScalar(Einsum("ne,me->nm", a, b), 2))
		return Neg(safeSqrt(squares, StopGradient(MulScalar(lengths, 4*epsilon(a)))))
	}
	panic(unknownName("similarity", string(s), spec.Similarities()))
}

// Normalize returns the rows of z [N, E] scaled to unit length. A zero row stays zero and passes no gradient.
func Normalize(z *Node) *Node {
	squares := ReduceAndKeep(Square(z), ReduceSum, -1)
	isZero := LessOrEqual(squares, ZerosLike(squares))
	safe := Where(isZero, OnesLike(squares), squares)
	return Mul(z, Where(isZero, ZerosLike(squares), Reciprocal(Sqrt(safe))))
}

// safeSqrt returns the square root of x where x > floor, and 0 without gradient elsewhere: the gradient of
// a square root is infinite at 0. floor has the shape of x.
func safeSqrt(x, floor *Node) *Node {
	isZero := LessOrEqual(x, floor)
	return Where(isZero, ZerosLike(x), Sqrt(Where(isZero, OnesLike(x), x)))
}
