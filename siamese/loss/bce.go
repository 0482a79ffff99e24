package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
	gomlx "github.com/gomlx/gomlx/ml/train/loss"
)

// BCE returns the binary cross-entropy of a logistic model on similarities: a scalar.
//
// # Formula
//
// x = scale (s - base); Σ w [max(x, 0) - x y + log(1 + e^-|x|)] / Σ w, with y = P/(P+Q) and w = P+Q.
// This is -y log p - (1-y) log(1-p) for p = 1/(1 + e^-x), in a form that never overflows.
//
// # Shapes
//
//   - similarity s: [B] of pairs row by row or [N, M] of all pairs;
//   - rel: of the same shape; unknown pairs are left out.
//
// # Reduction
//
// Weighted mean over the known pairs; 0 without any. Computed by GoMLX's BinaryCrossentropyLogits with
// weights scaled to mean 1.
//
// # Source
//
// Logistic regression on a similarity; over all pairs of a batch: Zhai et al., SigLIP, 2023.
//
// # Choose it
//
// To obtain a probability that two items are the same: 1/(1 + e^-x) is one, roughly calibrated at the training pairs'
// share of positives. Confident errors cost more than with [MSE].
//
// # Defaults
//
// On cosines: scale 10, base 0.5 (the similarity at which same and different are equally likely). SigLIP
// starts at scale 10, base 1, for one positive among thousands of negatives.
func BCE(similarity *Node, rel Relation, scale, base float64) *Node {
	label, weight := rel.labels("bce", similarity)
	logits := MulScalar(AddScalar(similarity, -base), scale)
	return gomlx.BinaryCrossentropyLogits([]*Node{flat(label), flat(weight)}, []*Node{flat(logits)})
}
