package siamese

import (
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
)

// disjoint returns an error when an item, by id, is in both frames; a and b say what they are.
func disjoint(a string, left *data.Frame, b string, right *data.Frame) error {
	seen := make(map[string]bool, left.N())
	for _, id := range left.IDs {
		seen[id] = true
	}
	var both []string
	for _, id := range right.IDs {
		if seen[id] {
			both = append(both, id)
		}
	}
	if len(both) > 0 {
		return fmt.Errorf("%d item(s) are in both %s and %s (first: %q): split the items first", len(both), a, b, both[0])
	}
	return nil
}

// copies returns a warning when items of right have exactly the values of items of left: their ids differ, but what
// is learned from one is known of the other. a and b say what the frames are, which have the same columns. nil = none.
func copies(a string, left *data.Frame, b string, right *data.Frame) ([]string, error) {
	shared, err := duplicates.SharedRows(left, right)
	if err != nil || len(shared) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("%d of %d %s items have exactly the values of a %s item (first: %q and %q): figures on them are too good; split with Duplicates, or see the split's Leakage",
		len(shared), right.N(), b, a, right.IDs[shared[0][1]], left.IDs[shared[0][0]])}, nil
}

// hashes returns what TrainedOn is if the model was trained on the items of frame.
func (m *Model) hashes(frame *data.Frame) ([]uint64, error) {
	out, err := duplicates.RowHashes(frame, m.Transform.Columns)
	slices.Sort(out)
	return slices.Compact(out), err
}

// trainedOn says which items of test a model was trained on, or copies of them.
func trainedOn(m *Model, test *data.Frame) ([]string, error) {
	if len(m.TrainedOn) == 0 {
		return nil, nil
	}
	hashes, err := duplicates.RowHashes(test, m.Transform.Columns)
	if err != nil {
		return nil, err
	}
	known, first := 0, 0
	for i, h := range hashes {
		if _, found := slices.BinarySearch(m.TrainedOn, h); found {
			if known++; known == 1 {
				first = i
			}
		}
	}
	if known == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("%d of %d test items have exactly the values of an item that the model was trained on (first: %q): figures on them are too good; judge the model on the split that it was trained on, or split with Duplicates",
		known, test.N(), test.IDs[first])}, nil
}

// classNumbers returns the class names and every item's class number, a number of its own for an item
// without a label: it is the same as no other.
func classNumbers(frame *data.Frame) (names []string, numbers []int32) {
	names, index := frame.Classes()
	numbers = make([]int32, frame.N())
	next := int32(len(names))
	for i := range numbers {
		if index == nil || index[i] < 0 {
			numbers[i], next = next, next+1
			continue
		}
		numbers[i] = int32(index[i])
	}
	return names, numbers
}
