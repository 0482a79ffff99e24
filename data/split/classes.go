package split

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
)

// ClassOptions control a split by class. One of HeldOut and HeldOutCount must be set: which classes are new is the
// question that the test asks, so there is no default. Everything else may be zero.
type ClassOptions struct {
	// HeldOut names the classes to test on; none = draw HeldOutCount classes at random.
	HeldOut []string
	// HeldOutCount is how many classes to draw; 0 = none are drawn, because HeldOut names them.
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
	// ValClasses is how many classes to draw for ValHeldOut; 0 = none.
	ValClasses int
	// Seed is that of all that is drawn; 0 is a seed like any other.
	Seed uint64
	// Groups, unless empty, holds the group of every item, "" = a group of its own. Items whose
	// group is also on a held-out side are left out, so that no group is on two sides.
	Groups []string
	// Duplicates, when set, are those of the frame ([duplicates.Find]): they count as groups too.
	Duplicates *duplicates.Duplicates
}

// Classes returns a split into classes that are trained on and classes that are not: the test shows whether
// similarity was learned or only the classes. Items of unknown class ("") are left out, since they might be of a
// held-out one. The same frame, options and seed give the same split. It always draws in proportion to the classes.
//
// Unknown classes, counts that leave no class to train on, amounts out of range and sides that
// come out empty are errors; those with one option at fault are an [option.Error].
func Classes(f *data.Frame, opt ClassOptions) (*Split, error) { return opt.holding().split(f) }

// FoldClasses returns k splits in which every class is held out for the test exactly once. Fold i holds out its part of
// the classes, assigned at random: N/k of them, rounded down or up. HeldOut, HeldOutCount and ValHeldOut must be empty,
// since every fold holds out other classes (ValClasses may be set). k must be from 2 to the number of classes.
func FoldClasses(f *data.Frame, k int, opt ClassOptions) ([]*Split, error) {
	h := opt.holding()
	if err := h.unheld(); err != nil {
		return nil, err
	}
	d, err := h.newDraw(f)
	if err != nil {
		return nil, err
	}
	names, _ := f.Classes()
	if len(names) < 2 {
		return nil, fmt.Errorf("data: split: %d folds of %d classes; there must be two classes, or fold by item", k,
			len(names))
	}
	if k < 2 || k > len(names) {
		return nil, fmt.Errorf("data: split: %d folds of %d classes; want from 2 to the number of classes", k,
			len(names))
	}
	d.rng.Shuffle(len(names), func(a, b int) { names[a], names[b] = names[b], names[a] })
	parts := make([][]string, k)
	for fold := range parts {
		parts[fold] = slices.Sorted(slices.Values(names[fold*len(names)/k : (fold+1)*len(names)/k]))
	}
	return h.folds(f, parts)
}

// holding returns the options in the form that classes and domains share.
func (opt ClassOptions) holding() holding {
	return holding{
		kind: ByClass, what: "class", plural: "classes", option: "HeldOut", countOption: "HeldOutCount", valOption: "ValClasses", strata: byClass,
		column:  func(f *data.Frame) ([]string, []int, error) { names, index := f.Classes(); return names, index, nil },
		heldOut: opt.HeldOut, heldOutCount: opt.HeldOutCount, valHeldOut: opt.ValHeldOut, valCount: opt.ValClasses,
		testItems: opt.TestItems, val: opt.Val, seed: opt.Seed, groups: opt.Groups, duplicates: opt.Duplicates,
	}
}
