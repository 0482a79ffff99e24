package split

import (
	"fmt"
	"slices"
	"strings"

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
func (l Leak) String() string {
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
	shown := make([]string, len(l.Examples))
	for k, e := range l.Examples {
		shown[k] = e.String()
	}
	return text + ": " + strings.Join(shown, ", ") + more(l.Count-len(shown))
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

// String describes the leakage in several lines: the split, the rows of [Leakage.Rows], and the verdict. It says what
// was found, what was looked for in vain, and what was not looked for.
func (l *Leakage) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "leakage of a split into %s\n", l.Split)
	for _, row := range l.Rows() {
		fmt.Fprintf(&out, "  %s\n", strings.TrimRight(fmt.Sprintf("%-16s  %-14s  %s", row[0], row[1], row[2]), " "))
	}
	fmt.Fprintf(&out, "  %s", l.Verdict())
	return out.String()
}

// Rows returns the report as a table of three columns: the kind of leak, what was found ("none", "LEAK", "allowed" or
// "not looked for"), and details. Every kind has a row, and one for each pair of sides that it is on.
func (l *Leakage) Rows() [][3]string {
	var rows [][3]string
	// All kinds are listed, in one order, so that two reports can be compared line by line.
	for _, kind := range leakKinds {
		from := ""
		if kind == LeakNear {
			from = fmt.Sprintf("from a similarity of %.4g on", l.Similarity)
		}
		if !slices.Contains(l.Looked, kind) {
			rows = append(rows, [3]string{kind, "not looked for", l.because(kind)})
			continue
		}
		before := len(rows)
		for _, leak := range l.Leaks {
			if leak.Kind == kind {
				found := "LEAK"
				if leak.Allowed {
					found = "allowed"
				}
				rows = append(rows, [3]string{kind, found, leak.String()})
			}
		}
		if len(rows) == before {
			rows = append(rows, [3]string{kind, "none", from})
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
