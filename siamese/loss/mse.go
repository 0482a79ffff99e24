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
// Weighted mean over the known pairs; 0 without any. GoMLX's MeanSquaredError does the work: with weights it
// divides by the number of pairs, so they are scaled to mean 1 before.
//
// # Source
//
// Least squares on a cosine; on sentence pairs: Reimers and Gurevych, Sentence-BERT, 2019.
//
// # Choose it
//
// When there are labelled pairs, graded ones above all, and a cosine is wanted that reads like the label.
// It asks different items to be orthogonal, which says less than "further than the same ones": with classes
// in the batch a ranking loss often separates better.
//
// # Defaults
//
// None to set: cosine.
func MSE(similarity *Node, rel Relation) *Node {
	label, weight := rel.labels("mse", similarity)
	return gomlx.MeanSquaredError([]*Node{flat(label), flat(weight)}, []*Node{flat(similarity)})
}

// flat returns x with all its axes as one.
func flat(x *Node) *Node { return Reshape(x, x.Shape().Size()) }
