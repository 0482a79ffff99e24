// Package selection holds helpers for lists of items and names: picking, indexing, complements. Items are indices from
// 0. No function changes its arguments.
package selection

import (
	"maps"
	"slices"
)

// Pick returns the values of the given items, in their order; nil stays nil, since that is how frames say "no labels".
// It panics when an index is out of range.
func Pick(all []string, items []int) []string {
	if all == nil {
		return nil
	}
	out := make([]string, len(items))
	for k, i := range items {
		out[k] = all[i]
	}
	return out
}

// Indexed returns the sorted names that occur in a column, and for every item the index of its
// name, or -1 when that is "". It is how labels become classes: sorted, so that the numbers of classes do not depend on
// the order of items.
func Indexed(column []string) (names []string, index []int) {
	place := make(map[string]int)
	for _, name := range column {
		if name != "" {
			place[name] = 0
		}
	}
	// The map held the names that occur; now it holds their places.
	names = slices.Sorted(maps.Keys(place))
	for k, name := range names {
		place[name] = k
	}
	index = make([]int, len(column))
	for i, name := range column {
		index[i] = -1
		if name != "" {
			index[i] = place[name]
		}
	}
	return names, index
}

// Positions returns the place of every name in the list; of repeated ones, the last. For a look-up or two,
// [slices.Index] costs less.
func Positions(names []string) map[string]int {
	place := make(map[string]int, len(names))
	for k, name := range names {
		place[name] = k
	}
	return place
}

// All returns the items 0 to n-1, ascending, in a slice of its own.
func All(n int) []int {
	items := make([]int, n)
	for i := range items {
		items[i] = i
	}
	return items
}

// Without returns the items of [0, n) that are not in some, ascending. some may be in any order and repeat itself; it
// panics when one of them is not in [0, n).
func Without(n int, some []int) []int {
	drop := make([]bool, n)
	for _, i := range some {
		drop[i] = true
	}
	return slices.DeleteFunc(All(n), func(i int) bool { return drop[i] })
}
