package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
	gomlx "github.com/gomlx/gomlx/ml/train/loss"
)

// MSE returns the mean squared error of similarities against labels: a scalar.
//
// # Formula
//
// Σ w (y - s)² / Σ w, with y = P/(P+Q) and w = P+Q.
//
// # Shapes
//
//   - similarity s: [B] of pairs row by row or [N, M] of all pairs; cosines for labels in [0, 1];
//   - rel: of the same shape (usually [FromLabels]); unknown pairs are left out.
//
// # Reduction
//
// Weighted mean over the known pairs; 0 without any. Computed by GoMLX's MeanSquaredError, which divides by the number
// of pairs, so weights are scaled to mean 1 before.
//
// # Source
//
// Least squares on a cosine; on sentence pairs: Reimers and Gurevych, Sentence-BERT, 2019.
//
// # Choose it
//
// With labelled pairs, especially graded ones, if the cosine should equal the label. It makes different items
// orthogonal; with classes in the batch a ranking loss often separates better.
//
// # Defaults
//
// cosine; there are no parameters.
func MSE(similarity *Node, rel Relation) *Node {
	label, weight := rel.labels("mse", similarity)
	return gomlx.MeanSquaredError([]*Node{flat(label), flat(weight)}, []*Node{flat(similarity)})
}

// flat returns x with all its axes as one.
func flat(x *Node) *Node { return Reshape(x, x.Shape().Size()) }
