package images

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
)

// sizesError is the error of [SameSize]. Its text lists the sizes.
type sizesError struct{ sizes string }

// sizesFix is what to do about it.
var sizesFix = option.Do("give all one size with %s", "Width")

// Error lists the sizes and says what to do.
func (e *sizesError) Error() string { return e.text(sizesFix.String() + " and Height") }

// Spell returns the same with a front's names for the options, see [option.Speller].
func (e *sizesError) Spell(name func(option string) string) string {
	if name("Width") == "" {
		return e.Error()
	}
	return e.text(sizesFix.Spell(name))
}

// text puts the parts of the error together.
func (e *sizesError) text(fix string) string { return "images differ in size: " + e.sizes + ": " + fix }

// SameSize returns nil when n images have one size, and else an error that lists their sizes, at most ten, the most
// frequent first, with the name of an example each. at returns the name and size of image i; it is called for every
// image, and once more for the examples. The error is an [option.Speller], about the options Width and Height.
func SameSize(n int, at func(i int) (name string, w, h int)) error {
	type seen struct{ w, h, first, count int } // first is the image that stands for the size
	index := map[[2]int]int{}
	var all []seen
	for i := range n {
		_, w, h := at(i)
		k, ok := index[[2]int{w, h}]
		if !ok {
			k = len(all)
			index[[2]int{w, h}] = k
			all = append(all, seen{w: w, h: h, first: i})
		}
		all[k].count++
	}
	if len(all) <= 1 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b seen) int { return b.count - a.count })
	var list []string
	for _, s := range all[:min(len(all), maxProblems)] {
		name, _, _ := at(s.first)
		list = append(list, fmt.Sprintf("%d of %d x %d (such as %s)", s.count, s.w, s.h, quote.Text(name)))
	}
	more := ""
	if len(all) > maxProblems {
		more = fmt.Sprintf(" and %d more sizes", len(all)-maxProblems)
	}
	return &sizesError{strings.Join(list, ", ") + more}
}
