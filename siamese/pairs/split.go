package pairs

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/siamese/internal/streams"
)

// SplitOptions say how pairs are split by item. Amounts are of the items that are in pairs: below 1 shares, from 1 on
// whole counts.
type SplitOptions struct {
	// Val and Test are the amounts for validation and test. Val 0 = no validation side; Test must not be 0.
	Val, Test float64
	// Seed chooses among splits that are equally good. 0 is a seed like any other.
	Seed uint64
	// Groups, when set, holds the group of every item of the frame, "" = a group of its own. Items of one group, for
	// instance crops of one picture or near duplicates (see [duplicates.Duplicates.Groups]), go to the same side.
	Groups []string
}

// Split is a table of pairs assigned to sides so that no item is on two of them: a model that was trained on one pair
// of an item knows the item, and a test of its other pairs would flatter.
type Split struct {
	// Items are the items of each side. It can be saved, loaded and checked; see [ApplySplit].
	Items *split.Split
	// Train, Val and Test are the pairs with both items on that side, in the order of the table. Item numbers stay
	// those of the frame: see [Pairs.Only] for a frame of one side.
	Train, Val, Test Pairs
	// Lost counts the pairs on no side: their items are on two sides, or on none.
	Lost Lost
	// Cut is the number of connected components of the pairs that had to be cut. A split that was loaded has 0.
	Cut int
	// Warnings are those of [Pairs.Validate], then what is unusual about the split: many lost pairs, and sides whose
	// labels differ from those of all pairs.
	Warnings []string
}

// Lost counts pairs that a split leaves out, by kind (see [Pairs.Same]) and whatever their weight.
type Lost struct {
	Same, Different int
}

// Len is the number of lost pairs, of both kinds.
func (l Lost) Len() int { return l.Same + l.Different }

// NewSplit splits pairs of the items of frame by item. Small components of items that are linked by pairs stay whole,
// which loses no pair; large ones, which are usual, are cut so that few pairs are lost. Sides get their share of items
// within 5 % or one item, or as closely as whole groups allow, with similar shares of positive pairs. Labels of the
// frame are not used. Items in no pair are on no side.
//
// The same pairs, frame and options give the same split. It returns an error for invalid pairs, amounts out of range
// (an [option.Error] with the name of the field) and sides without pairs; Lost and Warnings report what the split
// costs. The best of 2 to 32 tries is kept, more of them for small tables. Each takes O(B log B) operations.
func NewSplit(pairs Pairs, frame *data.Frame, opt SplitOptions) (*Split, error) {
	warnings, err := checkSplit(pairs, frame, opt)
	if err != nil {
		return nil, err
	}
	g := newPairGraph(pairs, frame.N(), opt.Groups, nil)
	val, test, err := opt.amounts(g.total[0])
	if err != nil {
		return nil, err
	}
	if test == 0 {
		return nil, fmt.Errorf("split pairs: %w",
			option.Errorf("Test", "%g gives no test items of the %.0f that are in pairs", opt.Test, g.total[0]))
	}
	provenance.Seed(opt.Seed)
	// Sides are numbered as in the list below: 0 = training, which gets what the others leave.
	side, cut := g.assign([]float64{g.total[0] - val - test, val, test}, streams.Rand(opt.Seed, streams.PairSplit))
	items := opt.items()
	items.Origin.Test = opt.Test
	// Items are appended in order, so that sides are ascending.
	for i, v := range g.node {
		if v >= 0 {
			to := []*[]int{&items.Train, &items.Val, &items.Test}[side[v]]
			*to = append(*to, i)
		}
	}
	return finishSplit(pairs, frame, items, opt, cut, warnings)
}

// ApplySplit assigns pairs to the sides of an existing split of items, for instance one loaded with [split.Load]. Items
// that are in no pair may be on its sides. Sides may be without pairs, which is no error here. It returns an error for
// invalid pairs, and for a split that is nil or not of this frame.
func ApplySplit(pairs Pairs, frame *data.Frame, items *split.Split) (*Split, error) {
	warnings, err := checkSplit(pairs, frame, SplitOptions{})
	if err != nil {
		return nil, err
	}
	if err := items.Check(frame); err != nil {
		return nil, fmt.Errorf("split pairs: %w", err)
	}
	s := &Split{Items: items, Warnings: warnings}
	s.fill(pairs, frame.N())
	s.warn(pairs)
	return s, nil
}

