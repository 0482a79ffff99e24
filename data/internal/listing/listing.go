// Package listing words lists of names in errors: quoted, capped, and with the nearest names to one that is unknown.
package listing

import (
	"fmt"
	"strconv"
	"strings"
)

// Printable replaces control characters, so that tabs and line ends in a name do not break a table.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return '␣'
		}
		return r
	}, s)
}

// MaxListed is how many items of one kind an error names before "and 17 more".
const MaxListed = 5

// Repeated returns the values that occur more than once, each once, by first repetition.
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

// Count returns how many values equal want.
func Count(all []string, want string) int {
	k := 0
	for _, s := range all {
		if s == want {
			k++
		}
	}
	return k
}

// Quoted lists names for an error, in quotes, at most [MaxListed] of them and a count of the others.
func Quoted(names []string) string {
	shown := make([]string, 0, MaxListed)
	for _, s := range names[:min(len(names), MaxListed)] {
		shown = append(shown, strconv.Quote(s))
	}
	return Listed(shown, len(names))
}

// Listed joins the first MaxListed of shown and counts how many of total are left out.
func Listed(shown []string, total int) string {
	text := strings.Join(shown[:min(len(shown), MaxListed)], ", ")
	if total > MaxListed {
		text += fmt.Sprintf(" and %d more", total-MaxListed)
	}
	return text
}
