package quote

import "fmt"

// Count returns a number of things in words: "1 feature", "2 features", "0 features". what is in the singular, of a noun
// whose plural ends in s.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
