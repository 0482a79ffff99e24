package reproduce

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// number is a number as it was printed.
type number struct {
	exact string  // its decimal value, the same text for the same value: "-82e-2"
	value float64 // the nearest float64
}

// Numbers in running text and, without thousands, in attributes of HTML and SVG.
var (
	printed = regexp.MustCompile(`\A[+\-−]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)` +
		`(?:[eE][+\-]?\d{1,3})?(?:[ \x{a0}]?%)?`)
	drawn = regexp.MustCompile(`\A[+\-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+\-]?\d{1,3})?%?`)
)

// numberAt returns the number that a text has at an offset, and its length in bytes; 0 = there is none. What is a
// number in form only is not one: a part of a word, of a version such as 1.2.3, or of an identifier such as 007.
func numberAt(text string, at int, inAttribute bool) (number, int) {
	form := printed
	if inAttribute {
		form = drawn
	}
	found := form.FindString(text[at:])
	if found == "" {
		return number{}, 0
	}
	if !inAttribute && !standsAlone(text, at, found) {
		return number{}, 0
	}
	n, ok := parseNumber(found)
	if !ok {
		return number{}, 0
	}
	return n, len(found)
}

// standsAlone reports whether the number found at an offset of running text is one by what stands before and after it.
func standsAlone(text string, at int, found string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	if at > 0 {
		if wordy(before) || before == '.' {
			return false
		}
		// A sign stands after a space or a bracket; behind anything else it is a hyphen, as in 2026-11-30.
		if strings.IndexAny(found, "+-−") == 0 && strings.ContainsRune(")]}-−+", before) {
			return false
		}
	}
	rest := text[at+len(found):]
	after, size := utf8.DecodeRuneInString(rest)
	if after == '.' {
		next, _ := utf8.DecodeRuneInString(rest[size:])
		return !unicode.IsDigit(next)
	}
	// A unit may follow, of letters alone: 12ms, but not 3e5f1a.
	unit := strings.TrimLeftFunc(rest, unicode.IsLetter)
	next, _ := utf8.DecodeRuneInString(unit)
	if wordy(next) {
		return false
	}
	return len(unit) == len(rest) || !strings.ContainsAny(found, "eE")
}

// wordy reports whether a rune is one of a word.
func wordy(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// parseNumber returns the value of a number's text. ok is false for one with leading zeros, which is an identifier.
func parseNumber(text string) (n number, ok bool) {
	text = strings.NewReplacer(",", "", "−", "-", "\u00a0", "", " ", "", "+", "").Replace(text)
	shift := 0
	if t, percent := strings.CutSuffix(text, "%"); percent {
		text, shift = t, -2
	}
	text = strings.ToLower(text)
	mantissa, exponent, _ := strings.Cut(text, "e")
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil {
			return number{}, false
		}
		shift += e
	}
	minus := strings.HasPrefix(mantissa, "-")
	mantissa = strings.TrimPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(whole) > 1 && whole[0] == '0' {
		return number{}, false
	}
	digits := strings.TrimLeft(whole+fraction, "0")
	shift -= len(fraction)
	short := strings.TrimRight(digits, "0")
	shift += len(digits) - len(short)
	switch {
	case short == "":
		n.exact = "0" // -0 is 0
	case minus:
		n.exact = "-" + short + "e" + strconv.Itoa(shift)
	default:
		n.exact = short + "e" + strconv.Itoa(shift)
	}
	value, err := strconv.ParseFloat(n.exact, 64)
	if err != nil {
		return number{}, false // out of a float64's range: compared as text
	}
	n.value = value
	return n, true
}
