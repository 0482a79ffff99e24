package split

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// holding is a split that holds names of one column out of training: what [ClassOptions] and [DomainOptions] have in
// common. The public types stay apart because their fields say which column they mean.
//
// A holding is a value: folds change copies of it.
type holding struct {
	kind         string // ByClass or ByDomain
	what, plural string // "class", "classes", for errors
	// option and countOption name the options HeldOut and HeldOutCount in errors. Those of domains have their type in
	// front, so that a command with a flag for each kind does not print the flag of classes.
	option, countOption string
	valOption           string // "ValClasses" or "ValDomains"
	strata              strata // what TestItems is drawn in proportion to
	// column returns the names that occur, sorted, and the index of every item's name in them, -1 = unknown.
	column func(f *data.Frame) (names []string, index []int, err error)

	heldOut      []string // to test on
	heldOutCount int      // or how many to draw
	valHeldOut   []string // to validate on
	valCount     int      // or how many to draw
	testItems    int      // 0 = all of the held-out names
	val          float64  // share or count of items of the training names; 0 = none
	seed         uint64
	groups       []string
	duplicates   *duplicates.Duplicates
}

// newDraw prepares drawing from f as h asks for; its errors are those of the function newDraw.
func (h holding) newDraw(f *data.Frame) (*draw, error) {
	return newDraw(f, h.seed, h.strata, h.groups, h.duplicates)
}

// split draws the split, or returns why the options cannot be met. It passes [Split.Check].
//
// The order of draws (names to test on, names to validate on, items to test on, items to validate on) is part of what a
// seed means: another order gives other splits.
func (h holding) split(f *data.Frame) (*Split, error) {
	d, err := h.newDraw(f)
	if err != nil {
		return nil, err
	}
	names, index, err := h.column(f)
	if err != nil {
		return nil, err
	}
	held, valHeld, rest, err := h.names(d, names)
	if err != nil {
		return nil, err
	}
	// Items of unknown name are in none of the three lists, so that they end up on no side.
	itemsOf := func(some []string) []int { return itemsOf(index, names, some) }
	s, err := h.sides(d, itemsOf(held), itemsOf(valHeld), itemsOf(rest))
	if err != nil {
		return nil, err
	}
	if h.kind == ByClass {
		s.HeldOut, s.ValHeldOut = held, valHeld
	} else {
		s.HeldOutDomains, s.ValHeldOutDomains = held, valHeld
	}
	s.Seed, s.Groups = h.seed, d.groups
	s.Origin = Origin{Kind: h.kind, Val: h.val, TestItems: h.testItems, Stratify: h.strata == byClass}.
		with(h.duplicates)
	return checked(s, f, h.val > 0 || len(valHeld) > 0)
}

// folds returns a split for every part of the names, which it holds out for the test. All have the same seed: what else
// is drawn, such as validation items, differs because the items to draw from do.
func (h holding) folds(f *data.Frame, parts [][]string) ([]*Split, error) {
	splits := make([]*Split, len(parts))
	for fold, part := range parts {
		h.heldOut = part
		s, err := h.split(f)
		if err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", fold+1, len(parts), err)
		}
		s.Origin.Fold, s.Origin.Folds = fold+1, len(parts)
		splits[fold] = s
	}
	return splits, nil
}

// unheld returns an error for every option that names or counts what folds hold out by themselves.
func (h holding) unheld() error {
	var problems []error
	for _, given := range []struct {
		option string
		set    bool
	}{
		{h.option, len(h.heldOut) > 0}, {h.countOption, h.heldOutCount != 0}, {"ValHeldOut", len(h.valHeldOut) > 0},
	} {
		if given.set {
			problems = append(problems, fmt.Errorf("data: split: %w",
				option.Errorf(given.option, "it must be empty: every fold holds out other %s", h.plural)))
		}
	}
	return errors.Join(problems...)
}

// names divides the names that occur into those to test on, to validate on and to train on, each sorted. valHeld may be
// empty, the others not. All three may share groups: what to do about these is decided by sides, item by item.
func (h holding) names(d *draw, names []string) (held, valHeld, rest []string, err error) {
	held, rest, err = h.pick(d, h.option, h.countOption, names, h.heldOut, h.heldOutCount)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(held) == 0 {
		return nil, nil, nil, fmt.Errorf("data: split: no %s is held out; set HeldOut or HeldOutCount", h.what)
	}
	if h.val != 0 && (len(h.valHeldOut) > 0 || h.valCount != 0) {
		return nil, nil, nil, fmt.Errorf("data: split: %w", option.Errorf("Val",
			"it draws from the training %s, and others are held out to validate on: leave out one of the two", h.plural))
	}
	for _, name := range h.valHeldOut {
		if slices.Contains(held, name) {
			return nil, nil, nil, fmt.Errorf("data: split: %w", option.Errorf("ValHeldOut",
				"%s %q is held out to test on: name another", h.what, name))
		}
	}
	// Names to validate on come from those that are left, so that none is held out twice.
	valHeld, rest, err = h.pick(d, "ValHeldOut", h.valOption, rest, h.valHeldOut, h.valCount)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(rest) > 0 {
		return held, valHeld, rest, nil
	}
	if len(names) == 1 {
		return nil, nil, nil, fmt.Errorf("data: split: the frame has one %s only, %q, so none can be held out; "+
			"split by item", h.what, names[0])
	}
	return nil, nil, nil, fmt.Errorf("data: split: all %d %s are held out; leave some to train on", len(names),
		h.plural)
}

