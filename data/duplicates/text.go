package duplicates

import (
	"fmt"
)

// String returns one line: how many items repeat another one exactly and nearly, in how many groups.
func (d *Duplicates) String() string {
	beyond := func(groups [][]int) int {
		k := 0
		for _, g := range groups {
			k += len(g) - 1
		}
		return k
	}
	text := fmt.Sprintf("exact duplicates: %d beyond the first of %d groups", beyond(d.Exact), len(d.Exact))
	if d.Threshold > 0 {
		text += fmt.Sprintf("; with near ones (similarity %g and up): %d beyond the first of %d groups, %d pairs",
			d.Threshold, beyond(d.Near), len(d.Near), d.PairCount)
	} else {
		text += "; near ones were not looked for"
	}
	if len(d.Blank) > 0 {
		text += fmt.Sprintf("; %d items have no value to compare", len(d.Blank))
	}
	return text
}

// String returns "items 3 and 7 (similarity 0.9812)".
func (p NearPair) String() string {
	return fmt.Sprintf("items %d and %d (similarity %.4f)", p.I, p.J, p.Similarity)
}
