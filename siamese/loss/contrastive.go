package loss

import . "github.com/gomlx/gomlx/core/graph"

// Contrastive returns the contrastive loss of Hadsell, Chopra and LeCun on distances: a scalar.
//
// # Formula
//
// Σ [P max(0, d - positiveMargin)² + Q max(0, negativeMargin - d)²] / (2 Σ (P+Q))
//
// # Shapes
//
//   - distance d: [B] of pairs row by row or [N, M] of all pairs, lower is closer: 1 - cosine, or |a - b|
//     (minus [Euclidean]);
//   - rel: of the same shape; unknown pairs are left out.
//
// # Reduction
//
// Weighted mean over the known pairs, those beyond their margin included; 0 without any.
//
// # Source
//
// Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping, 2006, equation 4 (there
// positiveMargin is 0). A margin for positives: Lin et al., DeepHash, 2015.
//
// # Choose it
//
// With labelled pairs, if different items need only be far enough apart, not orthogonal: pairs beyond the margin have
// no gradient. A positive margin keeps classes from collapsing to points.
//
// # Defaults
//
// On 1 - cosine: margins 0 and 0.5. On the distance of unit rows (at most 2): 0 and 1.
func Contrastive(distance *Node, rel Relation, positiveMargin, negativeMargin float64) *Node {
	positive, negative := rel.weights("contrastive", distance)
	tooFar := Square(hinge(AddScalar(distance, -positiveMargin)))
	tooNear := Square(hinge(AddScalar(Neg(distance), negativeMargin)))
	sum := ReduceAllSum(Add(Mul(positive, tooFar), Mul(negative, tooNear)))
	return MulScalar(Div(sum, orOne(ReduceAllSum(Add(positive, negative)))), 0.5)
}
