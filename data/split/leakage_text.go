package split

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
)

// things names what a leak of every kind counts, in the singular and the plural.
var things = map[string][2]string{
	LeakItems:   {"item", "items"},
	LeakIDs:     {"id", "ids"},
	LeakGroups:  {"group", "groups"},
	LeakClasses: {"class", "classes"},
	LeakDomains: {"domain", "domains"},
	LeakExact:   {"set of exact duplicates", "sets of exact duplicates"},
	LeakNear:    {"set of near duplicates", "sets of near duplicates"},
}

// String describes the leak in a line, with examples and without the word "leak": "2 groups on both the train and the
// test side (3 and 2 items): …".
func (l Leak) String() string { return strings.Join(l.lines(math.MaxInt), " ") }

// lines returns the text of String in lines of at most so many characters, which are broken between examples only: an
// example that is longer, or the text before the first one, stays whole.
func (l Leak) lines(most int) []string {
	// Of items on two sides the numbers of both sides are the count itself, so they are left out.
	count := things[l.Kind]
	which := count[1]
	if l.Count == 1 {
		which = count[0]
	}
	text := fmt.Sprintf("%d %s on both the %s and the %s side", l.Count, which, l.Sides[0], l.Sides[1])
	if l.Kind != LeakItems {
		text += fmt.Sprintf(" (%d and %d items)", l.Items[0], l.Items[1])
	}
	lines := []string{text + ":"}
	for k, e := range l.Examples {
		shown := e.String() + ","
		if k == len(l.Examples)-1 {
			shown = e.String() + more(l.Count-len(l.Examples))
		}
		last := &lines[len(lines)-1]
		if utf8.RuneCountInString(*last)+1+utf8.RuneCountInString(shown) > most {
			lines = append(lines, shown)
			continue
		}
		*last += " " + shown
	}
	return lines
}

// more returns " and k more", "" for k = 0.
func more(k int) string {
	if k <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", k)
}

// String names the example: its two ids, or one where the item is on both sides, with the name of their set or their
// similarity, where there is one.
func (e LeakExample) String() string {
	// A tilde stands between two items that are alike, or of one name.
	text := short(e.IDs[0])
	if e.IDs[1] != e.IDs[0] {
		text += " ~ " + short(e.IDs[1])
	}
	if e.Name != "" {
		return short(e.Name) + " (" + text + ")"
	}
	if e.Similarity > 0 {
		text += fmt.Sprintf(" (%.4f)", e.Similarity)
	}
	return text
}

// short returns a name in quotes, shortened to 60 runes.
func short(name string) string { return quote.Quoted(quote.Short(name, 60)) }

// terminalWidth is how many columns a line of the report takes at most, where its parts allow it.
const terminalWidth = 140

// String describes the leakage in several lines: the split, the rows of [Leakage.Rows], and the verdict. It says what
// was found, what was looked for in vain, and what was not looked for. Long lists of examples go on in further lines.
func (l *Leakage) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "leakage of a split into %s\n", l.Split)
	for _, row := range l.rows() {
		start := fmt.Sprintf("  %-16s  %-14s  ", row.kind, row.found)
		details := row.details
		if row.leak != nil {
			details = strings.Join(row.leak.lines(terminalWidth-len(start)), "\n"+strings.Repeat(" ", len(start)))
		}
		out.WriteString(strings.TrimRight(start+details, " ") + "\n")
	}
	fmt.Fprintf(&out, "  %s", l.Verdict())
	return out.String()
}

// Rows returns the report as a table of three columns: the kind of leak, what was found ("none", "LEAK", "allowed" or
// "not looked for"), and details. Every kind has a row, and one for each pair of sides that it is on.
func (l *Leakage) Rows() [][3]string {
	var out [][3]string
	for _, row := range l.rows() {
		out = append(out, [3]string{row.kind, row.found, row.details})
	}
	return out
}

// row is a row of the report.
type row struct {
	kind, found, details string
	leak                 *Leak // that details are of; nil = none
}

// rows returns the rows of the report.
func (l *Leakage) rows() []row {
	var rows []row
	// All kinds are listed, in one order, so that two reports can be compared line by line.
	for _, kind := range leakKinds {
		from := ""
		if kind == LeakNear {
			from = fmt.Sprintf("from a similarity of %.4g on", l.Similarity)
		}
		if !slices.Contains(l.Looked, kind) {
			rows = append(rows, row{kind, "not looked for", l.because(kind), nil})
			continue
		}
		before := len(rows)
		for k, leak := range l.Leaks {
			if leak.Kind == kind {
				found := "LEAK"
				if leak.Allowed {
					found = "allowed"
				}
				rows = append(rows, row{kind, found, leak.String(), &l.Leaks[k]})
			}
		}
		if len(rows) == before {
			rows = append(rows, row{kind, "none", from, nil})
		}
	}
	return rows
}

// because returns why a kind was not looked for; all kinds that are not here always are.
func (l *Leakage) because(kind string) string {
	return map[string]string{
		LeakGroups:  "no groups are given",
		LeakClasses: "no class is held out",
		LeakDomains: "no domain is held out",
		LeakNear:    "no similarity is given",
	}[kind]
}

// Verdict returns in a line whether the split leaks, and in what: leaks that are not allowed, or else those that are.
func (l *Leakage) Verdict() string {
	// Kinds, each once; the leaks of a kind follow each other.
	var open, allowed []string
	for _, leak := range l.Leaks {
		kinds := &open
		if leak.Allowed {
			kinds = &allowed
		}
		if !slices.Contains(*kinds, leak.Kind) {
			*kinds = append(*kinds, leak.Kind)
		}
	}
	switch {
	case len(open) > 0:
		return "the split leaks: " + strings.Join(open, ", ")
	case len(allowed) > 0:
		return "the split leaks what is allowed by name: " + strings.Join(allowed, ", ")
	}
	return "the split does not leak in what was looked for"
}
