package data

import (
	"maps"
	"slices"
)

// Classes returns the sorted names of the classes that occur, and for every item the index
// of its class in names, or -1 when its label is unknown (""). A frame without labels has no
// classes and only -1.
func (f *Frame) Classes() (names []string, index []int) {
	if f.Labels == nil {
		return indexed(make([]string, f.N()))
	}
	return indexed(f.Labels)
}

// indexed returns the sorted names that occur in a column, and for every item the index of its
// name, or -1 when that is "".
func indexed(column []string) (names []string, index []int) {
	place := make(map[string]int)
	for _, name := range column {
		if name != "" {
			place[name] = 0
		}
	}
	names = slices.Sorted(maps.Keys(place))
	for k, name := range names {
		place[name] = k
	}
	index = make([]int, len(column))
	for i, name := range column {
		index[i] = -1
		if name != "" {
			index[i] = place[name]
		}
	}
	return names, index
}

// ClassCounts returns the number of items of every class, in the order of [Frame.Classes].
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

// OneClass returns the only class of the items that have a label; false = there are none of
// these, or several classes. Nothing can be learnt or measured where there is one.
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
