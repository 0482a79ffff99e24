package loss

import . "github.com/gomlx/gomlx/core/graph"

// Circle returns the circle loss on pairs: a scalar.
//
// # Formula
//
// For each anchor i, with constant weights a_ij = max(0, 1 + m - s_ij) and b_ik = max(0, s_ik + m):
//
//	L_i = log(1 + Σ_j P_ij e^(-scale a_ij (s_ij - 1 + m)) · Σ_k Q_ik e^(scale b_ik (s_ik - m)))
//
// # Shapes
//
//   - similarity s: [N, M] of anchors with references, cosines;
//   - rel: [N, M]; unknown pairs are left out.
//
// # Reduction
//
// Mean over the anchors with L_i above 0; those without a positive or without a negative do not count, and
// 0 without any: as pytorch-metric-learning's CircleLoss. No gradient passes through a and b.
//
// # Source
//
// Sun et al.: Circle Loss: A Unified Perspective of Pair Similarity Optimization, 2020, equations 4 to 8.
//
// # Choose it
//
// When some positives are close and others far: every pair is weighted by its distance from its optimum, while a
// triplet loss weights them equally. Gradients are large: use it with several items a class and a lower learning
// rate.
//
// # Defaults
//
// margin 0.4, scale 80 for fine-grained retrieval; 0.25 and 128 to 256 for faces and persons (the paper).
func Circle(similarity *Node, rel Relation, margin, scale float64) *Node {
	checkMatrix("circle: similarity", similarity)
	positive, negative := rel.weights("circle", similarity)
	constant := StopGradient(similarity)
	pull := Mul(hinge(AddScalar(Neg(constant), 1+margin)), AddScalar(Neg(similarity), 1-margin))
	push := Mul(hinge(AddScalar(constant, margin)), AddScalar(similarity, -margin))
	both := Add(
		logSumExp(MulScalar(pull, scale), positive, 1, false),
		logSumExp(MulScalar(push, scale), negative, 1, false))
	losses := Squeeze(softplus(both), 1)
	mixed := LogicalAnd(anyOf(positive, 1), anyOf(negative, 1))
	return meanNonZero(Where(mixed, losses, ZerosLike(losses)), nil)
}