// pick returns the names to hold out and the others, both in the order of names: those given, or else count of names
// drawn at random. Nothing given and count 0 = none (nil). name and ofCount are the options that give them, for errors:
// names given twice or not there, a count out of range, or both set.
func (h holding) pick(d *draw, name, ofCount string, names, given []string, count int) (held, rest []string,
	err error) {
	fail := func(format string, args ...any) ([]string, []string, error) {
		return nil, nil, fmt.Errorf("data: split: %w", option.Errorf(name, format, args...))
	}
	if len(given) > 0 && count != 0 {
		return fail("it names %s, and a count of %s is set too; set one of them", h.plural, h.plural)
	}
	if twice := listing.Repeated(given); len(twice) > 0 {
		return fail("%s named twice: %s", h.plural, listing.Quoted(twice))
	}
	for _, want := range given {
		if !slices.Contains(names, want) {
			return fail("no %s %q to hold out%s", h.what, want, listing.DidYouMean(want, names))
		}
	}
	if count < 0 || count > len(names) {
		return nil, nil, fmt.Errorf("data: split: %w", option.Errorf(ofCount, "%d %s to draw, there are %d", count,
			h.plural, len(names)))
	}
	if count > 0 { // the names are sorted, so that only the seed decides, not the order of items
		shuffled := slices.Clone(names)
		d.rng.Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		given = shuffled[:count]
	}
	for _, want := range names {
		if slices.Contains(given, want) {
			held = append(held, want)
		} else {
			rest = append(rest, want)
		}
	}
	return held, rest, nil
}

// sides assigns the items of the names to test on, validate on (may be none) and train on to their sides, less those
// whose group is on a held-out side. The test comes first, because a group that is on it may be on no other side.
func (h holding) sides(d *draw, test, val, train []int) (s *Split, err error) {
	fail := func(format string, args ...any) (*Split, error) {
		return nil, fmt.Errorf("data: split: "+format, args...)
	}
	s = &Split{Test: test}
	heldGroups := d.groupsOf(s.Test) // also those of test items that TestItems leaves out
	if h.testItems < 0 || h.testItems > len(s.Test) {
		return fail("%w", option.Errorf("TestItems", "%d is not from 0 to the %d items that the held-out %s have",
			h.testItems, len(s.Test), h.plural))
	}
	// With groups TestItems is met as nearly as whole groups allow.
	if h.testItems > 0 {
		if s.Test, _, err = d.take(s.Test, h.testItems, false); err != nil {
			return fail("%w", &option.Error{Option: "TestItems", Err: err})
		}
	}
	if len(val) > 0 {
		if s.Val = d.apart(val, heldGroups); len(s.Val) == 0 {
			return fail("%w", option.Errorf("ValHeldOut", "every item of these %s has a group with the %s to test on; "+
				"use smaller groups, or hold others out", h.plural, h.plural))
		}
		for g := range d.groupsOf(s.Val) { // training may have neither the groups of the test nor these
			heldGroups[g] = true
		}
	}
	if s.Train = d.apart(train, heldGroups); len(s.Train) == 0 {
		return fail("every item of the %s to train on has a group with the held-out %s; "+
			"use smaller groups, or hold others out", h.plural, h.plural)
	}
	// Val is a share of what is left to train on, and one item of every class or domain stays for training.
	if h.val != 0 {
		want, err := amount("Val", h.val, len(s.Train))
		if err != nil {
			return nil, err
		}
		if s.Val, s.Train, err = d.take(s.Train, want, true); err != nil {
			return fail("%w", &option.Error{Option: "Val", Err: err})
		}
	}
	return s, nil
}

// itemsOf returns the items with one of some names, ascending. index[i] is the place of item i's name in names, -1 =
// unknown.
func itemsOf(index []int, names, some []string) []int {
	wanted := make([]bool, len(names))
	for k, name := range names {
		wanted[k] = slices.Contains(some, name)
	}
	var items []int
	for i, c := range index {
		if c >= 0 && wanted[c] {
			items = append(items, i)
		}
	}
	return items
}

// groupsOf returns the groups that items belong to, by number, those of a single item included; none when there are no
// groups. The map is the caller's.
func (d *draw) groupsOf(items []int) map[int]bool {
	groups := make(map[int]bool)
	if d.group != nil {
		for _, i := range items {
			groups[d.group[i]] = true
		}
	}
	return groups
}

// apart returns the items whose group is not among some. It may reuse the slice items.
func (d *draw) apart(items []int, some map[int]bool) []int {
	if d.group == nil {
		return items
	}
	return slices.DeleteFunc(items, func(i int) bool { return some[d.group[i]] })
}
