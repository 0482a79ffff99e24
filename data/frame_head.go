package data

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/go-siamese/lab/data/quote"
)

// headColumns is how many features of an item Head shows: the first and the last three.
const headColumns = 6

// Head returns a text table for a first look: a line with the size, the blocks with their widths, and the first
// rows items (0 = none, more than N = all) with id, label, domain and the first and last features. Numbers have four
// digits, and names are printed by [quote.Cut], so that the table keeps its shape. Labels and domains have no
// column where the frame has none.
func (f *Frame) Head(rows int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s:", f)
	for _, b := range f.Blocks {
		fmt.Fprintf(&out, " %s %d", quote.Text(b.Name), b.Width())
	}
	out.WriteByte('\n')
	if rows <= 0 {
		return out.String()
	}
	shown, gap := f.headColumns()
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	// One function for the header and the items, so that they have the same cells.
	line := func(id, label, domain string, cell func(j int) string) {
		cells := []string{quote.Cut(id, 40)}
		if f.Labels != nil {
			cells = append(cells, quote.Cut(label, 40))
		}
		if f.Domains != nil {
			cells = append(cells, quote.Cut(domain, 40))
		}
		for k, j := range shown {
			if k == gap {
				cells = append(cells, "…")
			}
			cells = append(cells, quote.Cut(cell(j), 40))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	line("id", "label", "domain", func(j int) string { return f.Columns[j] })
	for i := range min(rows, f.N()) {
		var label, domain string
		if f.Labels != nil {
			label = f.Labels[i]
		}
		if f.Domains != nil {
			domain = f.Domains[i]
		}
		row := f.Row(i)
		line(f.IDs[i], label, domain, func(j int) string { return strconv.FormatFloat(float64(row[j]), 'g', 4, 32) })
	}
	table.Flush() // into memory, it cannot fail
	return out.String()
}

// headColumns returns the columns to show, and before which of them to mark a gap (-1: none).
func (f *Frame) headColumns() (shown []int, gap int) {
	if f.F() <= headColumns {
		for j := range f.F() {
			shown = append(shown, j)
		}
		return shown, -1
	}
	const half = headColumns / 2
	for j := range half {
		shown = append(shown, j)
	}
	for j := f.F() - half; j < f.F(); j++ {
		shown = append(shown, j)
	}
	return shown, half
}
