// Package quote makes text that comes from files or from the user safe to print: ids, labels, domains, columns, names
// of files, values of options, and what models and reports hold.
//
// Such text may contain escape sequences that a terminal obeys, line ends that forge lines of a report, or marks that
// reverse the order of letters. [Text] is for a name in a line or a table, [Line] and [Lines] are for a message that
// has names in it already, [Error] for an error, and a [Writer] guards a whole stream. Ordinary text of any script
// stays as it is.
package quote

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns a name as it is to be printed inside a line: itself where it can be read as it stands, else in quotes
// with escapes, as Go has them: "a\nb". In quotes are names with control characters, with format characters such as
// those that change the direction of writing, with bytes that are not UTF-8, with blanks at an end, and those that
// begin with a quote, so that no name looks like the quoted form of another. "" stays "".
func Text(s string) string {
	if s == "" || !strings.ContainsRune("\" ", rune(s[0])) && s[len(s)-1] != ' ' && plainUntil(s, false) == len(s) {
		return s
	}
	return Quoted(s)
}

// Quoted returns a name in quotes, with the escapes of [Text] inside and those of quotes and backslashes.
func Quoted(s string) string {
	return `"` + Line(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s)) + `"`
}

// All returns the quoted form of every name, for %s in place of %q.
func All(names []string) []string {
	out := make([]string, len(names))
	for k, name := range names {
		out[k] = Quoted(name)
	}
	return out
}

// Line returns a message of one line: what is not plain in it is escaped in its place, line ends and tabs included.
func Line(s string) string { return escaped(s, false) }

// Lines returns a text of several lines: as [Line], but line ends and tabs stay.
func Lines(s string) string { return escaped(s, true) }

// Cut returns [Text] of the name in at most most runes, as [Short] cuts it: names that differ at an end still do.
// Quotes and escapes come on top.
func Cut(s string, most int) string { return Text(Short(s, most)) }

// Short returns a name of at most most runes: of a longer one the beginning and the end, with "…" in place of the
// rest; most is at least 1. It quotes nothing.
func Short(s string, most int) string {
	if len(s) <= most || utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	end := (most - 1) / 2
	return string(runes[:most-1-end]) + "…" + string(runes[len(runes)-end:])
}

// escaped returns s with all that is not plain escaped; lines = line ends and tabs are plain. It allocates only where
// there is something to escape.
func escaped(s string, lines bool) string {
	n := plainUntil(s, lines)
	if n == len(s) {
		return s
	}
	var out strings.Builder
	for ; n < len(s); n = plainUntil(s, lines) {
		out.WriteString(s[:n])
		r, size := utf8.DecodeRuneInString(s[n:])
		if r == utf8.RuneError && size == 1 {
			out.WriteString(`\x` + strconv.FormatUint(0x100|uint64(s[n]), 16)[1:])
		} else {
			// ASCII alone leaves no rune that is not plain, which QuoteRune does for some.
			escape := strconv.QuoteRuneToASCII(r)
			if r == 0x7f {
				escape = `'\u007f'` // as JSON has it too, which knows no \x7f
			}
			out.WriteString(escape[1 : len(escape)-1])
		}
		s = s[n+size:]
	}
	out.WriteString(s)
	return out.String()
}

// plainUntil returns the number of bytes of s before the first rune that is not plain.
func plainUntil(s string, lines bool) int {
	for i, r := range s {
		// Most text is ASCII.
		if r >= ' ' && r < 0x7f || lines && (r == '\n' || r == '\t') {
			continue
		}
		if !plain(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

// The joiners are format characters that some scripts and emoji cannot be written without.
const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)

// plain reports whether a rune is a letter, mark, number, sign or blank of any script. Control and format characters,
// separators of lines and paragraphs, surrogates and code points of nobody are not.
func plain(r rune) bool { return unicode.IsGraphic(r) || r == joiner || r == nonJoiner }
