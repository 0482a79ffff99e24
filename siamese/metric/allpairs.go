package metric

import (
	"context"
	"fmt"
)

// AllPairs returns the metrics over all N(N-1)/2 pairs of an embedding matrix: emb holds N x E numbers, row after
// row, labels the N class numbers. Verification is over pairs i < j; retrieval takes every item as a query against
// all others.
//
// Scores are computed in float32 and rounded towards zero to multiples of 2^-24 of the largest possible score (1 for
// cosine), the same for both orders of a pair and on any number of goroutines. All metrics are exact for these
// scores: every pair is counted in a cell of its score, and every ranking is that of a full sort. Time grows as N^2
// E; memory beyond the embeddings is one or two copies of them, 64 x N keys a goroutine, and 256 MB for the cells.
//
// An empty matrix gives a result with warnings. The error says which length does not fit, or which item is NaN or
// infinite; a cancelled context returns its own error.
func AllPairs(ctx context.Context, emb []float32, labels []int32, opt Options) (*Result, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	m, err := newMatrix("embeddings", emb, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	return newComparison(newOperands(m, m, true, opt.Similarity).mix(opt.Mixture), upper, opt).run(ctx)
}

// queryReference returns the metrics of all Nq x Nr pairs of a query (Nq x E, labels Nq) with a reference (Nr x E,
// labels Nr). An item that is in both is not recognised, and would be its own best hit: give disjoint sides. Otherwise
// as AllPairs.
func queryReference(ctx context.Context, queries []float32, queryLabels []int32, refs []float32, refLabels []int32,
	opt Options) (*Result, error) {
	// Widths are compared once both sides are known to be matrices; an empty side has none.
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	q, err := newMatrix("queries", queries, queryLabels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	r, err := newMatrix("references", refs, refLabels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	if q.n > 0 && r.n > 0 && len(queries)/q.n != len(refs)/r.n {
		return nil, fmt.Errorf("metric: queries are %d wide, references %d: want the same width",
			len(queries)/q.n, len(refs)/r.n)
	}
	return newComparison(newOperands(q, r, false, opt.Similarity), ordered, opt).run(ctx)
}
