package loss

import . "github.com/gomlx/gomlx/core/graph"

// CosineEmbedding returns the cosine embedding loss of cosines: a scalar.
//
// # Formula
//
// Σ [P (1 - s) + Q max(0, s - margin)] / Σ (P+Q)
//
// # Shapes
//
//   - similarity s: cosines [B] of pairs row by row or [N, M] of all pairs;
//   - rel: of the same shape; unknown pairs are left out.
//
// # Reduction
//
// Weighted mean over the known pairs, those with a zero term included; 0 without any. This is PyTorch's
// CosineEmbeddingLoss with its labels 1 and -1 as 1 and 0.
//
// # Source
//
// PyTorch's and Torch7's CosineEmbeddingCriterion; the idea of a hinge on a cosine: Payne and Turian, 2014.
//
// # Choose it
//
// With labelled pairs, as a contrastive loss whose gradient does not vanish as positives come close (it is constant in
// s), and for results comparable with PyTorch's.
//
// # Defaults
//
// margin 0.2; PyTorch's default of 0 asks different items to be orthogonal, and 0 to 0.5 is sensible.
func CosineEmbedding(similarity *Node, rel Relation, margin float64) *Node {
	positive, negative := rel.weights("cosine-embedding", similarity)
	terms := Add(Mul(positive, OneMinus(similarity)), Mul(negative, hinge(AddScalar(similarity, -margin))))
	return Div(ReduceAllSum(terms), orOne(ReduceAllSum(Add(positive, negative))))
}
