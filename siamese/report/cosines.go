package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/siamese/stats"
)

// KeptPairs is the number of given pairs up to which details keep their cosines, so that a report stays under a
// megabyte or so.
const KeptPairs = 10_000

// PairCosines are the test pairs with their cosines by the trained encoder, from which saved reports are compared with
// intervals. Items are numbered in the order of their ids and pairs ordered by items, labels and weights, so that
// reports on the same pairs differ in the cosines only.
type PairCosines struct {
	Left   []int32   `json:"left"`
	Right  []int32   `json:"right"` // above Left
	Label  []float32 `json:"label"`
	Weight []float32 `json:"weight,omitempty"` // nil = every weight is 1
	Cosine []float64 `json:"cosine"`
}

// check returns what is wrong with cosines of so many pairs of items, or nil: lists of other lengths, items that are
// not there, and numbers that are no cosines. Labels and weights are checked where they are used, by package stats.
func (c *PairCosines) check(all int64, items int) error {
	if c == nil {
		return nil
	}
	pairs := int(all)
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
			return fmt.Errorf("cosines: pair %d is of items %d and %d: want rising numbers of %d items", k+1, c.Left[k],
				c.Right[k], items)
		}
		if !isCosine(c.Cosine[k]) {
			return fmt.Errorf("cosines: that of pair %d is %v", k+1, c.Cosine[k])
		}
	}
	return nil
}

// samePairs returns whether cosines are of the same pairs, labels and weights.
func (c *PairCosines) samePairs(o *PairCosines) bool {
	return slices.Equal(c.Left, o.Left) && slices.Equal(c.Right, o.Right) && slices.Equal(c.Label, o.Label) &&
		slices.Equal(c.Weight, o.Weight)
}

// kept returns the cosines that a report holds, nil where it holds none.
func (r *Report) kept() *PairCosines {
	if r.Details == nil {
		return nil
	}
	return r.Details.Cosines
}

// compare adds how the trained encoders of sound reports on the same pairs differ, where all hold their cosines and the
// first has intervals. A hash alone does not prove that the pairs are the same, since files can be edited.
func (c *Compared) compare() error {
	first := c.Reports[0]
	if !first.GivenPairs || first.OneKind() || first.Trained.Intervals == nil ||
		slices.ContainsFunc(c.Reports, func(r *Report) bool { return r.kept() == nil }) {
		return nil
	}
	var systems []stats.PairSystem
	pairs := first.kept()
	for k, r := range c.Reports {
		if !pairs.samePairs(r.kept()) {
			return fmt.Errorf("%s has the hash of the pairs of %s and cosines of others: "+
				"one of the files was changed; evaluate the model again", r.title(k+1), first.title(1))
		}
		systems = append(systems, stats.PairSystem{Name: cmp.Or(r.Model, r.title(k+1)), Threshold: r.Trained.Threshold,
			Scores: r.kept().Cosine})
	}
	labelled := stats.LabelledPairs{Left: pairs.Left, Right: pairs.Right, Label: pairs.Label, Weight: pairs.Weight}
	opt := stats.PairOptions{Confidence: first.Trained.Intervals.Confidence()}
	var err error
	// without resamples it takes so little time that no context is needed
	c.Differences, err = stats.ComparePairs(context.Background(), systems[0], systems[1:], labelled, opt)
	return err
}

// Missing returns what is needed for the differences that these reports do not have: the end of a sentence.
func (c *Compared) Missing() string {
	if !c.Reports[0].GivenPairs {
		return "that takes both models on the items, not their reports"
	}
	for k, r := range c.Reports {
		switch {
		case r.kept() != nil:
		case r.Pairs > KeptPairs:
			return fmt.Sprintf("reports of more than %d pairs do not hold their cosines: evaluate the models together",
				KeptPairs)
		default:
			return fmt.Sprintf("%s does not hold the cosines of its pairs: "+
				"evaluate it with details, or the models together", r.title(k+1))
		}
	}
	return "the evaluation was without"
}
