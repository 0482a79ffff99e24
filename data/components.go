package data

import "slices"

// components joins items to groups (union-find with path halving, by smallest item).
type components []int32

func newComponents(n int) components {
	c := make(components, n)
	for i := range c {
		c[i] = int32(i)
	}
	return c
}

func (c components) find(i int) int {
	for int(c[i]) != i {
		c[i] = c[c[i]]
		i = int(c[i])
	}
	return i
}

func (c components) union(i, j int) {
	a, b := c.find(i), c.find(j)
	c[max(a, b)] = int32(min(a, b))
}

// groups returns the groups of two or more items, ascending by their first item and within.
func (c components) groups() [][]int {
	members := make(map[int][]int)
	for i := range c {
		members[c.find(i)] = append(members[c.find(i)], i)
	}
	out := [][]int{}
	for i := range c {
		if g := members[i]; len(g) > 1 {
			out = append(out, g)
		}
	}
	return slices.Clip(out)
}
