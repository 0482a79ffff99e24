package run

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// Table is what came of several executions.
type Table []Outcome

// String returns the table as text: a line for each run with its settings, how far it came and its results. Of more than
// a few numbers each has a line, and each run a column; then those that are the same in all runs are counted only.
func (t Table) String() string {
	grid := t.grid(quote.Text, true)
	same := 0
	if len(grid[0])-t.leading() > widest {
		grid, same = t.differing(turned(grid))
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range grid {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	if same > 0 {
		fmt.Fprintf(&b, "and %d numbers that are the same in all of them\n", same)
	}
	return trimmed(b.String())
}

// differing leaves out the lines of a turned table whose number is the same in all runs that have results, if there are
// several, and returns how many there are.
func (t Table) differing(grid [][]string) (left [][]string, same int) {
	with := 0
	for _, o := range t {
		if o.Result.Results != "" {
			with++
		}
	}
	for i, row := range grid {
		values := map[string]int{}
		for _, cell := range row[1:] {
			values[cell]++
		}
		if delete(values, ""); i >= t.leading() && with > 1 && len(values) == 1 && values[first(row[1:])] == with {
			same++
			continue
		}
		left = append(left, row)
	}
	return left, same
}

// first returns the first text that is not empty.
func first(texts []string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
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
