// Package batch draws the batches of an epoch: of pairs, or of items with several of each class.
package batch

// Part returns batches [from, end) of b, which holds all batches.
func (b Batches) Part(from, end, all int) Batches {
	items, labels := len(b.Items)/all, len(b.Labels)/all
	out := Batches{Items: b.Items[from*items : end*items], Labels: b.Labels[from*labels : end*labels]}
	if b.Weights != nil {
		out.Weights = b.Weights[from*labels : end*labels]
	}
	return out
}

// Batches holds the batches of n steps in order.
type Batches struct {
	Items []int32 // [n, 2B] rows of the features: of pairs the left sides and then the right sides of each batch
	// [n, B] of pairs, [n, 2B L] class numbers of items with up to L, or [n, 3K] of labelled pairs, see LabelledSampler
	Labels  []float32
	Weights []float32 // as labels; nil = all 1
}

// Contents describes the labels of batches, for losses on all pairs of a batch.
type Contents struct {
	Classes        int // of the training items; 0 = none
	ClassesPerItem int // most classes of an item
	LabelledPairs  int // K, most labelled pairs of a batch; 0 = items have classes
}

// Width returns the number of labels of a batch: of B = pairs pairs, or with all of 2B items.
func (c Contents) Width(pairs int, all bool) int {
	switch {
	case !all:
		return pairs
	case c.LabelledPairs > 0:
		return 3 * c.LabelledPairs
	}
	return 2 * pairs * c.ClassesPerItem
}
