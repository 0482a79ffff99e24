package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Build returns the graph of the loss spec, a scalar.
//
//   - left: embeddings [B, E] of the left items of listed pairs, or [N, E] of anchors.
//   - right: embeddings [B, E] of the right items, or [M, E] of the references: left itself for the pairs of a
//     batch, left followed by a memory of earlier embeddings, or one trained vector per class [C, E].
//   - rel: the labels of the pairs. Its rank decides: [B] compares row by row, [N, M] all with all.
//
// It panics when spec is not valid or the shapes do not fit.
func Build(spec Spec, left, right *Node, rel Relation) *Node {
	if err := spec.Validate(); err != nil {
		panic(err)
	}
	rel.check()
	build := builders[spec.Name]
	if spec.Normalize && spec.Similarity != Cosine {
		same := left == right
		left = Normalize(left)
		if same {
			right = left
		} else {
			right = Normalize(right)
		}
	}
	switch rank := rel.Positive.Rank(); {
	case rank == 2:
		return build(spec, All(spec.Similarity, left, right), rel)
	case rank == 1 && !spec.NeedsBatch():
		return build(spec, Rows(spec.Similarity, left, right), rel)
	}
	exceptions.Panicf("loss %s: the relation has the shape %s: "+
		"want all pairs [N, M]; listed pairs [B] are for losses on pairs",
		spec.Name, rel.Positive.Shape())
	return nil
}
