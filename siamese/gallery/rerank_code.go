package gallery

import (
	"cmp"
	"math"
	"slices"
)

// view is a gallery as re-ranking sees it: as it is, or with a query as one more item.
type view interface {
	list(i int32) []near          // item i, then its K1 nearest
	cosine(i, j int32) float64    // of two items
	mutual(i int32, k int) []near // see reciprocal; may be kept from call to call
	code(i int32) []weight        // see encode; the same
}

// weight is a part of an encoding: how much an item is of another one's neighbourhood.
type weight struct {
	item  int32
	value float32
}

// first returns item i with its k nearest, fewer where there are fewer.
func first(v view, i int32, k int) []near {
	list := v.list(i)
	return list[:min(len(list), k+1)]
}

// byItem orders by number.
func byItem(a, b near) int { return cmp.Compare(a.item, b.item) }

// has returns whether an item is in a list.
func has(list []near, item int32) bool {
	return slices.ContainsFunc(list, func(n near) bool { return n.item == item })
}

// reciprocal returns item i and those of its k nearest that have it among their k nearest.
func reciprocal(v view, i int32, k int) []near {
	var out []near
	for _, n := range first(v, i, k) {
		if has(first(v, n.item, k), i) {
			out = append(out, n)
		}
	}
	return out
}

// encode returns the encoding of item i before it is averaged, by rising item: its reciprocal neighbours and, of each
// of them, the nearer half of theirs where more than two thirds of these are neighbours of i.
func (o RerankOptions) encode(v view, i int32) []weight {
	all := slices.Clone(v.mutual(i, o.K1))
	slices.SortFunc(all, byItem)
	own := all
	var more []int32
	for _, n := range own {
		theirs, common := v.mutual(n.item, o.half()), 0
		for _, t := range theirs {
			if _, ok := slices.BinarySearchFunc(own, t, byItem); ok {
				common++
			} else {
				more = append(more, t.item)
			}
		}
		if 3*common <= 2*len(theirs) {
			more = more[:len(more)-(len(theirs)-common)]
		}
	}
	slices.Sort(more)
	for _, item := range slices.Compact(more) {
		all = append(all, near{item, v.cosine(i, item)})
	}
	slices.SortFunc(all, byItem)
	var sum float64
	for k, n := range all {
		all[k].cosine = math.Exp(min(1, n.cosine) - 1)
		sum += all[k].cosine
	}
	out := make([]weight, len(all))
	for k, n := range all {
		out[k] = weight{n.item, float32(n.cosine / sum)}
	}
	return out
}

// average returns the mean encoding of an item and its nearest, K2 in all, by rising item.
func (o RerankOptions) average(v view, i int32) []weight {
	list := first(v, i, o.K2-1)
	if len(list) == 1 {
		return v.code(i)
	}
	var all []weight
	for _, n := range list {
		all = append(all, v.code(n.item)...)
	}
	// Stable, so that the weights of an item are added in the order of the list.
	slices.SortStableFunc(all, func(a, b weight) int { return cmp.Compare(a.item, b.item) })
	var out []weight
	for a := 0; a < len(all); {
		var sum float64
		b := a
		for ; b < len(all) && all[b].item == all[a].item; b++ {
			sum += float64(all[b].value)
		}
		out = append(out, weight{all[a].item, float32(sum / float64(len(list)))})
		a = b
	}
	return out
}

// overlap returns J of two encodings, in [0, 1]: the sum of the smaller weights over that of the larger ones. As each
// sums to 1, that is 2 less the smaller ones.
func overlap(a, b []weight) float64 {
	var common float64
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].item < b[0].item:
			a = a[1:]
		case a[0].item > b[0].item:
			b = b[1:]
		default:
			common += float64(min(a[0].value, b[0].value))
			a, b = a[1:], b[1:]
		}
	}
	return jaccard(common)
}

// jaccard returns J from the sum of the smaller weights.
func jaccard(common float64) float64 {
	common = min(1, common) // rounding may exceed it
	return common / (2 - common)
}
