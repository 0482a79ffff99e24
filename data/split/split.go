// Package split divides the items of a frame into training, validation and test sides that share nothing.
//
//   - [Items], [Classes] and [Domains] draw a split, [FoldItems], [FoldClasses] and [FoldDomains] one for every fold.
//     They differ in what is new about the test items: [ByItem], [ByClass] or [ByDomain].
//   - Groups and duplicates stay on one side.
//   - [Split.Check] proves that a split is sound, [Split.Leakage] looks for duplicates and other leaks between sides.
//   - [Split.Save] and [Load] keep a split in a file with hashes of the data that it was made for.
//
// The usual order of calls:
//
//	copies, err := duplicates.Find(ctx, frame, duplicates.Options{})
//	s, err := split.Items(frame, split.ItemOptions{Val: .1, Test: .1, Stratify: true, Seed: 1, Duplicates: copies})
//	leakage, err := s.Leakage(ctx, frame, split.LeakageOptions{Similarity: duplicates.Near})
//	err = leakage.Err()
//	err = s.Save("split.json", frame)
//	train, val, test := frame.Select(s.Train), frame.Select(s.Val), frame.Select(s.Test)
//
// Which kind to choose depends on what the model will meet. New items of the classes that it was trained on: by item.
// Classes that it was not trained on: by class; a test by item says nothing about them. Items from another source: by
// domain.
//
// The same frame, options and seed give the same split on every machine. A split holds numbers of items, so it belongs
// to one frame: Select items only after splitting, or load the split for the frame at hand.
package split

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
)

// Split assigns items of a frame to training, validation (choosing settings, thresholds, when to stop) and
// test. Items on no side are left out. It can be made by hand: [Split.Check] says whether it is sound.
type Split struct {
	// Train, Val and Test are the sides: numbers of items of the frame, ascending where this package made them.
	Train, Val, Test []int
	// HeldOut are the classes whose items are in Test only; then Test holds nothing else.
	// None = the classes of the test items are trained on.
	HeldOut []string
	// ValHeldOut are the classes whose items are in Val only; then Val holds nothing else.
	ValHeldOut []string
	// HeldOutDomains and ValHeldOutDomains are the same for domains.
	HeldOutDomains, ValHeldOutDomains []string
	// Groups holds the group of every item of the frame, which stays on one side; "" = the item is alone. Empty =
	// there are no groups.
	Groups []string
	// Seed is the seed that the split was drawn with. Nothing is computed from it.
	Seed uint64
	// Origin records how the split was made. Nothing is computed from it.
	Origin Origin
}

// Kinds of split, by what is new about the test items.
const (
	ByItem   = "items"   // new items, possibly of classes that were trained on
	ByClass  = "classes" // classes that were not trained on
	ByDomain = "domains" // domains that were not trained on
)

// Origin records how a split was made, so that it can be made again; the manifest holds it with the seed, the
// held-out names and the groups. The zero value is a split made by hand.
//
// Zero in a saved split means none: no fold, no such amount.
type Origin struct {
	Kind      string  `json:"kind,omitempty"`       // one of the kinds above; "" = made by hand
	Fold      int     `json:"fold,omitempty"`       // from 1; 0 = no fold
	Folds     int     `json:"folds,omitempty"`      // how many there are
	Val       float64 `json:"val,omitempty"`        // the amounts that were asked for, see [ItemOptions]; 0 = none
	Test      float64 `json:"test,omitempty"`       // 0 = the test is what was held out, or a fold
	TestItems int     `json:"test_items,omitempty"` // see [ClassOptions]; 0 = all
	Stratify  bool    `json:"stratify,omitempty"`   // sides have their shares of the classes
	// Duplicates says that duplicates were kept on one side: exact ones, and from the similarity
	// NearDuplicates on near ones (0 = exact ones only).
	Duplicates     bool    `json:"duplicates,omitempty"`
	NearDuplicates float64 `json:"near_duplicates,omitempty"`
}

