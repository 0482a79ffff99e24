package describe

import (
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/quote"
)

// describeTemplate is the page: styles, lines, advice and tables.
//
//go:embed describe.html
var describeTemplate string

// maxCell is how many runes of a text a cell or a line holds: a label may be a book.
const maxCell = 400

// clean returns a text as it is to be shown: without control characters and not too long.
func clean(s string) string { return quote.Line(quote.Short(s, maxCell)) }

// describeHTML escapes by context, so that no name of a column or an item can be markup. clean takes out control
// characters.
var describeHTML = template.Must(template.New("describe").
	Funcs(template.FuncMap{"clean": clean}).Parse(describeTemplate))

// HTML returns the description as a piece of HTML for a notebook or a page: it needs no network and no script,
// inherits the colours around it, light or dark, and escapes every name. Long lists are cut, with a count of
// what is left out.
func (d *Description) HTML() string {
	// Everything that the template shows, in its order.
	var out strings.Builder
	page := struct {
		*Description
		Lines  []string
		Tables []htmlTable
	}{d, d.summary(), []htmlTable{d.blocksTable(), d.columnsTable(), d.outliersTable(), d.duplicatesTable(),
		d.classesTable(), d.domainsTable()}}
	if err := describeHTML.Execute(&out, page); err != nil {
		return template.HTMLEscapeString(err.Error()) // only when the template does not fit: tests see that
	}
	return out.String()
}

// htmlTable is a table of text, which the template draws. A table without rows is not shown.
type htmlTable struct {
	Title string
	// Text are the columns with words, aligned left; the others are numbers.
	Text []int
	// Header has a cell for every column, the one of bars included.
	Header []string
	Rows   [][]string
	// Bars has the length of a bar after each row, in percent of the longest possible; nil = no bars.
	Bars []float64
	// More counts the rows left out.
	More int
}

// Left reports whether a column is aligned left.
func (t htmlTable) Left(column int) bool { return slices.Contains(t.Text, column) }

// cut leaves the first most rows and counts the others in More. Bars need no cutting: the template takes one per row.
func (t htmlTable) cut(most int) htmlTable {
	if len(t.Rows) > most {
		t.Rows, t.More = t.Rows[:most], len(t.Rows)-most
	}
	return t
}

// quiet returns a count, with a dot for 0, so that other counts stand out in a table.
func quiet(k int) string {
	if k == 0 {
		return "·"
	}
	return fmt.Sprint(k)
}

// number returns four significant digits, as the text does.
func number(v float64) string { return fmt.Sprintf("%.4g", unsigned(v)) }

// blocksTable lists the first 20 blocks with the fields of [BlockStats].
func (d *Description) blocksTable() htmlTable {
	t := htmlTable{Title: "Blocks", Text: []int{0}, Header: []string{"block", "columns", "constant", "repeated",
		"missing", "infinite", "outliers", "min", "max", "mean", "std (median)"}}
	for _, b := range d.Blocks {
		t.Rows = append(t.Rows, []string{b.Name, fmt.Sprint(b.Columns), quiet(b.Constant), quiet(b.Repeated),
			quiet(b.Missing), quiet(b.Infinite), quiet(b.Outliers),
			number(b.Min), number(b.Max), number(b.Mean), number(b.Std)})
	}
	return t.cut(20)
}

// columnsTable lists the first 12 columns that have to be mended or dropped, the most serious first; those with
// outliers only follow in a table of their own.
func (d *Description) columnsTable() htmlTable {
	t := htmlTable{Title: "Columns to look at", Text: []int{0, 1}, Header: []string{"column", "what", "min", "median",
		"max", "mean", "std"}}
	list := slices.DeleteFunc(slices.Clone(d.Columns), func(c ColumnStats) bool { return c.gravity() == 0 })
	slices.SortStableFunc(list, func(a, b ColumnStats) int { return b.gravity() - a.gravity() })
	for _, c := range list {
		t.Rows = append(t.Rows, []string{c.Name, c.trouble(), number(c.Min), number(c.Median), number(c.Max),
			number(c.Mean), number(c.Std)})
	}
	return t.cut(12)
}

