package run

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Number is a number of a notebook's results, with the words that stand with it.
type Number struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	text  string  // as the notebook writes it
}

var (
	// numeral matches a number that stands for itself: not a part of a name such as Recall@1 or v0.1.
	numeral = regexp.MustCompile(`(?:^|[\s(:=,])([-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?)(%|)(?:$|[\s),;:.])`)
	// aside matches what is in brackets, such as a number's interval.
	aside = regexp.MustCompile(`\[[^\]]*\]|\([^)]*\)`)
	// columns separates the cells of a table.
	columns = regexp.MustCompile(`\s{2,}`)
	// clauses separates parts of a sentence.
	clauses = regexp.MustCompile(`[,;]\s+`)
)

// Numbers returns the numbers of a notebook's results, in order. In a table a number is called after its row and its
// column, in a sentence after the words before it, else behind it; of several of one name the later ones are counted.
// What is in brackets, such as an interval, is left out.
func Numbers(results string) []Number {
	var found []Number
	var head []string
	for i, line := range strings.Split(results, "\n") {
		line = strings.TrimSpace(aside.ReplaceAllString(line, ""))
		cells := columns.Split(line, -1)
		if line == "" || len(cells) < 2 {
			head = nil
		}
		switch row, ok := tableRow(head, cells); {
		case ok:
			found = append(found, row...)
		case len(cells) >= 2 && !slices.ContainsFunc(cells, isNumber):
			head = cells
		default:
			found = append(found, sentence(line, i+1)...)
		}
	}
	seen := map[string]int{}
	for i := range found {
		name := found[i].Name
		if seen[name]++; seen[name] > 1 {
			found[i].Name = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
	return found
}

// tableRow returns the numbers of a table's row below a head; ok is false where the line is none.
func tableRow(head, cells []string) (row []Number, ok bool) {
	if len(head) < 2 || len(cells) != len(head) || !slices.ContainsFunc(cells[1:], isNumber) {
		return nil, false
	}
	for j, cell := range cells[1:] {
		if n, ok := number(cell); ok {
			n.Name = cells[0] + ": " + head[j+1]
			row = append(row, n)
		}
	}
	return row, true
}

// isNumber reports whether a text is a number.
func isNumber(s string) bool { _, ok := number(s); return ok }

// number reads a text that is a number, which a percent sign may follow.
func number(s string) (Number, bool) {
	m := numeral.FindStringSubmatchIndex(s)
	if m == nil || m[2] != 0 || max(m[3], m[5]) != len(s) {
		return Number{}, false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(s[m[2]:m[3]], ",", ""), 64)
	return Number{Value: v, text: s}, err == nil
}

// sentence returns the numbers of a line that is no table's. place is its number.
func sentence(line string, place int) []Number {
	var found []Number
	for _, clause := range clauses.Split(line, -1) {
		before := ""
		for rest := clause; ; {
			m := numeral.FindStringSubmatchIndex(rest)
			if m == nil {
				break
			}
			end := max(m[3], m[5])
			n, ok := number(rest[m[2]:end])
			before += rest[:m[2]]
			name := strings.Trim(before, " \t:=,;.")
			rest = rest[end:]
			if name == "" { // "3 times"
				after := rest
				if next := numeral.FindStringIndex(rest); next != nil {
					after = rest[:next[0]]
				}
				name = strings.Trim(after, " \t:=,;.")
			}
			if name == "" {
				name = fmt.Sprintf("line %d, number %d", place, len(found)+1)
			}
			if n.Name = name; ok {
				found = append(found, n)
			}
			before = ""
		}
	}
	return found
}
