package data

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// CheckGroups returns an error when a group has items on two sides, naming the groups.
// groups[i] is the group of item i, "" = a group of its own; its length is that of the frame
// the split was made for.
func (s *Split) CheckGroups(groups []string) error {
	seen := make(map[string]int)
	told := make(map[string]bool)
	var torn []string
	for k, side := range s.sides() {
		for _, i := range side.items {
			if i < 0 || i >= len(groups) {
				return fmt.Errorf("data: split: item %d has no group; %d are given", i, len(groups))
			}
			g := groups[i]
			if other, ok := seen[g]; g != "" && ok && other != k && !told[g] {
				told[g] = true
				torn = append(torn, g)
			}
			seen[g] = k
		}
	}
	if len(torn) > 0 {
		return fmt.Errorf("data: split: groups with items on more than one side: %s", quoted(torn))
	}
	return nil
}

// MergeGroups returns groups that keep together what any of the lists keeps together, for
// instance the crops of one picture and near-duplicates: two items are in one group when a
// chain of shared groups leads from one to the other. Every list holds the group of every item,
// "" = a group of its own; nil lists are left out, and of nothing but nil the result is nil. A
// merged group is called after the first of its items that has a name, with "+2", "+3", … when
// that name is taken. Lists of unequal lengths are errors.
func MergeGroups(lists ...[]string) ([]string, error) {
	lists = slices.DeleteFunc(slices.Clone(lists), func(l []string) bool { return l == nil })
	if len(lists) == 0 {
		return nil, nil
	}
	n := len(lists[0])
	root := all(n)
	for k, groups := range lists {
		if len(groups) != n {
			return nil, fmt.Errorf("data: merge groups: list %d has %d items and list 1 has %d; all need a group for every item", k+1, len(groups), n)
		}
		first := make(map[string]int)
		for i, g := range groups {
			if g == "" {
				continue
			}
			if j, ok := first[g]; ok {
				join(root, i, j)
			} else {
				first[g] = i
			}
		}
	}
	merged := make([]string, n)
	taken := make(map[string]bool)
	nameOf := make(map[int]string)
	for i := range merged {
		r := find(root, i)
		if _, ok := nameOf[r]; !ok {
			var names []string
			for _, groups := range lists {
				names = append(names, groups[i])
			}
			name := cmp.Or(names...)
			if name == "" {
				continue // in no group
			}
			free := name
			for k := 2; taken[free]; k++ {
				free = fmt.Sprintf("%s+%d", name, k)
			}
			taken[free], nameOf[r] = true, free
		}
		merged[i] = nameOf[r]
	}
	return merged, nil
}

// find returns the item that stands for the set of i, and shortens the way there (path halving).
func find(root []int, i int) int {
	for root[i] != i {
		root[i] = root[root[i]]
		i = root[i]
	}
	return i
}

// join makes one set of two; the lowest item stands for it.
func join(root []int, i, j int) {
	i, j = find(root, i), find(root, j)
	root[max(i, j)] = min(i, j)
}

// groupSizes returns the groups of two and more items with their sizes.
func groupSizes(groups []string) map[string]int {
	sizes := make(map[string]int)
	for _, g := range groups {
		if g != "" {
			sizes[g]++
		}
	}
	for g, n := range sizes {
		if n < 2 {
			delete(sizes, g)
		}
	}
	return sizes
}

// tidyGroups returns the groups with "" for items that are alone in theirs, so that two lists
// that mean the same are the same. nil stays nil.
func tidyGroups(groups []string) []string {
	if groups == nil {
		return nil
	}
	sizes := groupSizes(groups)
	tidy := make([]string, len(groups))
	for i, g := range groups {
		if sizes[g] > 1 {
			tidy[i] = g
		}
	}
	return tidy
}

// deal shares the items among k parts of about the same size, with whole groups and as equal
// shares of every stratum as they allow: the largest group first, each to the part that has the
// fewest items of its strata, then the fewest items (as longest-processing-time scheduling does,
// Graham 1969). Groups of equal size come in random order.
func (d *draw) deal(k int) ([][]int, error) {
	var members [][]int
	for i, g := range d.group {
		if g == len(members) { // groups are numbered as they first come
			members = append(members, nil)
		}
		members[g] = append(members[g], i)
	}
	if k > len(members) {
		return nil, fmt.Errorf("data: split: %d folds of %d groups; want from 2 to the number of groups", k, len(members))
	}
	d.rng.Shuffle(len(members), func(a, b int) { members[a], members[b] = members[b], members[a] })
	slices.SortStableFunc(members, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	parts := make([][]int, k)
	held := make([][]int, k) // items of a part by stratum
	for p := range held {
		held[p] = make([]int, d.strata)
	}
	for _, group := range members {
		best, least := 0, 0
		for p := range parts {
			same := 0
			for _, i := range group {
				same += held[p][d.stratum[i]]
			}
			if p == 0 || same < least || same == least && len(parts[p]) < len(parts[best]) {
				best, least = p, same
			}
		}
		for _, i := range group {
			held[best][d.stratum[i]]++
		}
		parts[best] = append(parts[best], group...)
	}
	for _, part := range parts {
		slices.Sort(part)
	}
	return parts, nil
}

// tooLarge explains why no group was taken when some items were wanted.
func (d *draw) tooLarge(pool []int, want int) error {
	sizes := make(map[int]int)
	for _, i := range pool {
		sizes[d.group[i]]++
	}
	if len(sizes) == 1 {
		return errors.New("all items to draw from are of one group, which may not be torn; use smaller groups")
	}
	smallest := len(pool)
	for _, n := range sizes {
		smallest = min(smallest, n)
	}
	return fmt.Errorf("%d items wanted, and the smallest of the %d groups has %d, which may not be torn; ask for %d items or more, or use smaller groups", want, len(sizes), smallest, smallest)
}
