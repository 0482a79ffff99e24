// Package itemset has what is known of items beside their features: classes, several per item if asked for, domains and
// ids.
//
// [LabelsOf] reads classes out of labels, [Labelling.Relation] says whether two items are the same, and
// [Labelling.Evaluate] computes metrics for items of several classes. [Disjoint], [Copies] and [NewClasses] look for
// leakage between two sets of items. Drawing pairs and batches is left to packages pairs and batch, and metrics of
// items of one class each to package metric.
package itemset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// Labelling holds the classes of items. Two items are the same if they share a class, different if both have classes
// and share none; pairs with an item without classes are unknown. It is read-only after [LabelsOf], and then safe for
// concurrent use.
type Labelling struct {
	Names []string  // of the classes, sorted; a class's number is its index
	Of    [][]int32 // [N] numbers of an item's classes, rising; none = unknown
	Most  int       // classes of an item, at most; at least 1, also where no item has one
}

// LabelsOf returns the classes of the items of frame. With a separator a label is a list of classes, in which
// surrounding blanks, empty names and repetitions are ignored. A frame without labels has no classes, and all its items
// are unknown.
func LabelsOf(frame *data.Frame, separator string) *Labelling {
	l := &Labelling{Of: make([][]int32, frame.N()), Most: 1}
	if separator == "" {
		names, index := frame.Classes()
		l.Names = names
		for i, c := range index {
			if c >= 0 {
				l.Of[i] = []int32{int32(c)}
			}
		}
		return l
	}
	// Sorted names have the numbers: the same labels in another order of items give the same classes.
	lists, number := make([][]string, frame.N()), map[string]int32{}
	for i, label := range frame.Labels {
		lists[i] = splitLabel(label, separator)
		l.Names = append(l.Names, lists[i]...)
	}
	slices.Sort(l.Names)
	l.Names = slices.Compact(l.Names)
	for c, name := range l.Names {
		number[name] = int32(c)
	}
	// Lists are short and names many: numbers make comparing two items cheap.
	for i, list := range lists {
		for _, name := range list { // sorted, as the numbers are
			l.Of[i] = append(l.Of[i], number[name])
		}
		l.Most = max(l.Most, len(list))
	}
	return l
}

// splitLabel returns the classes of a label, sorted, each once; nil if there are none.
func splitLabel(label, separator string) []string {
	var out []string
	for part := range strings.SplitSeq(label, separator) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// SeparatorWarnings returns a warning if no label of frame contains the separator, which then is probably misspelt; nil
// = none. It quotes the longest label, the likeliest list.
func SeparatorWarnings(frame *data.Frame, separator string) []string {
	if separator == "" || slices.ContainsFunc(frame.Labels,
		func(label string) bool { return strings.Contains(label, separator) }) {
		return nil
	}
	// An example shows the user what the labels look like.
	longest := slices.MaxFunc(frame.Labels, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return []string{fmt.Sprintf("label_separator %q is in no label of the training items, so that each label, "+
		"such as %q, is one class: give the text between classes, or leave it empty", separator, longest)}
}

// Relation reports whether items i and j share a class, and whether both have classes. same is false if known is.
func (l *Labelling) Relation(i, j int) (same, known bool) {
	a, b := l.Of[i], l.Of[j]
	return Intersect(a, b), len(a) > 0 && len(b) > 0
}

// Numbers returns the class numbers of n items [n Most] as a training step expects them, those of the first item first,
// padded with -1 = none. A graph needs as many for every item.
func (l *Labelling) Numbers(items []int32) []float32 {
	out := make([]float32, 0, len(items)*l.Most)
	for _, item := range items {
		for k := range l.Most {
			if c := l.Of[item]; k < len(c) {
				out = append(out, float32(c[k]))
			} else {
				out = append(out, -1)
			}
		}
	}
	return out
}

// Intersect reports whether two ascending lists share a number, in O(len(a) + len(b)). Lists have one or two numbers as
// a rule, and sets would cost more than they save.
func Intersect(a, b []int32) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			return true
		case a[0] < b[0]:
			a = a[1:]
		default:
			b = b[1:]
		}
	}
	return false
}

// ByFirstUse returns the classes of items, rising, renumbered by first occurrence: what is drawn by such numbers does
// not depend on how classes are called.
func (l *Labelling) ByFirstUse() [][]int32 {
	number := slices.Repeat([]int32{-1}, len(l.Names)) // -1 = not met yet
	next, out := int32(0), make([][]int32, len(l.Of))
	for i, list := range l.Of {
		for _, c := range list {
			if number[c] < 0 {
				number[c], next = next, next+1
			}
			out[i] = append(out[i], number[c])
		}
		slices.Sort(out[i])
	}
	return out
}

// OneClass returns an error if separator is not "": then items may have several classes, and what needs one class each.
// what names the caller's work in the error, which is an [option.Error] of label_separator.
func OneClass(separator, what string) error {
	if separator == "" {
		return nil
	}
	return option.Errorf("label_separator",
		"%q gives items several classes, and %s needs one class of each item: evaluate pairs of the items instead",
		separator, what)
}

// DomainOf returns the domain of item i, "" if the frame has no domains: all its items are then of one domain.
func DomainOf(frame *data.Frame, i int) string {
	if frame.Domains == nil {
		return ""
	}
	return frame.Domains[i]
}

// NumberOf returns the number of a name in names, and adds a new name with the next number, from 0. It is for numbering
// in order of first use.
func NumberOf(names map[string]int32, name string) int32 {
	n, ok := names[name]
	if !ok {
		n = int32(len(names))
		names[name] = n
	}
	return n
}
