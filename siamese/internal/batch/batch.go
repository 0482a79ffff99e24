package batch

// Part returns batches from (included) to end (not) of all.
func (b Batches) Part(from, end, all int) Batches {
	items, labels := len(b.Items)/all, len(b.Labels)/all
	out := Batches{Items: b.Items[from*items : end*items], Labels: b.Labels[from*labels : end*labels]}
	if b.Weights != nil {
		out.Weights = b.Weights[from*labels : end*labels]
	}
	return out
}

// Batches are what some steps train on, one after the other.
type Batches struct {
	Items   []int32   // [n, 2B] rows of the features: of pairs the left sides and then the right sides of each batch
	Labels  []float32 // [n, B] of pairs, [n, 2B L] class numbers of items with up to L, or [n, 3K] of judged pairs, see JudgedSampler
	Weights []float32 // as labels; nil = all 1
}

// Contents are what the batches of a run hold. Only losses on all pairs of a batch ask.
type Contents struct {
	Classes        int // of the training items; 0 = they have none
	ClassesPerItem int // classes of an item, at most
	LabelledPairs  int // K, pairs of a batch that are told, at most; 0 = classes tell
}

// Width returns how many labels a batch of so many pairs, or of all pairs of twice as many items, has.
func (c Contents) Width(pairs int, all bool) int {
	switch {
	case !all:
		return pairs
	case c.LabelledPairs > 0:
		return 3 * c.LabelledPairs
	}
	return 2 * pairs * c.ClassesPerItem
}
