package loss

import . "github.com/gomlx/gomlx/core/graph"

// MultiSimilarity returns the multi-similarity loss: a scalar.
//
// # Formula
//
// For each anchor i:
//
//	L_i = 1/alpha log(1 + Σ_j P_ij e^(-alpha (s_ij - base))) + 1/beta log(1 + Σ_k Q_ik e^(beta (s_ik - base)))
//
// # Shapes
//
//   - similarity s: [N, M] of anchors with references, usually cosines;
//   - rel: [N, M]; unknown pairs are left out.
//
// # Reduction
//
// Mean over the anchors with at least one known pair; with complete labels that is every anchor, as in
// pytorch-metric-learning's MultiSimilarityLoss. An anchor without a positive has only its second term,
// one without a negative only its first.
//
// # Source
//
// Wang et al.: Multi-Similarity Loss with General Pair Weighting, 2019, equation 16, without the pair
// mining of its section 4.1: leave pairs out through rel.
//
// # Choose it
//
// For retrieval with classes and a few items of each in a batch: it focuses on hard negatives (beta is large) but
// pulls all positives, without the sharp temperature of a softmax.
//
// # Defaults
//
// alpha 2, beta 50, base 0.5; base is the cosine below which a negative is far enough.
func MultiSimilarity(similarity *Node, rel Relation, alpha, beta, base float64) *Node {
	checkMatrix("multi-similarity: similarity", similarity)
	positive, negative := rel.weights("multi-similarity", similarity)
	shifted := AddScalar(similarity, -base)
	pull := MulScalar(logSumExp(MulScalar(shifted, -alpha), positive, 1, true), 1/alpha)
	push := MulScalar(logSumExp(MulScalar(shifted, beta), negative, 1, true), 1/beta)
	losses := Squeeze(Add(pull, push), 1)
	// An anchor without known pairs has the loss 0; it must not count in the mean either.
	known := ConvertDType(anyOf(Add(positive, negative), 1), losses.DType())
	return weightedMean(losses, known)
}
