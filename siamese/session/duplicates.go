package session

import "context"

// Duplicates are the items of a frame that occur more than once.
type Duplicates struct {
	Value `json:"-"`
	Exact [][]string `json:"exact"` // groups of items with the same values, by id
	Near  [][]string `json:"near"`  // groups that near duplicates and exact ones join
	// Pairs are the pairs of near duplicates that are no exact ones, the most similar first, at most 1,000; Similarities
	// are theirs, and PairCount is how many there are in all.
	Pairs        [][2]string `json:"pairs,omitempty"`
	Similarities []float64   `json:"similarities,omitempty"`
	PairCount    int         `json:"pair_count"`
}

// Duplicates finds the items of the frame that occur more than once, as package duplicates does: exactly and, with a
// similarity near in (0, 1], nearly, which takes comparing all pairs; .95 finds copies that are a little darker. each is
// told the progress; nil = silent.
func (f *Frame) Duplicates(ctx context.Context, near float64, each func(Work)) (*Duplicates, error) {
	d := &Duplicates{}
	args := struct {
		Frame string  `json:"frame"`
		Near  float64 `json:"near"`
	}{f.Key, near}
	return give(d, f.session.want(ctx, "duplicates", args, d, working(each)))
}
