// Package formula finds and escapes texts that a spreadsheet would run as formulas when it opens them in a CSV file, which can
// send data elsewhere.
package formula

import (
	"strings"
	"unicode/utf8"
)

// runs are the characters that begin a formula in a spreadsheet, with their wide forms; tab and CR are passed over by
// some programs, so that what follows counts (OWASP, CSV Injection).
const runs = "=+-@\t\r＝＋－＠"

// Is reports whether a spreadsheet that opens text as CSV would run the cell. Plain numbers are none.
func Is(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	if cell == "" || !strings.ContainsRune(runs, first) {
		return false
	}
	// A sign before digits; what begins like that and goes on as a formula has other characters.
	return !isSigned(cell)
}

// isSigned reports whether a text is a number with a sign: a formula needs more than digits.
func isSigned(text string) bool {
	digits := strings.TrimLeft(text[1:], "0123456789.")
	exponent, ok := strings.CutPrefix(strings.ToLower(digits), "e")
	if ok {
		digits = strings.Trim(strings.TrimLeft(exponent, "+-"), "0123456789")
	}
	return digits == "" && len(text) > 1 && (text[0] == '+' || text[0] == '-')
}

// Escape returns the cell with an apostrophe before it where it is a formula, or would be taken for one that was
// escaped. [Unescape] gives the cell back.
func Escape(cell string) string {
	if Is(strings.TrimLeft(cell, "'")) {
		return "'" + cell
	}
	return cell
}

// Unescape undoes [Escape].
func Unescape(cell string) string {
	if strings.HasPrefix(cell, "'") && Is(strings.TrimLeft(cell, "'")) {
		return cell[1:]
	}
	return cell
}
