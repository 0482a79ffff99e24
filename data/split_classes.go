package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ClassSplit says how to split by class.
type ClassSplit struct {
	// HeldOut names the classes to test on; nil = draw HeldOutCount classes at random.
	HeldOut      []string
	HeldOutCount int
	// TestItems limits the test to that many items of the held-out classes, in proportion to
	// their sizes; the others of these classes are left out. 0 = all of them.
	TestItems int
	// Val is how many items of the training classes to validate on: below 1 a share of what
	// is not held out, from 1 on a count. In proportion to the classes. 0 = none.
	Val float64
	// ValHeldOut, or else ValClasses drawn at random, are further classes to hold out: they
	// are validated on and not trained on, so that settings are chosen for new classes. Then
	// Val must be 0, and all items of these classes are on the validation side.
	ValHeldOut []string
	ValClasses int
	Seed       uint64
	// Groups, when set, holds the group of every item, "" = a group of its own. Items whose
	// group is also on a held-out side are left out, so that no group is on two sides.
	Groups []string
}

// SplitClasses returns a split into classes that are trained on and classes that are not: the
// test asks whether similarity was learned or only the classes. Items of unknown class are left
// out, since they might be of a held-out one. The same frame, options and seed give the same
// split.
//
// Unknown classes, counts that leave no class to train on, amounts out of range and sides that
// come out empty are errors.
func SplitClasses(f *Frame, opt ClassSplit) (*Split, error) {
	d, err := newDraw(f, opt.Seed, true, opt.Groups)
	if err != nil {
		return nil, err
	}
	names, index := f.Classes()
	held, rest, err := d.classes("HeldOut", names, opt.HeldOut, opt.HeldOutCount)
	if err != nil {
		return nil, err
	}
	if len(held) == 0 {
		return nil, errors.New("data: split: no class is held out; set HeldOut or HeldOutCount")
	}
	if opt.Val != 0 && (opt.ValHeldOut != nil || opt.ValClasses != 0) {
		return nil, errors.New("data: split: Val draws from the training classes, ValHeldOut and ValClasses hold classes out; set one of them")
	}
	valHeld, rest, err := d.classes("ValHeldOut", rest, opt.ValHeldOut, opt.ValClasses)
	if err != nil {
		return nil, err
	}
	if len(rest) == 0 {
		return nil, fmt.Errorf("data: split: all %d classes are held out; leave some to train on", len(names))
	}
	s := &Split{HeldOut: held, ValHeldOut: valHeld, Seed: opt.Seed}
	s.Test = itemsOf(names, index, held)
	heldGroups := d.groupsOf(s.Test) // also those of test items that TestItems leaves out
	if opt.TestItems < 0 || opt.TestItems > len(s.Test) {
		return nil, fmt.Errorf("data: split: TestItems is %d; the held-out classes have %d items", opt.TestItems, len(s.Test))
	}
	if opt.TestItems > 0 {
		if s.Test, _, err = d.take(s.Test, opt.TestItems, false); err != nil {
			return nil, fmt.Errorf("data: split: TestItems: %w", err)
		}
	}
	if valHeld != nil {
		s.Val = d.apart(itemsOf(names, index, valHeld), heldGroups)
		for g := range d.groupsOf(s.Val) {
			heldGroups[g] = true
		}
	}
	s.Train = d.apart(itemsOf(names, index, rest), heldGroups)
	if !(opt.Val >= 0) || opt.Val > math.MaxInt32 {
		return nil, fmt.Errorf("data: split: Val is %g; want a share below 1, or a count", opt.Val)
	}
	if opt.Val != 0 {
		val, err := amount("Val", opt.Val, len(s.Train))
		if err != nil {
			return nil, err
		}
		if s.Val, s.Train, err = d.take(s.Train, val, true); err != nil {
			return nil, fmt.Errorf("data: split: Val: %w", err)
		}
	}
	return checked(s, f, opt.Val > 0 || valHeld != nil, opt.Groups)
}

// FoldClasses returns k splits in which every class is held out for the test exactly once.
// Fold i holds out its part of the classes, dealt at random; opt.HeldOut and HeldOutCount are
// not used, and neither may ValHeldOut be (ValClasses may). k must be from 2 to the number of
// classes.
func FoldClasses(f *Frame, k int, opt ClassSplit) ([]*Split, error) {
	if opt.HeldOut != nil || opt.HeldOutCount != 0 || opt.ValHeldOut != nil {
		return nil, errors.New("data: split: folds draw the held-out classes; HeldOut, HeldOutCount and ValHeldOut must be empty")
	}
	d, err := newDraw(f, opt.Seed, true, opt.Groups)
	if err != nil {
		return nil, err
	}
	names, _ := f.Classes()
	if k < 2 || k > len(names) {
		return nil, fmt.Errorf("data: split: %d folds of %d classes; want from 2 to the number of classes", k, len(names))
	}
	d.rng.Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
	splits := make([]*Split, k)
	for fold := range splits {
		opt.HeldOut = slices.Sorted(slices.Values(names[fold*len(names)/k : (fold+1)*len(names)/k]))
		if splits[fold], err = SplitClasses(f, opt); err != nil {
			return nil, fmt.Errorf("fold %d: %w", fold, err)
		}
	}
	return splits, nil
}

// classes returns the classes to hold out, sorted, and the others: those given, or else count
// drawn at random. Nothing given and count 0 = none (nil).
func (d *draw) classes(option string, names, given []string, count int) (held, rest []string, err error) {
	if given != nil && count != 0 {
		return nil, nil, fmt.Errorf("data: split: %s names classes and a count of classes is set too; set one of them", option)
	}
	if twice := repeated(given); len(twice) > 0 {
		return nil, nil, fmt.Errorf("data: split: %s: classes named twice: %s", option, quoted(twice))
	}
	for _, class := range given {
		if !slices.Contains(names, class) {
			return nil, nil, fmt.Errorf("data: split: %s: no class %q to hold out%s", option, class, didYouMean(class, names))
		}
	}
	if count < 0 || count > len(names) {
		return nil, nil, fmt.Errorf("data: split: %s: %d classes to draw, there are %d", option, count, len(names))
	}
	if count > 0 {
		shuffled := slices.Clone(names)
		d.rng.Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		given = shuffled[:count]
	}
	for _, class := range names {
		if slices.Contains(given, class) {
			held = append(held, class)
		} else {
			rest = append(rest, class)
		}
	}
	return held, rest, nil
}

// itemsOf returns the items of some classes, ascending. index is that of Frame.Classes.
func itemsOf(names []string, index []int, classes []string) []int {
	wanted := make([]bool, len(names))
	for k, name := range names {
		wanted[k] = slices.Contains(classes, name)
	}
	var items []int
	for i, c := range index {
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
