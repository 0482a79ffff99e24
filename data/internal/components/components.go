// Package components joins items into groups by pairs that belong together: the connected components of a graph. It
// keeps no edges, only which items are connected. It serves one goroutine at a time: even [Components.Find] writes.
package components

import "slices"

// Components joins items into groups: union-find with path halving, in which the smallest item represents its
// group.
type Components []int32

// New returns n items, each in a group of its own.
func New(n int) Components {
	c := make(Components, n)
	for i := range c {
		c[i] = int32(i)
	}
	return c
}

// Find returns the smallest item of the group of item i.
func (c Components) Find(i int) int {
	for int(c[i]) != i {
		c[i] = c[c[i]]
		i = int(c[i])
	}
	return i
}

// Union joins the groups of items i and j. The smallest item stays on top, so that results do not depend on the order
// of calls.
func (c Components) Union(i, j int) {
	a, b := c.Find(i), c.Find(j)
	c[max(a, b)] = int32(min(a, b))
}

// Groups returns the groups of two or more items, ascending by their first item, and each ascending.
func (c Components) Groups() [][]int {
	members := make(map[int][]int)
	for i := range c {
		members[c.Find(i)] = append(members[c.Find(i)], i)
	}
	out := [][]int{}
	for i := range c {
		if g := members[i]; len(g) > 1 {
			out = append(out, g)
		}
	}
	return slices.Clip(out)
}
