package split

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/selection"
	"github.com/go-siamese/lab/data/option"
)

// ItemOptions control a split by item. Amounts below 1 are shares of all items, from 1 on they are counts and
// must be whole.
//
// No amount has a default, so 0 is none: items that nobody asked for would be missing in training. [Items] needs a
// Test; a split without validation items is sound.
type ItemOptions struct {
	// Val and Test are the amounts of these sides; the rest is for training.
	Val, Test float64
	// Seed is that of all that is drawn; 0 is a seed like any other.
	Seed uint64
	// Stratify gives every side its share of every class, as nearly as whole items allow, and
	// leaves an item of every class to train on. A side of several items has two classes where there are
	// two, however rare the second one is. Items of unknown class count as a class of their own.
	Stratify bool
	// Groups, unless empty, holds the group of every item, "" = a group of its own. Items of one
	// group, for instance crops of one picture, go to the same side; amounts are then met as
	// nearly as whole groups allow.
	Groups []string
	// Duplicates, when set, are those of the frame ([duplicates.Find]): exact and near duplicates
	// go to the same side too. An item that is in a group and has a duplicate joins the two, so that groups can become
	// large: [Split.String] says how many there are.
	Duplicates *duplicates.Duplicates
}

// Items returns a split by item, for testing on new items of classes that are trained on: the test items are
// drawn at random. {Val: .1, Test: .1, Stratify: true} leaves 80 % for training. The same frame, options and
// seed give the same split.
//
// Amounts out of range, groups of another length and sides that come out empty are errors; those with one option at
// fault are an [option.Error]. The cost is O(N log N).
func Items(f *data.Frame, opt ItemOptions) (*Split, error) {
	d, err := newDraw(f, opt.Seed, opt.strata(), opt.Groups, opt.Duplicates)
	if err != nil {
		return nil, err
	}
	test, err := amount("Test", opt.Test, f.N())
	if err != nil {
		return nil, err
	}
	val, err := amount("Val", opt.Val, f.N())
	if err != nil {
		return nil, err
	}
	s := &Split{Seed: opt.Seed, Groups: d.groups, Origin: opt.origin()}
	pool := selection.All(f.N())
	// The test is drawn first: with the same seed it stays the same when Val is changed.
	if s.Test, pool, err = d.take(pool, test, opt.Stratify); err != nil {
		return nil, fmt.Errorf("data: split: %w", &option.Error{Option: "Test", Err: err})
	}
	if len(s.Test) == 0 {
		return nil, fmt.Errorf("data: split: %w",
			option.Errorf("Test", "%g of %d items leaves no test items; ask for more", opt.Test, f.N()))
	}
	if s.Val, s.Train, err = d.take(pool, val, opt.Stratify); err != nil {
		return nil, fmt.Errorf("data: split: %w", &option.Error{Option: "Val", Err: err})
	}
	return checked(s, f, opt.Val > 0)
}

// FoldItems returns k splits in which every item is tested on exactly once. opt.Test is not used; opt.Val, a share or
// count of all items, is drawn from what a fold does not test on. With Stratify the folds share every class as evenly
// as whole items allow. Groups are assigned whole, the largest first, so that the folds are of about the same size. k
// must be from 2 to N, or to the number of groups.
func FoldItems(f *data.Frame, k int, opt ItemOptions) ([]*Split, error) {
	d, err := newDraw(f, opt.Seed, opt.strata(), opt.Groups, opt.Duplicates)
	if err != nil {
		return nil, err
	}
	if k < 2 || k > f.N() {
		return nil, fmt.Errorf("data: split: %d folds of %d items; want from 2 to the number of items", k, f.N())
	}
	val, err := amount("Val", opt.Val, f.N())
	if err != nil {
		return nil, err
	}
	// The tests of all folds are drawn before any validation side: with the same seed they stay the same when Val
	// changes.
	tests, err := d.folds(f.N(), k)
	if err != nil {
		return nil, err
	}
	splits := make([]*Split, k)
	for fold, test := range tests {
		s := &Split{Test: test, Seed: opt.Seed, Groups: d.groups, Origin: opt.origin()}
		s.Origin.Test, s.Origin.Fold, s.Origin.Folds = 0, fold+1, k
		if s.Val, s.Train, err = d.take(selection.Without(f.N(), test), val, opt.Stratify); err != nil {
			return nil, fmt.Errorf("data: split: fold %d of %d: %w", fold+1, k, &option.Error{Option: "Val", Err: err})
		}
		if splits[fold], err = checked(s, f, opt.Val > 0); err != nil {
			return nil, fmt.Errorf("fold %d of %d: %w", fold+1, k, err)
		}
	}
	return splits, nil
}

// folds divides n items into k parts whose sizes differ by at most one, or by what whole groups allow.
func (d *draw) folds(n, k int) ([][]int, error) {
	if d.group != nil {
		return d.assign(k)
	}
	parts := make([][]int, k)
	pool := selection.All(n)
	// Parts are drawn one after the other from what is left. Nothing has to stay for training: that is what the other
	// parts are for.
	for fold := range parts {
		var err error
		left := k - fold // parts, this one included; the division rounds to the nearest
		if parts[fold], pool, err = d.take(pool, (len(pool)+left/2)/left, false); err != nil {
			return nil, fmt.Errorf("data: split: fold %d of %d: %w", fold+1, k, err)
		}
	}
	return parts, nil
}

// strata returns what the items of a side are drawn in proportion to.
func (opt ItemOptions) strata() strata {
	if opt.Stratify {
		return byClass
	}
	return noStrata
}

// origin returns the record of how the split was made; folds take the amount for the test out and add their number.
func (opt ItemOptions) origin() Origin {
	return Origin{Kind: ByItem, Val: opt.Val, Test: opt.Test, Stratify: opt.Stratify}.with(opt.Duplicates)
}

// amount turns the option name, a share in [0, 1) or a whole count in [1, n], into a count of items: shares are
// rounded to the nearest. NaN, negative values and counts above n are errors.
func amount(name string, value float64, n int) (int, error) {
	switch {
	case !(value >= 0) || value > float64(n): // NaN too
		return 0, fmt.Errorf("data: split: %w",
			option.Errorf(name, "%g is neither a share below 1 nor a count up to the %d items there are", value, n))
	case value < 1:
		return int(math.Round(value * float64(n))), nil
	case value != math.Trunc(value):
		return 0, fmt.Errorf("data: split: %w",
			option.Errorf(name, "%g is not whole, and from 1 on it is a count of items", value))
	}
	return int(value), nil
}

// checked returns the split if it is sound and, where wanted, has validation items: a small share can round to none.
// All splits that are drawn pass it, so that a mistake here is an error and no leak.
func checked(s *Split, f *data.Frame, wantVal bool) (*Split, error) {
	err := s.Check(f)
	if wantVal && len(s.Val) == 0 {
		err = errors.Join(err, fmt.Errorf("data: split: %w",
			option.Errorf("Val", "%g of %d items leaves no validation items; ask for more", s.Origin.Val, f.N())))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// newRand returns the random numbers of a split. PCG gives the same ones on every machine. The second word, "split" in
// ASCII, keeps them independent of other uses of the same seed.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x73706c6974)) }
