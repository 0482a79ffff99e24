package metric

import (
	"cmp"
	"container/heap"
	"slices"
)

// ScoredPair is a pair of items with its similarity. Indices are those of the caller's rows.
type ScoredPair struct {
	Left  int     `json:"left"`  // index of the query, or of the first item
	Right int     `json:"right"` // index of the reference, or of the second item, which is then higher
	Score float64 `json:"score"`
}

// worst keeps the most pairs of highest rank: the key times a sign, and for equal keys lower items first. It is a
// total order, so the result does not depend on which goroutine saw which pair.
type worst struct {
	most  int        // how many to keep, 1 or more
	pairs []hardPair // a heap, lowest rank on top
}

// hardPair is a pair on a worst list.
type hardPair struct {
	rank        int32 // key x sign; higher is harder
	left, right int32 // items
}

// newWorst returns an empty list for so many pairs.
func newWorst(most int) *worst { return &worst{most: most} }

// compareHard orders pairs by hardness, the hardest last.
func compareHard(a, b hardPair) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.left, a.left), cmp.Compare(b.right, a.right))
}

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (w *worst) Len() int           { return len(w.pairs) }
func (w *worst) Less(i, j int) bool { return compareHard(w.pairs[i], w.pairs[j]) < 0 }
func (w *worst) Swap(i, j int)      { w.pairs[i], w.pairs[j] = w.pairs[j], w.pairs[i] }
func (w *worst) Push(x any)         { w.pairs = append(w.pairs, x.(hardPair)) }
func (w *worst) Pop() any           { panic("metric: a worst list never shrinks") }

// take adds the keys of row p from column at on: with sign 1 the highest are the hardest (negatives), with -1 the
// lowest (positives). Most keys are dropped after one comparison.
func (w *worst) take(c *comparison, p, at int, keys []int32, sign int32) {
	for i, k := range keys {
		if len(w.pairs) == w.most && sign*k < w.pairs[0].rank {
			continue
		}
		// A pair of one matrix has its lower item on the left, whichever row it was found in.
		l, r := c.left.index[p], c.right.index[at+i]
		if c.own != nil && l > r {
			l, r = r, l
		}
		w.add(hardPair{sign * k, l, r})
	}
}

// add adds a pair if it is harder than the easiest of a full list.
func (w *worst) add(h hardPair) {
	if len(w.pairs) < w.most {
		heap.Push(w, h)
	} else if compareHard(h, w.pairs[0]) > 0 {
		w.pairs[0] = h
		heap.Fix(w, 0)
	}
}

// hardest joins the lists of all goroutines, the hardest pair first. Each holds the hardest that its goroutine saw, so
// none of the hardest of all is missing.
func hardest(jobs []*job, c *comparison) (neg, pos []ScoredPair) {
	// Keys are ranks times the sign. Adding 0 turns -0 into 0, which JSON would write as "-0".
	join := func(list func(*job) *worst, sign float64) (out []ScoredPair) {
		all := newWorst(c.opt.Hardest)
		// The lists are short, so they are simply added up into one.
		for _, j := range jobs {
			for _, h := range list(j).pairs {
				all.add(h)
			}
		}
		slices.SortFunc(all.pairs, func(a, b hardPair) int { return compareHard(b, a) })
		for _, h := range all.pairs {
			out = append(out, ScoredPair{int(h.left), int(h.right), sign*float64(h.rank)*c.unit + 0}) // 0, not -0
		}
		return out
	}
	return join(func(j *job) *worst { return j.hardNeg }, 1), join(func(j *job) *worst { return j.hardPos }, -1)
}
