package loss

import . "github.com/gomlx/gomlx/core/graph"

// SupCon returns the supervised contrastive loss: a scalar.
//
// # Formula
//
// For each anchor i, with w = P+Q and the sums over its known references:
//
//	L_i = -Σ_j P_ij log( w_ij e^(s_ij/t) / Σ_k w_ik e^(s_ik/t) ) / Σ_j P_ij
//
// The weight in the numerator adds a constant, so L_i is never negative; gradients are unaffected.
//
// # Shapes
//
//   - similarity s: [N, M] of anchors with references, usually cosines;
//   - rel: [N, M]; unknown pairs are left out of the denominator too, so false negatives can be masked.
//
// # Reduction
//
// Mean over the anchors with L_i above 0. Anchors without a positive, and those whose only known reference is
// their positive, do not count. 0 when the batch has no positive or no negative at all (one class in a
// batch): as pytorch-metric-learning's SupConLoss.
//
// # Source
//
// Khosla et al.: Supervised Contrastive Learning, 2020, equation 2 (the sum outside the logarithm).
//
// # Choose it
//
// The first choice with classes and several items of each in a batch: it uses every positive and every negative, and
// trains stably. It makes classes compact; for classes unseen in training a larger temperature keeps more of the
// features' information.
//
// # Defaults
//
// temperature 0.1; 0.05 to 0.5 is sensible, larger is gentler.
func SupCon(similarity *Node, rel Relation, temperature float64) *Node {
	checkMatrix("supcon: similarity", similarity)
	positive, negative := rel.weights("supcon", similarity)
	weight := Add(positive, negative)
	known := GreaterThan(weight, ZerosLike(weight))

	logits := MulScalar(similarity, 1/temperature)
	logits = Sub(logits, rowMax(logits, known, 1)) // first, so that well placed anchors come out as 0 exactly
	total := ReduceSum(positive, 1)
	mean := Div(ReduceSum(Mul(positive, Add(logits, Log(orOne(weight)))), 1), orOne(total))
	losses := Sub(Squeeze(logSumExp(logits, weight, 1, false), 1), mean)
	losses = Where(anyOf(positive, 1), losses, ZerosLike(losses))
	result := meanNonZero(losses, nil)
	return Where(LogicalAnd(anyOf(positive), anyOf(negative)), result, ZerosLike(result))
}
