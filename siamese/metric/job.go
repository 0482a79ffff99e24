package metric

import "slices"

// job is one goroutine's part of a comparison.
type job struct {
	c        *comparison
	keys     []int32   // panelRows x stride: those of the rows at hand
	whole    bool      // keys are of whole rows: retrieval ranks them, and a mixture changes them
	stride   int       // chunkCols, or all columns of whole rows
	pos, neg []counter // none without verification
	rank     *ranker   // nil without retrieval
	hardNeg  *worst    // hardest negatives so far, nil if not wanted
	hardPos  *worst
}

// newJob returns the state of a goroutine that has seen no row.
func newJob(c *comparison) *job {
	j := &job{c: c, stride: chunkCols}
	// A counter for each tally and kind: its buffer belongs to this goroutine.
	for _, t := range []tally{c.tally, c.pooled} {
		if t != nil {
			j.pos, j.neg = append(j.pos, t.counter(true)), append(j.neg, t.counter(false))
		}
	}
	if c.hard {
		j.hardNeg, j.hardPos = newWorst(c.opt.Hardest), newWorst(c.opt.Hardest)
	}
	j.whole = c.per != nil || c.mixture != nil
	if j.whole {
		j.stride = roundUp(c.right.n, c.kernel.cols)
	}
	if c.per != nil {
		j.rank = &ranker{o: c.operands, ks: c.opt.Ks, from: c.from, to: c.to}
		for _, k := range c.opt.Ks {
			j.rank.most = max(j.rank.most, k)
		}
	}
	if c.kept == nil {
		j.keys = make([]int32, panelRows*j.stride)
	}
	return j
}

// panel computes the rows from a to b, at most panelRows, and counts their keys. Without retrieval the left half of a
// symmetric matrix is skipped. Columns are computed in chunks, and each chunk is counted while it is in the cache.
func (j *job) panel(a, b int) {
	c, width := j.c, j.c.left.width
	if c.kept != nil {
		j.recall(a, b)
		return
	}
	// Panels of the right side begin at multiples of cols.
	first := 0
	if c.mode == upper && !j.whole {
		first = a / c.kernel.cols * c.kernel.cols
	}
	left := c.left.rows[a*width:]
	for ; first < c.right.n; first += chunkCols {
		last := min(first+chunkCols, c.right.n)
		// Chunks stand side by side in a whole row, else each overwrites the one before.
		at := 0
		if j.whole {
			at = first
		}
		rows, cols := roundUp(b-a, rowMultiple), roundUp(last-first, c.kernel.cols)
		c.kernel.keys(j.keys[at:], j.stride, left, rows, c.panels[first*width:], cols, width)
		for p := a; p < b && c.mixture == nil; p++ {
			j.count(p, j.keys[(p-a)*j.stride+at:][:last-first], first)
		}
	}
	for p := a; p < b && c.mixture != nil; p++ {
		keys := j.keys[(p-a)*j.stride:][:c.right.n]
		c.mixed(p, keys)
		j.count(p, keys, 0)
	}
	if j.rank == nil {
		return
	}
	// The rows are complete now. Every place is written by one goroutine, so no lock is needed.
	for p := a; p < b; p++ {
		c.per[p] = j.rank.metrics(j.keys[(p-a)*j.stride:][:c.right.n], p)
	}
}

// recall is panel for keys that are kept.
func (j *job) recall(a, b int) {
	stride := roundUp(j.c.right.n, j.c.kernel.cols)
	for p := a; p < b; p++ {
		j.row(p, j.c.kept[int(j.c.own[p])*stride:][:j.c.right.n])
	}
}

// row counts and ranks the whole row p of keys.
func (j *job) row(p int, keys []int32) {
	j.count(p, keys, 0)
	if j.rank != nil {
		j.c.per[p] = j.rank.metrics(keys, p)
	}
}

// count adds the part of row p from column first on to the tallies and the lists of hardest pairs.
func (j *job) count(p int, row []int32, first int) {
	// There are at most two ranges of each kind; see comparison.ranges.
	pos, neg := j.c.ranges(p)
	for i := range 2 {
		keys, at := pos[i].cut(row, first)
		for _, t := range j.pos {
			t.add(keys)
		}
		if j.hardPos != nil {
			j.hardPos.take(j.c, p, at, keys, -1)
		}
		keys, at = neg[i].cut(row, first)
		for _, t := range j.neg {
			t.add(keys)
		}
		if j.hardNeg != nil {
			j.hardNeg.take(j.c, p, at, keys, 1)
		}
	}
}

// flush brings what the counters have buffered to the tallies, once at the end.
func (j *job) flush() {
	for _, t := range slices.Concat(j.pos, j.neg) {
		t.flush()
	}
}
