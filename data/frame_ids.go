package data

import "github.com/go-siamese/lab/data/quote"

// NearestIDs returns up to k ids of items that are spelt most like id, by edit distance (case is ignored), then in the
// order of the items: suggestions for an id that no item has. It looks at all N ids; the cost of each is bounded.
func (f *Frame) NearestIDs(id string, k int) []string { return quote.Nearest(id, f.IDs, max(0, k)) }
