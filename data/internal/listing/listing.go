// Package listing words lists of names in errors: quoted ([Quoted]), capped ([Listed]), and with the nearest names to
// one that is unknown ([DidYouMean]). An error about a frame of 20,000 items has to fit on a screen.
//
// It makes texts only. Where a caller has to act on the names, they belong into fields of the error.
package listing

import (
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// MaxListed is how many items of one kind an error names before "and 17 more".
const MaxListed = 5

// maxRunes is how long a listed name may be; of a longer one the middle is left out.
const maxRunes = 60

// Repeated returns the values that occur more than once, each once, by first repetition; nil when all are unique. It
// takes O(n) time and memory.
func Repeated(all []string) []string {
	seen := make(map[string]int, len(all))
	var twice []string
	for _, s := range all {
		if seen[s]++; seen[s] == 2 {
			twice = append(twice, s)
		}
	}
	return twice
}

// Count returns how many of all equal want. It is used for "", of which a list in an error would say nothing.
func Count(all []string, want string) int {
	k := 0
	for _, s := range all {
		if s == want {
			k++
		}
	}
	return k
}

// Quoted lists names for an error, in quotes and shortened, at most [MaxListed] of them and a count of the others.
func Quoted(names []string) string {
	shown := make([]string, 0, MaxListed)
	for _, s := range names[:min(len(names), MaxListed)] {
		shown = append(shown, quote.Quoted(quote.Short(s, maxRunes)))
	}
	return Listed(shown, len(names))
}

// Listed joins the first MaxListed of shown and counts how many of total are left out. shown has at least the smaller
// of MaxListed and total: callers that go through millions of values keep only so many texts.
func Listed(shown []string, total int) string {
	text := strings.Join(shown[:min(len(shown), MaxListed)], ", ")
	if total > MaxListed {
		text += fmt.Sprintf(" and %d more", total-MaxListed)
	}
	return text
}

// DidYouMean returns a hint with the names nearest to what was asked for, or "" when there
// are none to choose from.
func DidYouMean(asked string, names []string) string {
	near := quote.Nearest(asked, names, 3)
	if len(near) == 0 {
		return "; there are none"
	}
	return "; nearest: " + Quoted(near)
}
