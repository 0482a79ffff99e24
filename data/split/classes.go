package split

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
)

// ClassOptions control a split by class.
type ClassOptions struct {
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
	// Duplicates, when set, are those of the frame ([duplicates.Find]): they count as groups too.
	Duplicates *duplicates.Duplicates
}

// Classes returns a split into classes that are trained on and classes that are not: the test shows whether
// similarity was learned or only the classes. Items of unknown class are left out, since they might be of a
// held-out one. The same frame, options and seed give the same split.
//
// Unknown classes, counts that leave no class to train on, amounts out of range and sides that
// come out empty are errors.
func Classes(f *data.Frame, opt ClassOptions) (*Split, error) {
	d, err := newDraw(f, opt.Seed, byClass, opt.Groups, opt.Duplicates)
	if err != nil {
		return nil, err
	}
	names, index := f.Classes()
	s, held, valHeld, err := holding{
		what: "class", plural: "classes", vals: "ValClasses", names: names, index: index,
		heldOut: opt.HeldOut, heldOutCount: opt.HeldOutCount, valHeldOut: opt.ValHeldOut, valCount: opt.ValClasses,
		testItems: opt.TestItems, val: opt.Val,
	}.draw(d)
	if err != nil {
		return nil, err
	}
	s.HeldOut, s.ValHeldOut, s.Seed, s.Groups = held, valHeld, opt.Seed, d.groups
	s.Origin = Origin{Kind: ByClass, Val: opt.Val, TestItems: opt.TestItems, Stratify: true}.with(opt.Duplicates)
	return checked(s, f, opt.Val > 0 || valHeld != nil)
}

// FoldClasses returns k splits in which every class is held out for the test exactly once. Fold i holds out its
// part of the classes, assigned at random; opt.HeldOut and HeldOutCount are not used, and neither may
// ValHeldOut be (ValClasses may). k must be from 2 to the number of classes.
func FoldClasses(f *data.Frame, k int, opt ClassOptions) ([]*Split, error) {
	if opt.HeldOut != nil || opt.HeldOutCount != 0 || opt.ValHeldOut != nil {
		return nil, errors.New("data: split: folds draw the held-out classes; " +
			"HeldOut, HeldOutCount and ValHeldOut must be empty")
	}
	d, err := newDraw(f, opt.Seed, byClass, opt.Groups, opt.Duplicates)
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
	splits := make([]*Split, k)
	for fold := range splits {
		opt.HeldOut = slices.Sorted(slices.Values(names[fold*len(names)/k : (fold+1)*len(names)/k]))
		if splits[fold], err = Classes(f, opt); err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", fold+1, k, err)
		}
		splits[fold].Origin.Fold, splits[fold].Origin.Folds = fold+1, k
	}
	return splits, nil
}
