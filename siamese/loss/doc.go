// Package loss has the losses that train an encoder for similarity, as graph functions over GoMLX nodes.
//
// All of them take similarities (or distances) and a [Relation], which tells of every pair whether it is a
// positive, a negative, partly both, or unknown, and with which weight:
//
//	similarity := loss.Cosine.All(z, z)                                      // [N, N] of embeddings z [N, E]
//	batchLoss := loss.SupCon(similarity, loss.FromClasses(classes, classes).WithoutSelf(), 0.1)
//
//	similarity := loss.Cosine.Rows(left, right)                              // [B] of listed pairs
//	batchLoss := loss.MSE(similarity, loss.FromLabels(labels, nil))
//
// [Spec] holds the choice of a loss as plain data, and [Build] makes the graph of it.
//
// On pairs, listed or all: [MSE], [Contrastive], [ContrastiveHinge], [CosineEmbedding], [BCE].
// On anchors with references (the batch itself, or a memory): [Triplet], [NTXent], [SupCon],
// [MultiSimilarity], [Circle]. On items with trained class centres: [ProxyAnchor], [ArcFace],
// [CrossEntropy].
//
// Values and gradients are those of pytorch-metric-learning 2.9.0 when all weights are 0 or 1 and every pair
// is known; each loss says how it averages. They are finite whatever the relation: with no positive, no
// negative, one class, or nothing known, the loss is 0 or what is left of its formula, never NaN. Embeddings
// may be float32 or float64; exponentials have their maximum taken out, so that no scale overflows.
//
// Shape letters: N anchors, M references, B listed pairs, C classes, E embedding width. Graph functions panic
// with the shapes when these do not fit, as GoMLX's own do; GoMLX turns that into an error when the graph is
// compiled. [Spec.Validate] returns errors.
package loss
