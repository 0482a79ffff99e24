package siamese

import (
	"fmt"

	"github.com/go-siamese/lab/data"
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
