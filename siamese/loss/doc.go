// Package loss provides the losses that train an encoder for similarity, as graph functions over GoMLX nodes.
//
// All of them take similarities (or distances) and a [Relation]: whether every pair is a positive, a negative, partly
// both, or unknown, and its weight:
//
//	similarity := loss.All(loss.Cosine, z, z)                                      // [N, N] of embeddings z [N, E]
//	batchLoss := loss.SupCon(similarity, loss.FromClasses(classes, classes).WithoutSelf(), 0.1)
//
//	similarity := loss.Rows(loss.Cosine, left, right)                              // [B] of listed pairs
//	batchLoss := loss.MSE(similarity, loss.FromLabels(labels, nil))
//
// [Spec] is a loss with its parameters as plain data, and [Build] builds its graph.
//
// On pairs, listed or all: [MSE], [Contrastive], [ContrastiveHinge], [CosineEmbedding], [BCE].
// On anchors with references (the batch itself, or a memory): [Triplet], [NTXent], [SupCon],
// [MultiSimilarity], [Circle]. On items with trained class centres: [ProxyAnchor], [ArcFace],
// [CrossEntropy].
//
// Values and gradients are those of pytorch-metric-learning 2.9.0 if all weights are 0 or 1 and every pair is known;
// each loss documents its reduction. They are finite for any relation: without positives, without negatives, with one
// class or no known pair, the loss is 0 or the rest of its formula, never NaN. Embeddings are float32 or float64; the
// maximum is subtracted before exponentials, so no scale overflows.
//
// Shape letters: N anchors, M references, B listed pairs, C classes, E embedding width. Graph functions panic
// with the shapes when these do not fit, as GoMLX's own do; GoMLX turns that into an error when the graph is
// compiled. [Spec.Validate] returns errors.
package loss
