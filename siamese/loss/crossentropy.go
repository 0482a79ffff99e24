package loss

import . "github.com/gomlx/gomlx/core/graph"

// CrossEntropy returns the softmax cross-entropy of a classifier: a scalar.
//
// # Formula
//
// For each item i and class c of it, against the other classes k:
//
//	L_ic = -log( e^(s_ic/t) / (e^(s_ic/t) + Σ_k Q_ik e^(s_ik/t)) )
//
// This is [NTXent] with the classes as references. With inner products and t = 1 it is a linear layer without biases,
// which balanced batches do not need.
//
// # Shapes
//
//   - similarity s: [N, C] inner products of the embeddings with one trained vector per class ([All]);
//   - rel: [N, C] ([ToCentres], or [FromLabels] of tags: an item's other classes do not compete);
//     unknown pairs are left out.
//
// # Reduction
//
// Mean over the pairs of an item with its class, weighted with P; with one class each, that is over the items. 0
// without any.
//
// # Source
//
// Bridle: Probabilistic Interpretation of Feedforward Classification Network Outputs, 1990; with cosines and a low
// temperature Wang et al.: NormFace, 2017.
//
// # Choose it
//
// As a baseline for other losses: the encoder is the last hidden layer of a plain classifier.
//
// # Defaults
//
// inner products, temperature 1; the vectors learn at the encoder's rate. With cosines temperature 0.05 to
// 0.1.
func CrossEntropy(similarity *Node, rel Relation, temperature float64) *Node {
	checkMatrix("cross-entropy: similarity", similarity)
	positive, negative := rel.weights("cross-entropy", similarity)
	logits := MulScalar(similarity, 1/temperature)
	return againstNegatives(logits, logits, positive, negative)
}
