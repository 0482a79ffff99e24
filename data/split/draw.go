package split

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/provenance"
)

// draw takes items from a pool at random. Its methods advance rng, so their order is part of what a seed means; a draw
// is for one goroutine.
type draw struct {
	rng     *rand.Rand
	stratum []int    // [N] the stratum of every item of the frame, in [0, strata)
	strata  int      // how many there are; 1 without stratifying
	what    string   // "class" or "domain": what a stratum stands for
	group   []int    // [N] the group of every item, or nil when all are alone; see groupNumbers
	groups  []string // [N] their names, see tidyGroups
}

// strata are what items are drawn in proportion to.
type strata int

const (
	noStrata strata = iota // to nothing: all items alike
	byClass
	byDomain // also where the frame has no domains, when all items are of one stratum
)

// newDraw prepares drawing from f, in proportion to the strata and with groups and duplicates kept whole. A nil or
// empty frame, groups of another length, duplicates of another frame and stratifying by class without labels are
// errors.
func newDraw(f *data.Frame, seed uint64, by strata, groups []string, duplicates *duplicates.Duplicates) (*draw, error) {
	if f == nil || f.N() == 0 {
		return nil, errors.New("data: split: the frame has no items")
	}
	groups, err := keep(f, groups, duplicates)
	if err != nil {
		return nil, err
	}
	provenance.Seed(seed)
	d := &draw{rng: newRand(seed), stratum: make([]int, f.N()), strata: 1, what: "class", group: groupNumbers(groups),
		groups: tidyGroups(groups)}
	var column []string
	switch by {
	case noStrata:
		return d, nil
	case byClass:
		if column = f.Labels; len(column) != f.N() {
			return nil, fmt.Errorf("data: split: to draw in proportion to the classes the frame must have labels, "+
				"and it has %s", none(column, "class"))
		}
	case byDomain:
		d.what = "domain"
		if column = f.Domains; len(column) != f.N() {
			column = make([]string, f.N())
		}
	}
	// Unknown names are a stratum of their own: such items are spread over the sides like any others.
	names, index := selection.Indexed(column)
	d.strata = len(names) + 1 // the last one is for unknown names
	for i, c := range index {
		d.stratum[i] = c
		if c < 0 {
			d.stratum[i] = len(names)
		}
	}
	return d, nil
}

// take draws want items of the pool, which is ascending, and returns them and the rest, both ascending. Every stratum
// gives in proportion to its size; with keep at least one item of it stays. With groups, as many items are taken as
// whole groups allow, and keep has no effect. The pool itself is not changed.
func (d *draw) take(pool []int, want int, keep bool) (taken, rest []int, err error) {
	if want > len(pool) {
		return nil, nil, fmt.Errorf("%d items wanted, %d are left", want, len(pool))
	}
	if want == 0 {
		return nil, pool, nil
	}
	chosen := make(map[int]bool, want)
	if d.group != nil {
		// Some groups may be larger than what is wanted: that is an error only where nothing at all was taken.
		if d.takeGroups(pool, want, chosen); len(chosen) == 0 {
			return nil, nil, d.tooLarge(pool, want)
		}
	} else if err := d.takeItems(pool, want, keep, chosen); err != nil {
		return nil, nil, err
	}
	for _, i := range pool {
		if chosen[i] {
			taken = append(taken, i)
		} else {
			rest = append(rest, i)
		}
	}
	return taken, rest, nil
}

// takeItems is take where every item is alone: it marks exactly want items of the pool in chosen, or returns an error
// where keep does not allow so many.
func (d *draw) takeItems(pool []int, want int, keep bool, chosen map[int]bool) error {
	members := make([][]int, d.strata)
	for _, i := range pool {
		members[d.stratum[i]] = append(members[d.stratum[i]], i)
	}
	sizes, most := make([]int, d.strata), make([]int, d.strata)
	for c, items := range members {
		sizes[c] = len(items)
		most[c] = len(items)
		if keep {
			most[c] = max(0, len(items)-1)
		}
	}
	// An error is better than fewer items than were asked for, or than a class without any item to train on.
	quotas, short := proportional(want, sizes, most)
	if short > 0 {
		return fmt.Errorf("%d items wanted, but only %d can be taken if an item of every %s is to stay for "+
			"training; take fewer, or do not stratify", want, want-short, d.what)
	}
	if d.what == "class" && keep && len(sizes) > 1 {
		twoClasses(quotas[:len(quotas)-1], sizes, most) // the last stratum is no class
	}
	for c, items := range members { // all are shuffled, so that the quota of one does not change what others give
		d.rng.Shuffle(len(items), func(a, b int) { items[a], items[b] = items[b], items[a] })
		for _, i := range items[:quotas[c]] {
			chosen[i] = true
		}
	}
	return nil
}

