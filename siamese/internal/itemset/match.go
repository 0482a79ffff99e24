package itemset

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
)

// Disjoint returns an error if an item, by id, is in both frames; a and b name them in the error. Such items would be
// tested with what was trained on, so that this is an error, while equal values (see [Copies]) may be chance.
func Disjoint(a string, left *data.Frame, b string, right *data.Frame) error {
	// Ids are unique within a frame (data.Frame.Validate), so that both lists an item once. Of the fewer a map is made:
	// training items may be millions.
	shared := make(map[string]bool, min(left.N(), right.N())) // whether the id is in the other frame too
	fewer, more := right.IDs, left.IDs
	if left.N() < right.N() {
		fewer, more = more, fewer
	}
	for _, id := range fewer {
		shared[id] = false
	}
	for _, id := range more {
		if _, ok := shared[id]; ok {
			shared[id] = true
		}
	}
	var both []string
	for _, id := range right.IDs {
		if shared[id] {
			both = append(both, id)
		}
	}
	if len(both) > 0 {
		return fmt.Errorf("%d item(s) are in both %s and %s (first: %q): split the items first", len(both), a, b,
			both[0])
	}
	return nil
}

// Copies returns a warning if items of right have exactly the values of items of left, nil otherwise: such items leak
// even if their ids differ. a and b name the frames, which have the same columns, or there is an error. It compares
// hashes of all rows, and does not find near duplicates (see package duplicates).
func Copies(a string, left *data.Frame, b string, right *data.Frame) ([]string, error) {
	shared, err := duplicates.SharedRows(left, right)
	if err != nil || len(shared) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("%d of %d %s items have exactly the values of a %s item (first: %q and %q): "+
		"metrics on them are too good; split with Duplicates, or see the split's Leakage",
		len(shared), right.N(), b, a, right.IDs[shared[0][1]], left.IDs[shared[0][0]])}, nil
}

// ClassNumbers returns the class names and the class number of every item. An item without a label has a number of its
// own, from len(names) on, so that it is the same as no other: package metric then counts its pairs as different.
func ClassNumbers(frame *data.Frame) (names []string, numbers []int32) {
	names, index := frame.Classes()
	numbers = make([]int32, frame.N())
	next := int32(len(names)) // the number of the next item without a label
	for i := range numbers {
		if index == nil || index[i] < 0 {
			numbers[i], next = next, next+1
			continue
		}
		numbers[i] = int32(index[i])
	}
	return names, numbers
}

// AllItems returns the numbers of all items, 0 to N-1, for functions that take a selection.
func AllItems(f *data.Frame) []int {
	items := make([]int, f.N())
	for i := range items {
		items[i] = i
	}
	return items
}

// NewClasses returns an error if a class of unseen is also in train, or unseen has fewer than two classes, with which
// no pair of them would be different. separator is that of the labels of both, "" = a label is one class.
func NewClasses(train, unseen *data.Frame, separator string) error {
	// One class in common is enough to make metrics of unseen classes wrong.
	known, names := LabelsOf(train, separator).Names, LabelsOf(unseen, separator).Names
	for _, name := range names { // by name: class numbers of two frames are not comparable
		if slices.Contains(known, name) {
			return fmt.Errorf("unseen items: class %q is trained on: give items of other classes", name)
		}
	}
	// Of one class all pairs are the same, and neither ROC-AUC nor MAP@R says anything.
	if len(names) < 2 {
		return fmt.Errorf("unseen items: %d class(es) among %d items: give items of at least two", len(names),
			unseen.N())
	}
	return nil
}