// checkSplit returns the warnings of [Pairs.Validate], or an error for what no split can be made of. It does not check
// the amounts, which depend on the number of items in pairs.
func checkSplit(pairs Pairs, frame *data.Frame, opt SplitOptions) (warnings []string, err error) {
	if frame == nil {
		return nil, errors.New("split pairs: the frame is nil")
	}
	if warnings, err = pairs.Validate(frame.N()); err != nil {
		return nil, fmt.Errorf("split pairs: %w", err)
	}
	if pairs.Len() == 0 {
		return nil, errors.New("split pairs: there are no pairs")
	}
	if opt.Groups != nil && len(opt.Groups) != frame.N() {
		return nil, fmt.Errorf("split pairs: %d groups for %d items", len(opt.Groups), frame.N())
	}
	return warnings, nil
}

// amounts returns the numbers of items for validation and test, whole numbers of the given items that are in pairs, or
// an [option.Error] for amounts that are out of range, round to 0 although they are not, or leave none for training.
func (o SplitOptions) amounts(items float64) (val, test float64, err error) {
	for _, a := range []struct {
		name  string
		value float64
		to    *float64
	}{{"Val", o.Val, &val}, {"Test", o.Test, &test}} {
		switch {
		case !(a.value >= 0) || a.value > items:
			return 0, 0, fmt.Errorf("split pairs: %w",
				option.Errorf(a.name,
					"%g is neither a share below 1 nor a count up to the %.0f items that are in pairs", a.value, items))
		case a.value < 1:
			*a.to = math.Round(a.value * items)
		case a.value != math.Trunc(a.value):
			return 0, 0, fmt.Errorf("split pairs: %w",
				option.Errorf(a.name, "%g is not whole, and from 1 on it is a count of items", a.value))
		default:
			*a.to = a.value
		}
		if a.value > 0 && *a.to == 0 {
			return 0, 0, fmt.Errorf("split pairs: %w",
				option.Errorf(a.name, "%g is less than one of %.0f items", a.value, items))
		}
	}
	if val+test >= items {
		return 0, 0, fmt.Errorf("split pairs: %w", option.Errorf("Val",
			"%.0f items, and %.0f for test, of %.0f in pairs: none are left for training", val, test, items))
	}
	return val, test, nil
}

// items returns a split without items, with its seed, groups and origin. Groups are copied: the split is saved later.
func (o SplitOptions) items() *split.Split {
	return &split.Split{Seed: o.Seed, Groups: slices.Clone(o.Groups),
		Origin: split.Origin{Kind: split.ByItem, Val: o.Val}}
}

// errNoPairs is what is wrong with a side that has items, or none, and no pair of them.
var errNoPairs = errors.New("no pair has both items there: give it more items, or more pairs")

// finishSplit assigns the pairs to a new split of items and checks it: each side that was asked for needs a pair,
// because nothing can be trained, chosen or tested without.
func finishSplit(pairs Pairs, frame *data.Frame, items *split.Split, opt SplitOptions, cut int,
	warnings []string) (*Split, error) {
	s := &Split{Items: items, Cut: cut, Warnings: warnings}
	s.fill(pairs, frame.N())
	var err error
	for _, side := range s.sides() {
		// A validation side is optional.
		if side.Pairs.Len() == 0 && (side.Name != "validation" || opt.Val > 0) {
			err = errors.Join(err, fmt.Errorf("%s side (%d items): %w", side.Name, len(side.Items), errNoPairs))
		}
	}
	if err == nil {
		err = items.Check(frame)
	}
	if err != nil {
		return nil, fmt.Errorf("split pairs: %w", err)
	}
	s.warn(pairs)
	return s, nil
}
