// Package batch draws the batches of an epoch: of pairs, or of items with several of each class.
//
// A [Sampler] is made once for a run and draws all batches of an epoch at once, as rows of the training items with
// labels and weights ([Batches]); it never touches features. There are five, by what is known of the items and what the
// loss compares:
//
//	            losses on pairs                losses on all pairs of a batch
//	classes     pairBatches (sampler.go)       classSampler (classes.go), domainSampler (domains.go)
//	pairs       tableBatches (given.go)        LabelledSampler (labelled.go)
//
// [NewSampler] chooses by the options for items with classes. Drawing pairs of classes is package pairs; this package
// arranges them. Everything random comes from the generator of a call, so that an epoch can be drawn again.
package batch

// Part returns batches [from, end) of b, which holds all batches: the parts share memory with b. Views and
// features are not among them, as those of all batches are never in memory at once.
func (b Batches) Part(from, end, all int) Batches {
	items, labels := len(b.Items)/all, len(b.Labels)/all
	out := Batches{Items: b.Items[from*items : end*items], Labels: b.Labels[from*labels : end*labels]}
	if b.Weights != nil {
		out.Weights = b.Weights[from*labels : end*labels]
	}
	if b.ViewAt != nil {
		out.ViewAt = b.ViewAt[from*items : end*items]
	}
	return out
}

// Batches holds the batches of n steps in order, flat: of each batch the items, labels and weights are in one piece, as
// they are copied to a device and into the file of a state.
type Batches struct {
	// [n, 2B] rows of the training items: of pairs the left sides and then the right sides of each batch
	Items []int32
	// [n, B] of pairs, in [0, 1]; [n, 2B L] class numbers of items with up to L classes, -1 = none; or [n, 3K] of
	// labelled pairs, see LabelledSampler.Draw
	Labels  []float32
	Weights []float32 // of the labels' shape; nil = all 1

	// ViewAt, [n, 2B], says which of a batch's views stands in for an item, from 1; 0 = the item stands for itself. nil =
	// there are no views.
	ViewAt []int32
	Views  []float32 // [n, V, F] preprocessed features

	Features []float32 // [n, 2B, F] preprocessed features of Items; nil = steps have those of all training items. What
	// lies behind them in memory is nobody's.
}

// Contents describes the labels of batches, for losses on all pairs of a batch. The zero value is for losses on pairs.
type Contents struct {
	Classes        int // of the training items; 0 = none
	ClassesPerItem int // most classes of an item
	LabelledPairs  int // K, labelled pairs that a batch has room for; 0 = items have classes
}

// Width returns the number of labels of a batch of B = pairs pairs or 2B items; all says that the loss is on all pairs
// of a batch.
func (c Contents) Width(pairs int, all bool) int {
	switch {
	case !all:
		return pairs
	case c.LabelledPairs > 0: // two positions and a weight of each pair
		return 3 * c.LabelledPairs
	}
	return 2 * pairs * c.ClassesPerItem
}
