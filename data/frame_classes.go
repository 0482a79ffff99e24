package data

import (
	"maps"
	"slices"
)

// Classes returns the sorted names of the classes that occur, and for every item the index
// of its class in names, or -1 when its label is unknown (""). A frame without labels has no
// classes and only -1.
func (f *Frame) Classes() (names []string, index []int) {
	index = make([]int, f.N())
	if f.Labels == nil {
		for i := range index {
			index[i] = -1
		}
		return nil, index
	}
	place := make(map[string]int)
	for _, label := range f.Labels {
		if label != "" {
			place[label] = 0
		}
	}
	names = slices.Sorted(maps.Keys(place))
	for k, name := range names {
		place[name] = k
	}
	for i, label := range f.Labels {
		if label == "" {
			index[i] = -1
		} else {
			index[i] = place[label]
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
