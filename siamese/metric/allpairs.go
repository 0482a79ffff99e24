package metric

import (
	"context"
	"fmt"
	"math"
)

// AllPairs returns the figures over all N(N-1)/2 pairs of an embedding matrix: emb holds N x E numbers row after row,
// labels the N class numbers. Verification is over pairs i < j, retrieval takes every item as a query against all others.
//
// An empty matrix gives a result with warnings. The error says which length does not fit, or which item is NaN or infinite;
// a cancelled context gives its error.
func AllPairs(ctx context.Context, emb []float32, labels []int32, opt Options) (*Result, error) {
	m, err := newMatrix("embeddings", emb, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	return compare(ctx, m, m, true, opt)
}

// QueryReference returns the figures of all pairs of a query (Nq x E, labels Nq) with a reference (Nr x E, labels Nr). An
// item that is in both is not recognised: leave it out of one side. Otherwise as AllPairs.
func QueryReference(ctx context.Context, queries []float32, queryLabels []int32, refs []float32, refLabels []int32, opt Options) (*Result, error) {
	q, err := newMatrix("queries", queries, queryLabels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	r, err := newMatrix("references", refs, refLabels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	if q.width != r.width && q.n > 0 && r.n > 0 {
		return nil, fmt.Errorf("metric: queries are %d wide, references %d: want the same width", q.width, r.width)
	}
	return compare(ctx, q, r, false, opt)
}

// matrix is a checked and, for cosine, normalised embedding matrix.
type matrix struct {
	rows     []float32 // n x width
	labels   []int32
	n, width int
	zero     []int // items that are zero vectors
}

func newMatrix(name string, emb []float32, labels []int32, sim Similarity) (*matrix, error) {
	n := len(labels)
	if n == 0 && len(emb) == 0 {
		return &matrix{}, nil
	}
	if n == 0 || len(emb) == 0 || len(emb)%n != 0 {
		return nil, fmt.Errorf("metric: %s hold %d numbers for %d labels: want N x E numbers and N labels", name, len(emb), n)
	}
	m := &matrix{rows: make([]float32, len(emb)), labels: labels, n: n, width: len(emb) / n}
	for i := range n {
		row := emb[i*m.width : (i+1)*m.width]
		var sum float64
		for j, x := range row {
			if x != x || math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("metric: %s: number %d of item %d is %v: want finite embeddings", name, j, i, x)
			}
			sum += float64(x) * float64(x)
		}
		scale := 1.0
		if sum == 0 {
			m.zero = append(m.zero, i)
		} else if sim == Cosine {
			scale = 1 / math.Sqrt(sum)
		}
		for j, x := range row {
			m.rows[i*m.width+j] = float32(float64(x) * scale)
		}
	}
	return m, nil
}

func compare(ctx context.Context, q, r *matrix, self bool, opt Options) (*Result, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	opt = opt.withDefaults()
	res := &Result{Queries: q.n, References: r.n, Width: max(q.width, r.width), Similarity: opt.Similarity.String()}
	warnZero(res, q, r, self, opt.Similarity)
	var acc Accumulator
	per := make([]QueryFigures, 0, q.n)
	scores := make([]float32, r.n)
	for i := range q.n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for j := range r.n {
			scores[j] = similarity(q.rows[i*q.width:(i+1)*q.width], r.rows[j*r.width:(j+1)*r.width], opt.Similarity)
			if !opt.NoVerification && (!self || j > i) {
				if err := acc.Add(float64(scores[j]), q.labels[i] == r.labels[j], 1); err != nil {
					return nil, fmt.Errorf("metric: %v of items %d and %d: %w", opt.Similarity, i, j, err)
				}
			}
		}
		if !opt.NoRetrieval {
			per = append(per, rankSlow(scores, q.labels[i], r.labels, i, self, opt.Ks))
		}
		if opt.Progress != nil {
			opt.Progress(float64(i+1) / float64(q.n))
		}
	}
	if !opt.NoVerification {
		v, err := acc.Verification(opt.Verification)
		if err != nil {
			return nil, err
		}
		res.Verification = v
	}
	if !opt.NoRetrieval {
		res.Retrieval = average(per, opt.Ks)
		if opt.PerQuery {
			res.Retrieval.PerQuery = per
		}
	}
	return res, nil
}

func warnZero(res *Result, q, r *matrix, self bool, sim Similarity) {
	if sim != Cosine {
		return
	}
	count := len(q.zero)
	if !self {
		count += len(r.zero)
	}
	if count > 0 {
		first := append(append([]int{}, q.zero...), r.zero...)[0]
		res.Warnings.add(ZeroVector, count, "%d items (the first is %d) embed to the zero vector: their cosine with everything is 0", count, first)
	}
}

func similarity(a, b []float32, sim Similarity) float32 {
	var s float32
	if sim == NegEuclidean {
		var d float64
		for i, x := range a {
			e := float64(x) - float64(b[i])
			d += e * e
		}
		return float32(-math.Sqrt(d))
	}
	for i, x := range a {
		s += x * b[i]
	}
	return s
}