// String returns in a line how the split was made: "items, val 0.1, test 0.1, stratified".
func (o Origin) String() string {
	text := cmp.Or(o.Kind, "made by hand")
	if o.Fold > 0 {
		text += fmt.Sprintf(", fold %d of %d", o.Fold, o.Folds)
	}
	for _, amount := range []struct {
		name  string
		value float64
	}{{"val", o.Val}, {"test", o.Test}, {"test items", float64(o.TestItems)}} {
		if amount.value > 0 {
			text += fmt.Sprintf(", %s %g", amount.name, amount.value)
		}
	}
	if o.Stratify {
		text += ", stratified"
	}
	switch {
	case o.NearDuplicates > 0:
		text += fmt.Sprintf(", near duplicates (%g and up) together", o.NearDuplicates)
	case o.Duplicates:
		text += ", exact duplicates together"
	}
	return text
}

// with returns the origin with which duplicates were kept on one side; nil = none.
func (o Origin) with(d *duplicates.Duplicates) Origin {
	if d != nil {
		o.Duplicates, o.NearDuplicates = true, d.Threshold
	}
	return o
}

// String describes the split in one line: the sizes of its sides, the seed, the fold, what is held out, and how many
// groups of two items or more there are.
func (s *Split) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d train, %d validation, %d test items (seed %d)", len(s.Train), len(s.Val), len(s.Test), s.Seed)
	if s.Origin.Fold > 0 {
		fmt.Fprintf(&out, "; fold %d of %d", s.Origin.Fold, s.Origin.Folds)
	}
	for _, held := range s.held() {
		if len(held.names) > 0 {
			fmt.Fprintf(&out, "; %s %s held out: %s", held.side, held.plural, listing.Quoted(held.names))
		}
	}
	if len(s.Groups) > 0 {
		fmt.Fprintf(&out, "; %d groups kept whole", len(groupSizes(s.Groups)))
	}
	return out.String()
}

// side is a side of a split with its name.
type side struct {
	name  string // "train", "validation" or "test"
	items []int
}

// sides returns the three sides in the order of the fields. They share their items with the split.
func (s *Split) sides() []side {
	return []side{{"train", s.Train}, {"validation", s.Val}, {"test", s.Test}}
}

// Check returns nil when the split is sound for the frame, or one error that joins every
// problem: indices out of range, an item twice on a side or on two sides (named by id), no
// item in Train or in Test (an empty Val is allowed), held-out classes that do not occur in
// the frame or occur on another side, other classes on a side that is for held-out ones, the
// same of domains, and groups on two sides. [Split.Leakage] looks further, at the values. The cost is O(N).
func (s *Split) Check(f *data.Frame) error {
	if s == nil || f == nil {
		return errors.New("data: split: the split or the frame is nil")
	}
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: split: "+format, args...))
	}
	// A validation side is for choosing: without one the split can still train and test.
	if len(s.Train) == 0 {
		add("no training items")
	}
	if len(s.Test) == 0 {
		add("no test items")
	}
	owner := make([]int, f.N()) // 1 + the side of an item, 0 = none
	inRange := true
	for k, side := range s.sides() {
		var outside, twice []string
		var shared [3][]string // ids of items that an earlier side has too, by that side
		for _, i := range side.items {
			switch {
			case i < 0 || i >= f.N():
				outside = append(outside, fmt.Sprint(i))
			case owner[i] == k+1:
				twice = append(twice, f.IDs[i])
			case owner[i] != 0:
				shared[owner[i]-1] = append(shared[owner[i]-1], f.IDs[i])
			default:
				owner[i] = k + 1
			}
		}
		if len(outside) > 0 {
			inRange = false
			add("%s: items out of range [0, %d): %s", side.name, f.N(), listing.Listed(outside, len(outside)))
		}
		if len(twice) > 0 {
			add("%s: items more than once: %s", side.name, listing.Quoted(twice))
		}
		for j, ids := range shared {
			if len(ids) > 0 {
				add("items on both the %s and the %s side: %s", s.sides()[j].name, side.name, listing.Quoted(ids))
			}
		}
	}
	if inRange { // else there is no item to look up
		problems = append(problems, s.checkHeldOut(f)...)
	}
	if len(s.Groups) > 0 && len(s.Groups) != f.N() {
		add("%d groups for %d items", len(s.Groups), f.N())
	} else if inRange && len(s.Groups) > 0 {
		problems = append(problems, s.CheckGroups(s.Groups))
	}
	return errors.Join(problems...)
}