// proportional divides want into whole quotas in proportion to sizes, none above most, by largest remainder
// (Hamilton's method, 1792; ties go to the first): with n_c items of N in stratum c,
//
//	quota_c = ⌊want·n_c / N⌋, and one more for the largest remainders of want·n_c modulo N.
//
// What the caps exclude goes to the others, the one with most room first. short is what none can take.
func proportional(want int, sizes, most []int) (quotas []int, short int) {
	total := 0
	for _, n := range sizes {
		total += n
	}
	quotas = make([]int, len(sizes))
	if total == 0 {
		return quotas, want
	}
	left := want
	order := make([]int, len(sizes))
	for c, n := range sizes {
		order[c] = c
		quotas[c] = min(want*n/total, most[c])
		left -= quotas[c]
	}
	// In integers, without rounding: the same quotas on every machine.
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want*sizes[b]%total, want*sizes[a]%total) })
	for _, c := range order {
		if left > 0 && quotas[c] < most[c] {
			quotas[c]++
			left--
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(most[b]-quotas[b], most[a]-quotas[a]) })
	for _, c := range order {
		more := min(left, most[c]-quotas[c])
		quotas[c] += more
		left -= more
	}
	return quotas, left
}

// twoClasses moves one item of quotas that are all of one class to the largest other class that can spare one:
// a side of one class has no pairs of different items, so nothing can be chosen or measured by it. It changes quotas,
// and only where one class has two or more of them. most is what a class can spare.
func twoClasses(quotas, sizes, most []int) {
	only, other := -1, -1 // the class of all quotas, and the one to move an item to
	for c, n := range quotas {
		switch {
		case n > 0 && only >= 0:
			return
		case n > 0:
			only = c
		case most[c] > 0 && (other < 0 || sizes[c] > sizes[other]):
			other = c
		}
	}
	if only >= 0 && other >= 0 && quotas[only] > 1 {
		quotas[only]--
		quotas[other]++
	}
}

// groupNumbers returns the number of every item's group, from 0 by first occurrence; every "" is a group of its own.
// No groups (nil or empty) are nil.
func groupNumbers(groups []string) []int {
	if len(groups) == 0 {
		return nil
	}
	numbers := make([]int, len(groups))
	// The number that place has for "" is never used again.
	place := make(map[string]int)
	next := 0
	for i, name := range groups {
		number, ok := place[name]
		if !ok || name == "" {
			number = next
			next++
			place[name] = number
		}
		numbers[i] = number
	}
	return numbers
}

// takeGroups marks whole groups of the pool in chosen, about want items. It goes through the groups in random order and
// takes one when that brings the strata closer to their shares, that is, when the sum over strata of m² falls, where m
// is what a stratum still misses. One pass is enough for groups that are small beside want; an exact answer would be a
// subset sum.
func (d *draw) takeGroups(pool []int, want int, chosen map[int]bool) {
	members := make(map[int][]int)
	var order []int                      // groups by first occurrence, so that only the seed matters
	missing := make([]float64, d.strata) // items of a stratum that are still to be taken; below 0 = too many were
	for _, i := range pool {
		g := d.group[i]
		if members[g] == nil {
			order = append(order, g)
		}
		members[g] = append(members[g], i)
		missing[d.stratum[i]]++
	}
	for c, n := range missing {
		missing[c] = n * float64(want) / float64(len(pool))
	}
	d.rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
	for _, g := range order {
		// Taking the items one after the other, each lowers what its stratum misses by 1; the
		// sum of m^2 - (m-1)^2 over them is what the group gains.
		gain := 0.0
		for _, i := range members[g] {
			gain += 2*missing[d.stratum[i]] - 1
			missing[d.stratum[i]]--
		}
		// A group that does not help is put back: its items are missing again.
		for _, i := range members[g] {
			if gain > 0 {
				chosen[i] = true
			} else {
				missing[d.stratum[i]]++
			}
		}
	}
}
