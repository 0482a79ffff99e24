package data

// NearestIDs returns up to k ids of items that are spelt most like id, by edit distance (upper and lower case
// alike), then in the order of the items: what may have been meant where no item has that id.
func (f *Frame) NearestIDs(id string, k int) []string { return nearest(id, f.IDs, max(0, k)) }