// gravity orders columns by severity: what cannot be trained on comes first. 0 = nothing is wrong. Powers of two keep
// the worst problem ahead of any sum of lesser ones.
func (c ColumnStats) gravity() int {
	return 8*truth(c.Infinite > 0) + 4*truth(c.Missing > 0) + 2*truth(c.Constant) + truth(c.SameAs != "")
}

// trouble names what is wrong with a column, the worst first; "" = nothing.
func (c ColumnStats) trouble() string {
	var list []string
	if c.Infinite > 0 {
		list = append(list, fmt.Sprintf("%d infinite", c.Infinite))
	}
	if c.Missing > 0 {
		list = append(list, fmt.Sprintf("%d missing", c.Missing))
	}
	if c.Constant {
		list = append(list, "constant")
	}
	if c.SameAs != "" {
		list = append(list, "same as "+c.SameAs)
	}
	return strings.Join(list, ", ")
}

// outliersTable lists the 8 columns whose farthest outlier is the farthest out, with that value and its item.
func (d *Description) outliersTable() htmlTable {
	t := htmlTable{Title: fmt.Sprintf("Outliers: more than %g spreads beyond a quartile; farthest first", d.Fence),
		Text: []int{0, 1},
		Header: []string{"column", "farthest item", "value", "distance", "outliers", "first quartile", "median",
			"third quartile"}}
	// Columns themselves stay in the order of the frame.
	list := slices.DeleteFunc(slices.Clone(d.Columns), func(c ColumnStats) bool { return c.Outliers == 0 })
	slices.SortStableFunc(list, func(a, b ColumnStats) int { return byDistance(a.Worst[0], b.Worst[0]) })
	for _, c := range list {
		w := c.Worst[0]
		t.Rows = append(t.Rows, []string{c.Name, w.ID, number(w.Value), number(w.Distance), fmt.Sprint(c.Outliers),
			number(c.Q1), number(c.Median), number(c.Q3)})
	}
	return t.cut(8)
}

// duplicatesTable lists the first 10 groups of duplicates. A group is "exact" when all of its items are equal, and
// "near" when at least one is not.
func (d *Description) duplicatesTable() htmlTable {
	t := htmlTable{Title: "Duplicate items", Text: []int{0, 1}, Header: []string{"kind", "items", "how many"}}
	// A group of Near that holds nothing but one of Exact has the same first item and size.
	exact := make(map[int]int) // first item -> size
	for _, g := range d.Duplicates.Exact {
		exact[g[0]] = len(g)
	}
	for k, ids := range d.DuplicateIDs {
		kind := "near"
		if exact[d.Duplicates.Near[k][0]] == len(ids) {
			kind = "exact"
		}
		if slices.Contains(d.Conflicts, k) {
			kind += ", labels differ"
		}
		t.Rows = append(t.Rows, []string{kind, listing.Quoted(ids), fmt.Sprint(len(ids))})
	}
	return t.cut(10)
}

// classesTable lists the 24 largest classes, with a bar in proportion to the largest. The column of domains is there
// only where the frame has domains.
func (d *Description) classesTable() htmlTable {
	t := htmlTable{Title: "Classes", Text: []int{0}, Header: []string{"class", "items"}}
	if len(d.Domains) > 0 {
		t.Header = append(t.Header, "domains")
	}
	list := slices.Clone(d.Classes)
	slices.SortStableFunc(list, func(a, b ClassStats) int { return b.Items - a.Items })
	for _, c := range list {
		row := []string{c.Name, fmt.Sprint(c.Items), fmt.Sprint(c.Domains)}
		t.Rows = append(t.Rows, row[:len(t.Header)])
		// The largest class comes first, and its bar is full.
		t.Bars = append(t.Bars, 100*float64(c.Items)/float64(list[0].Items))
	}
	t.Header = append(t.Header, "")
	return t.cut(24)
}

// domainsTable lists the first 20 domains with the fields of [DomainStats].
func (d *Description) domainsTable() htmlTable {
	t := htmlTable{Title: "Domains", Text: []int{0}, Header: []string{"domain", "items", "classes", "without a label"}}
	for _, s := range d.Domains {
		t.Rows = append(t.Rows, []string{s.Name, fmt.Sprint(s.Items), fmt.Sprint(s.Classes), quiet(s.Unlabelled)})
	}
	return t.cut(20)
}
