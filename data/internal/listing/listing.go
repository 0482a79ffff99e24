package listing

import (
	"fmt"
	"strconv"
	"strings"
)

// Printable keeps tabs and line ends of a name from breaking the table.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return '␣'
		}
		return r
	}, s)
}

// MaxListed is how many offenders of one kind an error names before "and 17 more".
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

func Count(all []string, want string) int {
	k := 0
	for _, s := range all {
		if s == want {
			k++
		}
	}
	return k
}

// Quoted lists names for an error, in quotes and capped.
func Quoted(names []string) string {
	shown := make([]string, 0, MaxListed)
	for _, s := range names[:min(len(names), MaxListed)] {
		shown = append(shown, strconv.Quote(s))
	}
	return Listed(shown, len(names))
}

// Listed joins what is shown and says how many of total it leaves out.
func Listed(shown []string, total int) string {
	text := strings.Join(shown[:min(len(shown), MaxListed)], ", ")
	if total > MaxListed {
		text += fmt.Sprintf(" and %d more", total-MaxListed)
	}
	return text
}
