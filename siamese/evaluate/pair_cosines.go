package evaluate

import (
	"cmp"
	"slices"

	"github.com/go-siamese/lab/siamese/report"
)

// cosines returns the test pairs with scores [B], which are those of the trained encoder, in the order of
// [report.PairCosines]: it does not depend on the order of the pairs or on which item is left, so that the lists of two
// reports on the same pairs can be compared line by line. nil for more pairs than [report.KeptPairs].
func (o *overPairs) cosines(scores []float64) *report.PairCosines {
	pairs := o.test.Pairs
	if pairs.Len() > report.KeptPairs {
		return nil
	}
	// Ranks of ids are numbers that any report on these pairs gives the same items.
	ids := o.test.Items.IDs
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(ids[a], ids[b]) })
	rank := make([]int32, len(ids)) // of each item, by id
	for r, i := range order {
		rank[i] = int32(r)
	}
	type row struct {
		left, right   int32
		label, weight float32
		cosine        float64
	}
	var rows []row
	weighted := false // weights of 1 are left out of the report
	for k, label := range pairs.Label {
		a, b := rank[pairs.Left[k]], rank[pairs.Right[k]]
		rows = append(rows, row{min(a, b), max(a, b), label, pairs.WeightOf(k), scores[k]})
		weighted = weighted || pairs.WeightOf(k) != 1
	}
	// By pair, then label and weight: a pair may be listed twice, and its two entries must come in one order.
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.left, b.left), cmp.Compare(a.right, b.right), cmp.Compare(a.label, b.label),
			cmp.Compare(a.weight, b.weight))
	})
	// In columns, which JSON spells without field names for every pair.
	out := &report.PairCosines{}
	for _, r := range rows {
		out.Left, out.Right, out.Label, out.Cosine = append(out.Left, r.left), append(out.Right, r.right),
			append(out.Label, r.label), append(out.Cosine, r.cosine)
		if weighted {
			out.Weight = append(out.Weight, r.weight)
		}
	}
	return out
}
