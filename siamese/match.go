package siamese

import (
	"fmt"

	"github.com/go-siamese/lab/data"
)

// disjoint returns an error when an item, by id, is in both frames.
func disjoint(train, val *data.Frame) error {
	seen := make(map[string]bool, train.N())
	for _, id := range train.IDs {
		seen[id] = true
	}
	var both []string
	for _, id := range val.IDs {
		if seen[id] {
			both = append(both, id)
		}
	}
	if len(both) > 0 {
		return fmt.Errorf("%d item(s) are in both training and validation (first: %q): split the items first", len(both), both[0])
	}
	return nil
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
