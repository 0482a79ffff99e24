package loss

import . "github.com/gomlx/gomlx/core/graph"

// ContrastiveHinge returns the contrastive loss with plain hinges on similarities, in which only pairs beyond
// their margin count: a scalar.
//
// # Formula
//
// mean⁺ max(0, positiveMargin - s) over the positives + mean⁺ max(0, s - negativeMargin) over the negatives
//
// # Shapes
//
//   - similarity s: [N, M] of all pairs, or [B];
//   - rel: of the same shape; unknown pairs are left out.
//
// # Reduction
//
// mean⁺ is the mean over the terms above 0, weighted with P and Q, and 0 without any: both sides have equal weight
// for any number of negatives, as in pytorch-metric-learning's ContrastiveLoss.
//
// # Source
//
// After Hadsell, Chopra, LeCun, 2006; with hinges that are not squared and this mean: Musgrave, Belongie,
// Lim: PyTorch Metric Learning, 2020.
//
// # Choose it
//
// For all pairs of a batch, where negatives outnumber positives and most of them are easy. With listed,
// balanced pairs [Contrastive] is smoother.
//
// # Defaults
//
// On cosines: positiveMargin 1 (always pull), negativeMargin 0.5 (0, as the library has it, pushes apart
// until all classes are orthogonal).
func ContrastiveHinge(similarity *Node, rel Relation, positiveMargin, negativeMargin float64) *Node {
	positive, negative := rel.weights("contrastive-hinge", similarity)
	tooFar := hinge(AddScalar(Neg(similarity), positiveMargin))
	tooNear := hinge(AddScalar(similarity, -negativeMargin))
	return Add(meanNonZero(tooFar, positive), meanNonZero(tooNear, negative))
}
