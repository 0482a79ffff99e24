package data

import "github.com/go-siamese/lab/data/internal/selection"

// Classes returns the sorted names of the classes that occur, and for every item the index
// of its class in names, or -1 when its label is unknown (""). A frame without labels has no
// classes and only -1.
func (f *Frame) Classes() (names []string, index []int) {
	if f.Labels == nil {
		return selection.Indexed(make([]string, f.N()))
	}
	return selection.Indexed(f.Labels)
}

// ClassCounts returns the number of items of every class, in the order of [Frame.Classes]. Items of unknown label are
// not counted.
func (f *Frame) ClassCounts() (names []string, counts []int) {
	names, index := f.Classes()
	counts = make([]int, len(names))
	for _, c := range index {
		if c >= 0 {
			counts[c]++
		}
	}
	return names, counts
}

// OneClass returns the only class of the items that have a label; false = there are no such items, or several classes.
// Where there is one class, no pair is different: nothing can be learnt or measured.
func (f *Frame) OneClass() (string, bool) {
	only := ""
	for _, label := range f.Labels {
		if label != "" && only != "" && label != only {
			return "", false
		}
		if label != "" {
			only = label
		}
	}
	return only, only != ""
}
