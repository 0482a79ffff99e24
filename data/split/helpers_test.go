package split

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// names returns the option as a list, "" as none.
func names(option string) []string {
	if option == "" {
		return nil
	}
	return []string{option}
}

// wantError fails the test unless err is an error about the options, in order (none = about no single option), whose
// text has every part: the values that it is about, not its wording.
func wantError(t *testing.T, err error, options []string, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one with %q", parts)
		return
	}
	if got := option.Names(err); !slices.Equal(got, options) {
		t.Errorf("%v\nis about options %q, want %q", err, got, options)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\nwant it to have %q", err, part)
		}
	}
}

// labelled returns a frame with one column and the given number of items of every class
// "c0", "c1", …, assigned in turn.
func labelled(sizes ...int) *data.Frame {
	f := &data.Frame{Columns: []string{"f"}, Blocks: []data.Block{{Name: "f", Start: 0, End: 1}}}
	for round := range slices.Max(sizes) {
		for c, n := range sizes {
			if round < n {
				f.X = append(f.X, float32(len(f.IDs)))
				f.IDs = append(f.IDs, fmt.Sprintf("i%d", len(f.IDs)))
				f.Labels = append(f.Labels, fmt.Sprintf("c%d", c))
			}
		}
	}
	return f
}

// equalClasses is the size of the built-in data: 20 classes of 1,000 items.
func equalClasses() *data.Frame {
	sizes := make([]int, 20)
	for c := range sizes {
		sizes[c] = 1000
	}
	return labelled(sizes...)
}

func perClass(f *data.Frame, items []int) map[string]int {
	counts := make(map[string]int)
	for _, i := range items {
		counts[f.Labels[i]]++
	}
	return counts
}

func groupsOfThree(n int) []string {
	groups := make([]string, n)
	for i := range groups {
		if i%7 != 0 { // every seventh is alone
			groups[i] = fmt.Sprintf("g%d", i/3)
		}
	}
	return groups
}
