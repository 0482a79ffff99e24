package split

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data/internal/listing"
)

// holding is what [ClassOptions] and [DomainOptions] have in common: which names to hold out.
type holding struct {
	what, plural string   // "class", "classes"
	vals         string   // the option ValClasses or ValDomains
	names        []string // that occur
	index        []int    // of an item in names, -1 = unknown

	heldOut      []string
	heldOutCount int
	valHeldOut   []string
	valCount     int
	testItems    int
	val          float64
}

// draw makes the sides, and returns the names that are in the test and in validation only.
func (h holding) draw(d *draw) (s *Split, held, valHeld []string, err error) {
	fail := func(format string, args ...any) (*Split, []string, []string, error) {
		return nil, nil, nil, fmt.Errorf("data: split: "+format, args...)
	}
	held, rest, err := d.names(h, "HeldOut", h.names, h.heldOut, h.heldOutCount)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(held) == 0 {
		return fail("no %s is held out; set HeldOut or HeldOutCount", h.what)
	}
	if h.val != 0 && (h.valHeldOut != nil || h.valCount != 0) {
		return fail("Val draws from the training %s, ValHeldOut and %s hold %s out; set one of them", h.plural,
			h.vals, h.plural)
	}
	valHeld, rest, err = d.names(h, "ValHeldOut", rest, h.valHeldOut, h.valCount)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(rest) == 0 {
		if len(h.names) == 1 {
			return fail("the frame has one %s only, %q, so that none can be held out; split by item", h.what,
				h.names[0])
		}
		return fail("all %d %s are held out; leave some to train on", len(h.names), h.plural)
	}
	s = &Split{}
	s.Test = h.itemsOf(held)
	heldGroups := d.groupsOf(s.Test) // also those of test items that TestItems leaves out
	if h.testItems < 0 || h.testItems > len(s.Test) {
		return fail("TestItems is %d; the held-out %s have %d items", h.testItems, h.plural, len(s.Test))
	}
	if h.testItems > 0 {
		if s.Test, _, err = d.take(s.Test, h.testItems, false); err != nil {
			return fail("TestItems: %w", err)
		}
	}
	if valHeld != nil {
		valItems := h.itemsOf(valHeld)
		if s.Val = d.apart(valItems, heldGroups); len(s.Val) == 0 {
			return fail("ValHeldOut: every item of the %s %s has a group with the %s to test on; "+
				"use smaller groups, or hold others out", h.plural, listing.Quoted(valHeld), h.plural)
		}
		for g := range d.groupsOf(s.Val) {
			heldGroups[g] = true
		}
	}
	if s.Train = d.apart(h.itemsOf(rest), heldGroups); len(s.Train) == 0 {
		return fail("every item of the %s to train on has a group with the held-out %s; "+
			"use smaller groups, or hold others out", h.plural, h.plural)
	}
	if h.val != 0 {
		val, err := amount("Val", h.val, len(s.Train))
		if err != nil {
			return nil, nil, nil, err
		}
		if s.Val, s.Train, err = d.take(s.Train, val, true); err != nil {
			return fail("Val: %w", err)
		}
	}
	return s, held, valHeld, nil
}

// names returns the names to hold out, sorted, and the others: those given, or else count
// drawn at random. Nothing given and count 0 = none (nil).
func (d *draw) names(h holding, option string, names, given []string, count int) (held, rest []string, err error) {
	if given != nil && count != 0 {
		return nil, nil, fmt.Errorf("data: split: %s names %s and a count of %s is set too; set one of them", option,
			h.plural, h.plural)
	}
	if twice := listing.Repeated(given); len(twice) > 0 {
		return nil, nil, fmt.Errorf("data: split: %s: %s named twice: %s", option, h.plural, listing.Quoted(twice))
	}
	for _, name := range given {
		if !slices.Contains(names, name) {
			return nil, nil, fmt.Errorf("data: split: %s: no %s %q to hold out%s", option, h.what, name,
				listing.DidYouMean(name, names))
		}
	}
	if count < 0 || count > len(names) {
		return nil, nil, fmt.Errorf("data: split: %s: %d %s to draw, there are %d", option, count, h.plural, len(names))
	}
	if count > 0 {
		shuffled := slices.Clone(names)
		d.rng.Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		given = shuffled[:count]
	}
	for _, name := range names {
		if slices.Contains(given, name) {
			held = append(held, name)
		} else {
			rest = append(rest, name)
		}
	}
	return held, rest, nil
}

// itemsOf returns the items of some classes or domains, ascending.
func (h holding) itemsOf(some []string) []int {
	wanted := make([]bool, len(h.names))
	for k, name := range h.names {
		wanted[k] = slices.Contains(some, name)
	}
	var items []int
	for i, c := range h.index {
		if c >= 0 && wanted[c] {
			items = append(items, i)
		}
	}
	return items
}

// groupsOf returns the groups that items belong to; none when there are no groups.
func (d *draw) groupsOf(items []int) map[int]bool {
	groups := make(map[int]bool)
	if d.group != nil {
		for _, i := range items {
			groups[d.group[i]] = true
		}
	}
	return groups
}

// apart returns the items whose group is not among some.
func (d *draw) apart(items []int, some map[int]bool) []int {
	if d.group == nil {
		return items
	}
	return slices.DeleteFunc(items, func(i int) bool { return some[d.group[i]] })
}
