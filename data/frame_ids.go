package data

import "github.com/go-siamese/lab/data/internal/listing"

// NearestIDs returns up to k ids of items that are spelt most like id, by edit distance (upper and lower case
// alike), then in the order of the items: what may have been meant where no item has that id.
func (f *Frame) NearestIDs(id string, k int) []string { return listing.Nearest(id, f.IDs, max(0, k)) }
