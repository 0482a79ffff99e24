package metric

import (
	"context"
	"fmt"
)

// AllPairs returns the figures over all N(N-1)/2 pairs of an embedding matrix: emb holds N x E numbers row after row,
// labels the N class numbers. Verification is over pairs i < j, retrieval takes every item as a query against all others.
//
// Scores are computed in float32 and kept as multiples of 2^-24 of the largest possible score (1 for cosine), rounded
// towards zero, the same for both orders of a pair and on any number of goroutines. All figures are exact for these
// scores: every pair is counted in a cell of its score, and every ranking is that of a full sort. Time grows as N^2 E,
// memory beyond the embeddings is a copy or two of them, 64 x N keys a goroutine, and 256 MB for the cells.
//
// An empty matrix gives a result with warnings. The error says which length does not fit, or which item is NaN or infinite;
// a cancelled context gives its error.
func AllPairs(ctx context.Context, emb []float32, labels []int32, opt Options) (*Result, error) {
	if err := opt.Validate(); err != nil {
		return nil, err
	}
	m, err := newMatrix("embeddings", emb, labels, opt.Similarity)
	if err != nil {
		return nil, err
	}
	return newComparison(m, m, true, opt).run(ctx)
}

// QueryReference returns the figures of all pairs of a query (Nq x E, labels Nq) with a reference (Nr x E, labels Nr). An
// item that is in both is not recognised: leave it out of one side. Otherwise as AllPairs.
func QueryReference(ctx context.Context, queries []float32, queryLabels []int32, refs []float32, refLabels []int32, opt Options) (*Result, error) {
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
		return nil, fmt.Errorf("metric: queries are %d wide, references %d: want the same width", len(queries)/q.n, len(refs)/r.n)
	}
	return newComparison(q, r, false, opt).run(ctx)
}

// comparison is one sweep over the pairs of two matrices.
type comparison struct {
	*operands
	opt      Options
	from, to []int32 // by place on the left: the places of its class on the right
	pos, neg int64   // pairs
	tally    tally   // nil without verification
	per      []QueryFigures
}

func newComparison(left, right *matrix, self bool, opt Options) *comparison {
	c := &comparison{operands: newOperands(left, right, self, opt.Similarity), opt: opt.withDefaults()}
	c.from, c.to = left.begin, left.end
	if !self {
		c.from, c.to = make([]int32, left.n), make([]int32, left.n)
	}
	for p := range left.n {
		if !self {
			a, b := right.span(left.labels[p])
			c.from[p], c.to[p] = int32(a), int32(b)
		}
		pos, neg := c.ranges(p)
		c.pos += int64(pos.len())
		c.neg += int64(neg[0].len() + neg[1].len())
	}
	if !opt.NoVerification {
		c.tally = newTally(c.pos + c.neg)
	}
	if !opt.NoRetrieval {
		c.per = make([]QueryFigures, left.n)
	}
	return c
}

// places are columns a to b of a row.
type places struct{ a, b int }

func (s places) len() int { return max(0, s.b-s.a) }

// cut returns the part of row, which holds the columns from first on, that lies in s.
func (s places) cut(row []int32, first int) []int32 {
	a, b := max(s.a, first), min(s.b, first+len(row))
	if a >= b {
		return nil
	}
	return row[a-first : b-first]
}

// ranges returns which columns of a row are its positive and its negative pairs, each pair of a set with itself once.
func (c *comparison) ranges(p int) (pos places, neg [2]places) {
	a, b := int(c.from[p]), int(c.to[p])
	if c.self {
		return places{p + 1, b}, [2]places{{}, {b, c.right.n}}
	}
	return places{a, b}, [2]places{{0, a}, {b, c.right.n}}
}

func (c *comparison) run(ctx context.Context) (*Result, error) {
	res := &Result{Queries: c.left.n, References: c.right.n, Similarity: c.opt.Similarity.String()}
	c.warnZero(res)
	jobs := make([]*job, c.opt.Workers)
	err := sweep(ctx, c.left.n, c.opt.Workers, c.opt.Progress, func(w, a, b int) error {
		if jobs[w] == nil {
			jobs[w] = newJob(c)
		}
		jobs[w].panel(a, b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if j != nil {
			j.flush()
		}
	}
	if c.tally != nil {
		res.Verification = verifyTally(c.tally, c.unit, float64(c.pos), float64(c.neg), c.opt.Verification)
	}
	if c.per != nil {
		res.Retrieval = average(c.per, c.opt.Ks)
		if c.opt.PerQuery {
			res.Retrieval.PerQuery = c.per
		}
	}
	return res, nil
}

func (c *comparison) warnZero(res *Result) {
	zero := c.left.zero
	if !c.self {
		zero = append(append([]int{}, zero...), c.right.zero...)
	}
	if c.opt.Similarity == Cosine && len(zero) > 0 {
		res.Warnings.add(ZeroVector, len(zero), "%d items (the first is %d) embed to the zero vector: their cosine with everything is 0", len(zero), zero[0])
	}
}

// verifyTally folds a tally, whose keys are worth unit each, into figures.
func verifyTally(t tally, unit, pos, neg float64, opt VerificationOptions) Verification {
	at := make([]Counts, len(opt.Thresholds))
	for i, x := range opt.Thresholds {
		at[i] = Counts{Threshold: x, FN: pos, TN: neg}
	}
	var c *curve
	top, last := 0.0, 0.0
	t.walk(func(key int32, wp, wn uint64) {
		score, p, n := float64(key)*unit, float64(wp), float64(wn)
		if c == nil {
			top = score
			c = newCurve(pos, neg, score+unit, opt)
		}
		c.step(score, p, n)
		last = score
		for i := range at {
			if score >= at[i].Threshold {
				at[i].TP, at[i].FN = at[i].TP+p, at[i].FN-p
				at[i].FP, at[i].TN = at[i].FP+n, at[i].TN-n
			}
		}
	})
	var v Verification
	if pos == 0 || neg == 0 {
		v = undefined(pos, neg, opt)
	} else {
		v = c.result()
		if top == last {
			v.Warnings.add(OneScore, int(pos+neg), "all %.0f pairs score %v: the scores tell nothing apart", pos+neg, top)
		}
	}
	v.At = at
	return v
}
