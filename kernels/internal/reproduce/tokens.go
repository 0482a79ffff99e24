package reproduce

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind says what a token is.
type kind int

const (
	word    kind = iota // letters and digits, or one other character
	numeral             // a number
	blank               // spaces and tabs
	newline             // the end of a line
	element             // a tag of HTML or SVG, or the name of an attribute
	picture             // a picture that is embedded in HTML
	marked              // a text that its cell has marked as another one in every run
)

// token is a piece of an output.
type token struct {
	kind  kind
	text  string // as it stands there; of a marked one what it stands for
	num   number // of a numeral
	spot  *spot  // the cell of a table, nil = none
	drawn bool   // it is of an attribute
	// interval is that which a numeral is the estimate or a bound of, nil = none.
	interval *interval
}

// interval is a number with an interval in brackets behind it, such as .820 [.801, .838].
type interval struct{ value, low, high float64 }

// width is the width of the interval.
func (i *interval) width() float64 { return i.high - i.low }

// holds reports whether a value is in the interval.
func (i *interval) holds(v float64) bool { return i.low <= v && v <= i.high }

// Marked texts are replaced by runes of a private area before a text is taken apart, since they may be of any form.
const firstMark, lastMark = '\U00100000', '\U0010fffd'

// mark replaces the texts that a cell has marked by runes, text i by firstMark+i. A text that has such runes of its own
// stays as it is. Longer texts go first, and a text is found as whole words only: "2 s" is not in "12 s".
func mark(content string, volatile []string) (string, []string) {
	if len(volatile) == 0 || strings.ContainsFunc(content, isMark) {
		return content, nil
	}
	texts := slices.Clone(volatile)
	slices.SortStableFunc(texts, func(a, b string) int { return len(b) - len(a) })
	texts = texts[:min(len(texts), int(lastMark-firstMark))]
	for i, text := range texts {
		if text != "" {
			content = replaceWhole(content, text, string(firstMark+rune(i)))
		}
	}
	return content, texts
}

// isMark reports whether a rune stands for a marked text.
func isMark(r rune) bool { return r >= firstMark && r <= lastMark }

// replaceWhole replaces a text where it is no part of a longer word or number.
func replaceWhole(content, text, by string) string {
	first, _ := utf8.DecodeRuneInString(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	var b strings.Builder
	from := 0
	for {
		at := strings.Index(content[from:], text)
		if at < 0 {
			b.WriteString(content[from:])
			return b.String()
		}
		at += from
		end := at + len(text)
		before, _ := utf8.DecodeLastRuneInString(content[:at])
		after, size := utf8.DecodeRuneInString(content[end:])
		next, _ := utf8.DecodeRuneInString(content[end+size:])
		inside := at > 0 && (wordy(first) || first == '.') && (wordy(before) || before == '.') ||
			end < len(content) && wordy(last) && (wordy(after) || after == '.' && unicode.IsDigit(next))
		if inside {
			_, size := utf8.DecodeRuneInString(content[at:])
			b.WriteString(content[from : at+size])
			from = at + size
			continue
		}
		b.WriteString(content[from:at] + by)
		from = end
	}
}

// longWord matches a run of characters of words, with the points and hyphens of versions and names in it.
var longWord = regexp.MustCompile(`\A[\pL\pN_]+(?:\.[\pL\pN_]+)*`)

// shortWord matches a run of letters, as in the data of a path: M4,22L323, and a colour.
var shortWord = regexp.MustCompile(`\A(?:\pL+|#[0-9a-fA-F]{3,8})`)

// scanner takes texts apart.
type scanner struct {
	marks  []string // what runes from firstMark on stand for
	tokens []token
	spot   *spot
}

// text adds the tokens of a text, of running text or of an attribute's value.
func (s *scanner) text(content string, inAttribute bool) {
	words := longWord
	if inAttribute {
		words = shortWord
	}
	for at := 0; at < len(content); {
		t := token{spot: s.spot, drawn: inAttribute}
		r, size := utf8.DecodeRuneInString(content[at:])
		switch n, length := numberAt(content, at, inAttribute); {
		case isMark(r) && int(r-firstMark) < len(s.marks):
			t.kind, t.text = marked, s.marks[r-firstMark]
		case length > 0:
			t.kind, t.num, size, t.text = numeral, n, length, content[at:at+length]
		case r == '\n':
			t.kind, t.text = newline, "\n"
		case unicode.IsSpace(r):
			size = len(content[at:]) - len(strings.TrimLeftFunc(content[at:], isBlank))
			t.kind, t.text = blank, content[at:at+size]
		default:
			if found := words.FindString(content[at:]); found != "" {
				size = len(found)
			}
			t.text = content[at : at+size]
		}
		s.tokens = append(s.tokens, t)
		at += size
	}
}

// isBlank reports whether a rune is white space within a line.
func isBlank(r rune) bool { return r != '\n' && unicode.IsSpace(r) }

// textTokens returns the tokens of a plain text.
func textTokens(content string, volatile []string) []token {
	var s scanner
	content, s.marks = mark(content, volatile)
	s.text(content, false)
	nameTextCells(s.tokens)
	findIntervals(s.tokens)
	return s.tokens
}

// findIntervals gives numerals their intervals: an estimate, and behind it two bounds in square brackets with a comma,
// a semicolon, a dash or "to" between them, and the estimate within them. Tags and white space may stand between.
func findIntervals(tokens []token) {
	for i := range tokens {
		if tokens[i].kind != numeral || tokens[i].drawn || tokens[i].interval != nil {
			continue
		}
		at, found := i, [2]int{}
		ok := true
		for k, want := range [][]string{{"["}, nil, {",", ";", "–", "to"}, nil, {"]"}} {
			at = nextSolid(tokens, at)
			if at < 0 {
				ok = false
				break
			}
			t := tokens[at]
			switch {
			case want == nil && t.kind == numeral:
				found[k/2] = at // k is 1 and 3
			case t.kind == word && slices.Contains(want, t.text):
			default:
				ok = false
			}
			if !ok {
				break
			}
		}
		if !ok {
			continue
		}
		v := &interval{tokens[i].num.value, tokens[found[0]].num.value, tokens[found[1]].num.value}
		if v.holds(v.value) {
			tokens[i].interval, tokens[found[0]].interval, tokens[found[1]].interval = v, v, v
		}
	}
}

// nextSolid returns the index of the next token of text that is no white space, or -1. Attributes are passed over.
func nextSolid(tokens []token, at int) int {
	for at++; at < len(tokens); at++ {
		if k := tokens[at].kind; !tokens[at].drawn && k != blank && k != newline && k != element && k != picture {
			return at
		}
	}
	return -1
}
