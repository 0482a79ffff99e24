package run

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
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

// Table is what came of several executions.
type Table []Outcome

// String returns the table as text: a line for each run with its settings, how far it came and its results. Of more than
// a few numbers each has a line, and each run a column.
func (t Table) String() string {
	grid := t.grid(func(s string) string { return quote.Text(s) }, true)
	if len(grid[0])-t.leading() > widest {
		grid = turned(grid)
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range grid {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	return trimmed(b.String())
}

// widest is the most numbers that a line of text has.
const widest = 5

// trimmed takes white space off the ends of lines.
func trimmed(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// turned swaps lines and columns.
func turned(grid [][]string) [][]string {
	out := make([][]string, len(grid[0]))
	for _, row := range grid {
		for j, cell := range row {
			out[j] = append(out[j], cell)
		}
	}
	return out
}

// settings returns the names of all parameters that were set.
func (t Table) settings() []string {
	var names []string
	for _, o := range t {
		for _, set := range o.Sets {
			if !slices.Contains(names, set.Name) {
				names = append(names, set.Name)
			}
		}
	}
	return names
}

// leading is the number of columns before those of numbers.
func (t Table) leading() int { return 3 + len(t.settings()) }

// grid returns the cells of the table with its head. clean is applied to every text that is not the lab's own; short =
// numbers are as the notebook writes them.
func (t Table) grid(clean func(string) string, short bool) [][]string {
	settings := t.settings()
	var names []string
	of := make([]map[string]Number, len(t))
	for i, o := range t {
		of[i] = map[string]Number{}
		at := 0 // a name that is new stands behind the one before it
		for _, n := range Numbers(o.Result.Results) {
			if k := slices.Index(names, n.Name); k >= 0 {
				at = k + 1
			} else {
				names = slices.Insert(names, at, n.Name)
				at++
			}
			of[i][n.Name] = n
		}
	}
	head := []string{"notebook"}
	for _, name := range settings {
		head = append(head, clean(name))
	}
	head = append(head, "run", "seconds")
	for _, name := range names {
		head = append(head, clean(name))
	}
	grid := [][]string{head}
	for i, o := range t {
		row := []string{clean(stem(o.Path))}
		for _, name := range settings {
			k := slices.IndexFunc(o.Sets, func(s notebook.Set) bool { return s.Name == name })
			if k < 0 {
				row = append(row, "")
				continue
			}
			row = append(row, clean(o.Sets[k].Value))
		}
		seconds := ""
		if o.Result.Seconds > 0 {
			seconds = fmt.Sprintf("%.1f", o.Result.Seconds)
		}
		row = append(row, string(o.State), seconds)
		for _, name := range names {
			n, ok := of[i][name]
			switch {
			case !ok:
				row = append(row, "")
			case short:
				row = append(row, n.text)
			default:
				row = append(row, strconv.FormatFloat(n.Value, 'g', -1, 64))
			}
		}
		grid = append(grid, row)
	}
	return grid
}

// CSV writes the table with a head: notebook, settings, state, seconds, numbers. A text that a spreadsheet would take
// for a formula has an apostrophe before it.
func (t Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.WriteAll(t.grid(func(s string) string {
		if _, isNumber := number(s); s != "" && !isNumber && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			return "'" + s
		}
		return s
	}, false))
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// row is a run in JSON.
type row struct {
	Notebook string         `json:"notebook"`
	Settings []notebook.Set `json:"settings"`
	State    State          `json:"state"`
	Error    string         `json:"error,omitempty"`
	Executed string         `json:"executed,omitempty"` // the executed notebook
	Seconds  float64        `json:"seconds,omitempty"`
	Numbers  []Number       `json:"numbers"`
}

// JSON writes a list of the runs.
func (t Table) JSON(w io.Writer) error {
	rows := []row{}
	for _, o := range t {
		r := row{Notebook: o.Path, Settings: append([]notebook.Set{}, o.Sets...), State: o.State, Executed: o.Result.Notebook,
			Seconds: o.Result.Seconds, Numbers: append([]Number{}, Numbers(o.Result.Results)...)}
		if o.Err != nil {
			r.Error = o.Err.Error()
		}
		rows = append(rows, r)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(rows)
}
