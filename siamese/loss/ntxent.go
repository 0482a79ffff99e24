package loss

import . "github.com/gomlx/gomlx/core/graph"

// NTXent returns the normalised, temperature-scaled cross-entropy: a scalar.
//
// # Formula
//
// For each positive pair (i, j), against the negatives k of its anchor:
//
//	L_ij = -log( e^(s_ij/t) / (e^(s_ij/t) + Σ_k Q_ik e^(s_ik/t)) ) = log(1 + Σ_k Q_ik e^((s_ik - s_ij)/t))
//
// # Shapes
//
//   - similarity s: [N, M] of anchors with references, usually cosines;
//   - rel: [N, M]; unknown pairs are left out. An anchor's other positives do not compete.
//
// # Reduction
//
// Mean over the positive pairs, weighted with P, those with loss 0 included: an anchor with many positives has more
// weight. 0 without positives or without negatives, in the batch or of an anchor. As pytorch-metric-learning's
// NTXentLoss.
//
// # Source
//
// Sohn: Improved Deep Metric Learning with Multi-class N-pair Loss, 2016; van den Oord et al., InfoNCE, 2018;
// Chen et al., SimCLR, 2020.
//
// # Choose it
//
// If an anchor has one positive or few: two views of an item, listed pairs, or pairs whose other combinations are
// unknown. With whole classes in a batch use [SupCon].
//
// # Defaults
//
// temperature 0.1; 0.05 to 0.5 is sensible.
func NTXent(similarity *Node, rel Relation, temperature float64) *Node {
	checkMatrix("ntxent: similarity", similarity)
	positive, negative := rel.weights("ntxent", similarity)
	logits := MulScalar(similarity, 1/temperature)
	return againstNegatives(logits, logits, positive, negative)
}

// againstNegatives returns the mean, weighted with positive, of log(1 + Σ_k negative_ik e^(x_ik - target_ij))
// over all (i, j). All are [N, M]; weights are constant and at least 0.
func againstNegatives(target, x, positive, negative *Node) *Node {
	rivals := logSumExp(x, negative, 1, false)
	losses := softplus(Sub(rivals, target))
	// Without a negative the sum is empty: 0, and no gradient.
	mixed := LogicalAnd(GreaterThan(positive, ZerosLike(positive)),
		BroadcastToDims(ReduceAndKeep(GreaterThan(negative, ZerosLike(negative)), LogicalAny, 1),
			x.Shape().Dimensions...))
	return weightedMean(Where(mixed, losses, ZerosLike(losses)), positive)
}

// softplus returns log(1 + e^x), without overflow.
func softplus(x *Node) *Node {
	return Add(Max(x, ZerosLike(x)), Log1p(Exp(Neg(Abs(x)))))
}
