// Package decimal writes numbers with a fixed number of digits after the point, for tables and sentences. A number that
// rounds to 0 has no sign: "-0.000" would say that something is below 0 by nothing.
package decimal

import (
	"strconv"
	"strings"
)

// Fixed returns v with digits digits after the point, such as "-0.125"; 0 or more digits.
func Fixed(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if bare, ok := strings.CutPrefix(text, "-"); ok && strings.Trim(bare, "0.") == "" {
		return bare
	}
	return text
}

// Signed is [Fixed] with "+" before what is above 0, as for differences.
func Signed(v float64, digits int) string {
	text := Fixed(v, digits)
	if v > 0 && strings.Trim(text, "0.") != "" && !strings.HasPrefix(text, "+") {
		return "+" + text
	}
	return text
}
