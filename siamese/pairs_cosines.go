package siamese

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// keptPairs is the number of pairs up to which details keep their cosines, so that a report stays under a megabyte or so.
const keptPairs = 10_000

// PairCosines are the test pairs with what the trained encoder says of them, from which saved reports are compared with
// intervals. Items are numbered in the order of their ids and pairs ordered by items, labels and weights, so that reports on the
// same pairs differ in the cosines only.
type PairCosines struct {
	Left   []int32   `json:"left"`
	Right  []int32   `json:"right"` // above Left
	Label  []float32 `json:"label"`
	Weight []float32 `json:"weight,omitempty"` // nil = every weight is 1
	Cosine []float64 `json:"cosine"`
}

// cosines returns those of the trained encoder, nil beyond keptPairs.
func (e *pairEvaluation) cosines() *PairCosines {
	pairs := e.test.pairs
	if pairs.Len() > keptPairs {
		return nil
	}
	ids := e.test.items.IDs
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ids[a], ids[b]) })
	rank := make([]int32, len(ids))
	for r, i := range order {
		rank[i] = int32(r)
	}
	type row struct {
		left, right   int32
		label, weight float32
		cosine        float64
	}
	var rows []row
	weighted := false
	for k, label := range pairs.Label {
		a, b := rank[pairs.Left[k]], rank[pairs.Right[k]]
		rows = append(rows, row{min(a, b), max(a, b), label, pairs.weight(k), e.trained.Scores[k]})
		weighted = weighted || pairs.weight(k) != 1
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right), cmp.Compare(a.label, b.label), cmp.Compare(a.weight, b.weight))
	})
	out := &PairCosines{}
	for _, r := range rows {
		out.Left, out.Right, out.Label, out.Cosine = append(out.Left, r.left), append(out.Right, r.right), append(out.Label, r.label), append(out.Cosine, r.cosine)
		if weighted {
			out.Weight = append(out.Weight, r.weight)
		}
	}
	return out
}

// check returns what is wrong with cosines of so many pairs of items, or nil; numbers are checked where they are used.
func (c *PairCosines) check(pairs, items int) error {
	if c == nil {
		return nil
	}
	if items > 2*pairs {
		return fmt.Errorf("cosines: %d pairs are not of %d items", pairs, items)
	}
	for _, n := range []int{len(c.Left), len(c.Right), len(c.Label), len(c.Cosine)} {
		if n != pairs || c.Weight != nil && len(c.Weight) != pairs {
			return fmt.Errorf("cosines: a list is of %d pairs, the report of %d", n, pairs)
		}
	}
	for k := range c.Left {
		if c.Left[k] < 0 || c.Left[k] >= c.Right[k] || int(c.Right[k]) >= items {
			return fmt.Errorf("cosines: pair %d is of items %d and %d: want rising numbers of %d items", k+1, c.Left[k], c.Right[k], items)
		}
		if !isCosine(c.Cosine[k]) {
			return fmt.Errorf("cosines: that of pair %d is %v", k+1, c.Cosine[k])
		}
	}
	return nil
}

// samePairs says whether cosines are of the same pairs.
func (c *PairCosines) samePairs(o *PairCosines) bool {
	return slices.Equal(c.Left, o.Left) && slices.Equal(c.Right, o.Right) && slices.Equal(c.Label, o.Label) && slices.Equal(c.Weight, o.Weight)
}

// kept returns the cosines that a report holds, nil where it holds none.
func (r *PairReport) kept() *PairCosines {
	if r.Details == nil {
		return nil
	}
	return r.Details.Cosines
}

// compare adds how the trained encoders of sound reports on the same pairs differ, where all hold their cosines and the first
// has intervals.
func (c *ComparedPairs) compare() error {
	first := c.Reports[0]
	if first.oneLabel() || first.Trained.Intervals == nil || slices.ContainsFunc(c.Reports, func(r *PairReport) bool { return r.kept() == nil }) {
		return nil
	}
	var systems []stats.PairSystem
	pairs := first.kept()
	for k, r := range c.Reports {
		if !pairs.samePairs(r.kept()) {
			return fmt.Errorf("%s has the hash of the pairs of %s and cosines of others: one of the files was changed; evaluate the model again", r.title(k+1), first.title(1))
		}
		systems = append(systems, stats.PairSystem{Name: cmp.Or(r.Model, r.title(k+1)), Threshold: r.Trained.Threshold, Scores: r.kept().Cosine})
	}
	judged := stats.LabelledPairs{Left: pairs.Left, Right: pairs.Right, Label: pairs.Label, Weight: pairs.Weight}
	opt := stats.PairOptions{Confidence: first.Trained.Intervals.ROCAUC.Confidence}
	var err error
	c.Differences, err = stats.ComparePairs(context.Background(), systems[0], systems[1:], judged, opt) // without replicates it takes no time
	return err
}

// missing says what reports without differences would need to have them.
func (c *ComparedPairs) missing() string {
	for k, r := range c.Reports {
		switch {
		case r.kept() != nil:
		case r.Pairs > keptPairs:
			return fmt.Sprintf("reports of more than %d pairs do not hold their cosines: evaluate the models together", keptPairs)
		default:
			return fmt.Sprintf("%s does not hold the cosines of its pairs: evaluate it with details, or the models together", r.title(k+1))
		}
	}
	return "the evaluation was without"
}
