package split

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/components"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// CheckGroups returns an error when a group has items on two sides, naming the groups.
// groups[i] is the group of item i, "" = a group of its own; its length is that of the frame
// the split was made for. The groups need not be those that the split was drawn with.
func (s *Split) CheckGroups(groups []string) error {
	seen := make(map[string]int) // the side on which a group was last met
	named := make(map[string]bool)
	var torn []string // by first occurrence
	for k, side := range s.sides() {
		for _, i := range side.items {
			if i < 0 || i >= len(groups) {
				return fmt.Errorf("data: split: item %d has no group; %d are given", i, len(groups))
			}
			g := groups[i]
			if other, ok := seen[g]; g != "" && ok && other != k && !named[g] {
				named[g] = true
				torn = append(torn, g)
			}
			seen[g] = k
		}
	}
	if len(torn) > 0 {
		return fmt.Errorf("data: split: groups with items on more than one side: %s", listing.Quoted(torn))
	}
	return nil
}

// MergeGroups returns the groups that keep together the items that any of the lists keeps together, for instance crops
// of one picture and pictures of one person: two items are in one group when a chain of shared groups leads from one to
// the other. Every list holds the group of every item, "" = a group of its own; empty lists are left out, and nothing
// but empty lists gives nil. A merged group is called after the first of its items that has a name, with "+2", "+3", …
// when that name is taken. Lists of unequal lengths are errors. The lists are not changed.
func MergeGroups(lists ...[]string) ([]string, error) {
	lists = slices.DeleteFunc(slices.Clone(lists), func(l []string) bool { return len(l) == 0 })
	if len(lists) == 0 {
		return nil, nil
	}
	n := len(lists[0])
	root := components.New(n) // items are joined, not names: the same name in two lists may mean two things
	for k, groups := range lists {
		if len(groups) != n {
			return nil, fmt.Errorf("data: merge groups: list %d has %d items and list 1 has %d; "+
				"all need a group for every item", k+1, len(groups), n)
		}
		first := make(map[string]int) // the first item of a group
		for i, g := range groups {
			if g == "" {
				continue
			}
			if j, ok := first[g]; ok {
				root.Union(i, j)
			} else {
				first[g] = i
			}
		}
	}
	merged := make([]string, n)
	taken := make(map[string]bool)
	nameOf := make(map[int]string) // of a merged group, by its root
	for i := range merged {
		r := root.Find(i)
		if _, ok := nameOf[r]; !ok {
			var names []string
			for _, groups := range lists {
				names = append(names, groups[i])
			}
			name := cmp.Or(names...)
			if name == "" {
				continue // in no group
			}
			// Two merged groups may want the same name, since lists name their groups independently.
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

// keep returns the groups [N] that must stay on one side: those given (empty = none), joined with the duplicates (nil =
// none). Neither gives nil.
func keep(f *data.Frame, groups []string, d *duplicates.Duplicates) ([]string, error) {
	if len(groups) > 0 && len(groups) != f.N() {
		return nil, fmt.Errorf("data: split: %w", option.Errorf("Groups", "%d groups for %d items", len(groups), f.N()))
	}
	if d == nil {
		return groups, nil
	}
	if err := fits(d, f); err != nil {
		return nil, fmt.Errorf("data: split: %w", &option.Error{Option: "Duplicates", Err: err})
	}
	return MergeGroups(groups, d.Groups(f.N()))
}

// fits returns an error when the duplicates cannot be those of the frame: when they name items that it does not have.
// Those of another frame of the same size go unnoticed.
func fits(d *duplicates.Duplicates, f *data.Frame) error {
	for _, groups := range [][][]int{d.Exact, d.Near} {
		for _, group := range groups {
			if len(group) < 2 || slices.Min(group) < 0 || slices.Max(group) >= f.N() {
				return fmt.Errorf("the duplicates are not of this frame: "+
					"one group of them is %v, and the frame has %d items; find them in this frame",
					group[:min(len(group), listing.MaxListed)], f.N())
			}
		}
	}
	// Pairs are used for examples of leaks only, but an index out of range would panic there.
	for _, p := range d.Pairs {
		if min(p.I, p.J) < 0 || max(p.I, p.J) >= f.N() {
			return fmt.Errorf("the duplicates are not of this frame: items %d and %d are a pair, and the frame has "+
				"%d items; find them in this frame", p.I, p.J, f.N())
		}
	}
	return nil
}

// groupSizes returns the groups of two and more items with their sizes. Others constrain nothing: an item that is alone
// in its group is free to go anywhere.
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

// tidyGroups returns the groups with "" for items that are alone in theirs, so that equivalent lists are equal.
// No groups (nil or empty) are nil.
func tidyGroups(groups []string) []string {
	if len(groups) == 0 {
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

// assign divides the items into k parts of about the same size, with whole groups and as equal shares of every
// stratum as they allow: the largest group first, each to the part that has the fewest items of its strata,
// then the fewest items (as longest-processing-time scheduling does, Graham 1969). Groups of equal size come in
// random order. Parts are ascending; k above the number of groups is an error. The cost is O(k·N).
func (d *draw) assign(k int) ([][]int, error) {
	var members [][]int
	for i, g := range d.group {
		if g == len(members) { // groups are numbered as they first come
			members = append(members, nil)
		}
		members[g] = append(members[g], i)
	}
	if k > len(members) {
		return nil, fmt.Errorf("data: split: %d folds of %d groups; want from 2 to the number of groups", k,
			len(members))
	}
	// The sort is stable, so that groups of one size keep their random order.
	d.rng.Shuffle(len(members), func(a, b int) { members[a], members[b] = members[b], members[a] })
	slices.SortStableFunc(members, func(a, b []int) int { return cmp.Compare(len(b), len(a)) })
	parts := make([][]int, k)
	held := make([][]int, k) // how many items of every stratum a part has
	for p := range held {
		held[p] = make([]int, d.strata)
	}
	// The fewest items of the same strata count first: with classes this is what keeps every fold's shares alike.
	for _, group := range members {
		best, least := 0, 0
		for p := range parts {
			same := 0 // items of the part that are of the group's strata, once for each item of the group
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

// tooLarge returns the error that says why no group of the pool was taken when some items were wanted.
func (d *draw) tooLarge(pool []int, want int) error {
	// Groups of the frame may be partly out of the pool: what counts is how much of them is in it.
	sizes := make(map[int]int)
	for _, i := range pool {
		sizes[d.group[i]]++
	}
	if len(sizes) == 1 {
		return errors.New("all items to draw from are of one group, which stays on one side; use smaller groups")
	}
	smallest := len(pool)
	for _, n := range sizes {
		smallest = min(smallest, n)
	}
	return fmt.Errorf("%d items wanted, and the smallest of the %d groups, which stay whole, has %d; "+
		"ask for %d items or more, or use smaller groups", want, len(sizes), smallest, smallest)
}
