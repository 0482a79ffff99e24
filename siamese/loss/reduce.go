package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// logSumExp returns log Σ weight·exp(x) along axis, which stays with length 1; withOne adds 1 to the sum.
// It is 0 where all weights are 0, without gradient. The largest exponent with a weight is subtracted
// first, so that no exponential overflows. weight has the shape of x, is constant and at least 0.
func logSumExp(x, weight *Node, axis int, withOne bool) *Node {
	keep := GreaterThan(weight, ZerosLike(weight))
	top := rowMax(x, keep, axis)
	if withOne {
		top = Max(top, ZerosLike(top))
	}
	// Inside Where as well: exp of what is left out may overflow, and 0 times infinity is NaN.
	terms := Mul(weight, Exp(Where(keep, Sub(x, top), ZerosLike(x))))
	sum := ReduceAndKeep(terms, ReduceSum, axis)
	if withOne {
		return Add(top, Log(Add(sum, Exp(Neg(top)))))
	}
	return Add(top, Log(orOne(sum)))
}

// rowMax returns the largest x with keep along axis, which stays with length 1, and 0 where there is none.
// It is a constant: no gradient passes.
func rowMax(x, keep *Node, axis int) *Node {
	x = StopGradient(x)
	top := ReduceAndKeep(Where(keep, x, Infinity(x.Graph(), x.DType(), -1)), ReduceMax, axis)
	return Where(IsFinite(top), top, ZerosLike(top))
}

// orOne returns x with 1 in place of each 0, which makes it safe as a divisor or as the argument of a logarithm.
func orOne(x *Node) *Node {
	return Where(Equal(x, ZerosLike(x)), OnesLike(x), x)
}

// anyOf returns whether any weight along axis (all of them without an axis) is above 0, as bool.
func anyOf(weight *Node, axis ...int) *Node {
	top := ReduceMax(weight, axis...)
	return GreaterThan(top, ZerosLike(top))
}

// weightedMean returns Σ weight·x / Σ weight over all elements, and 0 when all weights are 0.
func weightedMean(x, weight *Node) *Node {
	return Div(ReduceAllSum(Mul(weight, x)), orOne(ReduceAllSum(weight)))
}

// meanNonZero returns the weighted mean of the x above 0, and 0 when there is none: pairs that are well
// placed already do not dilute the mean. weight nil = all 1.
func meanNonZero(x, weight *Node) *Node {
	counts := GreaterThan(x, ZerosLike(x))
	if weight == nil {
		weight = OnesLike(x)
	}
	return weightedMean(Where(counts, x, ZerosLike(x)), Where(counts, weight, ZerosLike(weight)))
}

// hinge returns max(0, x), with gradient 0 at 0.
func hinge(x *Node) *Node {
	return Where(GreaterThan(x, ZerosLike(x)), x, ZerosLike(x))
}
