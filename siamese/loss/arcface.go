package loss

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// ArcFace returns the softmax cross-entropy with an additive angular margin: a scalar.
//
// # Formula
//
// With cos θ_ic = s_ic and cos⁺ = cos(θ + margin) where θ ≤ π - margin, else cos θ - margin sin(margin),
// which keeps falling as θ grows; for each item i and each class c of it:
//
//	L_ic = -log( e^(scale cos⁺_ic) / (e^(scale cos⁺_ic) + Σ_k Q_ik e^(scale s_ik)) )
//
// # Shapes
//
//   - similarity s: [N, C] cosines of the embeddings with one trained centre per class ([All]);
//   - rel: [N, C] ([ToCentres], or [FromLabels] of tags: an item's other classes do not compete);
//     unknown pairs are left out;
//   - margin: in radians, in [0, π).
//
// # Reduction
//
// Mean over the pairs of an item with its class, weighted with P: with one class each, over the items, as
// pytorch-metric-learning's ArcFaceLoss. 0 without any such pair.
//
// # Source
//
// Deng et al.: ArcFace: Additive Angular Margin Loss for Deep Face Recognition, 2019, equation 3; beyond
// π - margin as in its authors' code.
//
// # Choose it
//
// With many classes, to train like a classifier and compare by cosine afterwards. The centres cover only the training
// classes; on new classes pair losses are often as good.
//
// # Defaults
//
// margin 0.5 (28.6°), scale 64; with few classes (tens) and small encoders, scale 16 to 32 and margin 0.2 to 0.3 are
// more stable.
func ArcFace(similarity *Node, rel Relation, margin, scale float64) *Node {
	checkMatrix("arcface: similarity", similarity)
	positive, negative := rel.weights("arcface", similarity)
	target := MulScalar(addAngle(similarity, margin), scale)
	return againstNegatives(target, MulScalar(similarity, scale), positive, negative)
}

// addAngle returns cos(θ + margin) for cosines cos θ, and cos θ - margin sin(margin) where θ + margin is
// beyond π. At θ = 0 and π, and for cosines beyond 1 by rounding, the sine is 0 and passes no gradient: there
// the true gradient is not finite.
func addAngle(cosine *Node, margin float64) *Node {
	square := Mul(OneMinus(cosine), OnePlus(cosine)) // 1 - cos², exact near 1
	sine := safeSqrt(square, ZerosLike(square))
	turned := Sub(MulScalar(cosine, math.Cos(margin)), MulScalar(sine, math.Sin(margin)))
	beyond := LessThan(cosine, AddScalar(ZerosLike(cosine), -math.Cos(margin)))
	return Where(beyond, AddScalar(cosine, -margin*math.Sin(margin)), turned)
}
