package metric

import (
	"context"
	"slices"
)

// comparison is one sweep over the pairs of two matrices: verification, retrieval and the hardest pairs in one pass,
// because computing the similarities takes most of the time.
type comparison struct {
	*operands
	opt      Options // with its defaults
	mode     mode
	from, to []int32 // by place on the left: the places of its class on the right
	// Numbers of pairs, known before the sweep, and where their keys are counted.
	pos, neg int64          // pairs
	tally    tally          // nil without verification
	pooled   tally          // also counts the same pairs, for several comparisons; or nil
	hard     bool           // whether the hardest pairs are wanted
	per      []QueryMetrics // by place on the left; nil without retrieval
}

// mode says which of the pairs of a row count towards verification.
type mode int

const (
	ordered mode = iota // every pair of a left and a right item, except an item with itself
	upper               // left and right are the same: every pair once
	oneSide             // left is a whole class of the right: every pair with an item of the class once
)

// newComparison returns a comparison that has not run. opt is valid. It counts the positive and negative pairs from the
// classes alone, because the metrics need the totals before the first pair.
func newComparison(o *operands, m mode, opt Options) *comparison {
	c := &comparison{operands: o, mode: m, opt: opt.withDefaults(), hard: opt.Hardest > 0}
	c.from, c.to = make([]int32, o.left.n), make([]int32, o.left.n)
	for p := range o.left.n {
		a, b := o.right.span(o.left.labels[p])
		c.from[p], c.to[p] = int32(a), int32(b)
		pos, neg := c.ranges(p)
		c.pos += int64(pos[0].len() + pos[1].len())
		c.neg += int64(neg[0].len() + neg[1].len())
	}
	// What is not wanted stays nil, and jobs then skip the work for it.
	if !opt.NoVerification {
		c.tally = newTally(c.pos, c.neg)
	}
	if !opt.NoRetrieval {
		c.per = make([]QueryMetrics, o.left.n)
	}
	return c
}

// places are the columns a to b-1 of a row; none if b <= a.
type places struct{ a, b int }

// len returns the number of columns.
func (s places) len() int { return max(0, s.b-s.a) }

// cut returns the part of row (the columns from first on) that lies in s, and its first column.
func (s places) cut(row []int32, first int) ([]int32, int) {
	a, b := max(s.a, first), min(s.b, first+len(row))
	if a >= b {
		return nil, a
	}
	return row[a-first : b-first], a
}

// ranges returns the columns of the positive and of the negative pairs of row p that count, two ranges of each. Places
// are sorted by class, so positives are one range of columns, cut in two by the item itself.
func (c *comparison) ranges(p int) (pos, neg [2]places) {
	a, b := int(c.from[p]), int(c.to[p])
	pos[0], neg = places{a, b}, [2]places{{0, a}, {b, c.right.n}}
	if c.own == nil {
		return pos, neg
	}
	// An item is not paired with itself: its own column lies within its class. Where a pair would come up in two rows,
	// it counts in the one in which the column is higher: columns before the item's own are left out, of its class
	// in both modes, of lower classes in mode upper alone (in oneSide these have no rows).
	own := int(c.own[p])
	pos = [2]places{{a, own}, {own + 1, b}}
	if c.mode != ordered {
		pos[0] = places{}
	}
	if c.mode == upper {
		neg[0] = places{}
	}
	return pos, neg
}

// run computes all metrics that are wanted. Progress is called along the way; the error is the context's.
func (c *comparison) run(ctx context.Context) (*Result, error) {
	jobs, err := c.sweep(ctx)
	if err != nil {
		return nil, err
	}
	return c.result(jobs), nil
}

// result returns the metrics of jobs that have seen every row.
func (c *comparison) result(jobs []*job) *Result {
	res := &Result{Queries: c.left.n, References: c.right.n, Similarity: c.opt.Similarity.String()}
	c.warnZero(res)
	if c.tally != nil {
		res.Verification = verifyTally(c.tally, c.unit, float64(c.pos), float64(c.neg), c.opt.Verification)
	}
	if c.hard {
		res.HardNegatives, res.HardPositives = hardest(jobs, c)
	}
	if c.per != nil {
		// Means are summed in this order, so they do not depend on the goroutines.
		per := make([]QueryMetrics, len(c.per)) // in the order of items
		for rank, p := range c.itemOrder() {
			per[rank] = c.per[p]
		}
		res.Retrieval = average(per, c.opt.Ks)
		if c.opt.PerQuery {
			res.Retrieval.PerQuery = per
		}
	}
	return res
}

// sweep visits every row and returns the state of every goroutine that had one, flushed.
func (c *comparison) sweep(ctx context.Context) ([]*job, error) {
	jobs := make([]*job, c.opt.Workers)
	err := sweep(ctx, c.left.n, c.opt.Workers, c.opt.Progress, func(w, a, b int) {
		if jobs[w] == nil {
			jobs[w] = newJob(c)
		}
		jobs[w].panel(a, b)
	})
	used := jobs[:0]
	for _, j := range jobs {
		if j != nil {
			j.flush()
			used = append(used, j)
		}
	}
	return used, err
}

// itemOrder returns the places on the left in the order of their items.
func (c *comparison) itemOrder() []int32 {
	order := make([]int32, c.left.n)
	for p := range order {
		order[p] = int32(p)
	}
	slices.SortFunc(order, func(a, b int32) int { return int(c.left.index[a]) - int(c.left.index[b]) })
	return order
}

// warnZero adds a warning of zero vectors on either side: they have no direction, and so no cosine.
func (c *comparison) warnZero(res *Result) {
	// With one matrix on both sides its items would be counted twice.
	zero := c.left.zero
	if c.own == nil {
		zero = append(append([]int{}, zero...), c.right.zero...)
	}
	if c.opt.Similarity == Cosine && len(zero) > 0 {
		res.Warnings.add(ZeroVector, len(zero),
			"%d items (the first is %d) embed to the zero vector: their cosine with everything is 0", len(zero),
			zero[0])
	}
}

// verifyTally returns the metrics of a tally of pos positives and neg negatives; a key k is the score k x unit. opt has
// its defaults.
func verifyTally(t tally, unit, pos, neg float64, opt VerificationOptions) Verification {
	if pos == 0 || neg == 0 {
		v := undefined(pos, neg, opt)
		t.walk(func(key int32, wp, wn uint64) { countAt(v.At, float64(key)*unit, float64(wp), float64(wn)) })
		return v
	}
	low, high := t.span()
	c := newCurve(pos, neg, float64(low)*unit, float64(high)*unit, float64(high+1)*unit, opt)
	t.walk(func(key int32, wp, wn uint64) { c.step(float64(key)*unit, float64(wp), float64(wn)) })
	return c.result()
}
