package notebook

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"text/tabwriter"
)

var (
	// What plainText goes by. Regular expressions suffice: the HTML is that of this lab's own tables, and what they get
	// wrong is only layout.
	htmlHidden = regexp.MustCompile(`(?is)<(style|script|svg)\b.*?</(style|script|svg)>`)
	htmlTable  = regexp.MustCompile(`(?is)<table\b.*?</table>`)
	htmlCell   = regexp.MustCompile(`(?i)</t[dh]>\s*`)
	htmlBreak  = regexp.MustCompile(`(?i)</(tr|p|div|h[1-6]|li|caption)>|<br\s*/?>`)
	htmlTag    = regexp.MustCompile(`<[^>]*>`)
	trailing   = regexp.MustCompile(`(?m) +$`)
	blankLines = regexp.MustCompile(`\n[ \t]*(\n[ \t]*)+`)
)

// Results returns the text output of the cells tagged "results", in order: what they printed, or the text of what they
// showed, the plainest form first. Errors and warnings (standard error) are left out. It is "" when there is no such
// cell, or it has no output.
func (n *Notebook) Results() string {
	var b strings.Builder
	for _, c := range n.Cells {
		if !c.HasTag(TagResults) {
			continue
		}
		for _, o := range c.Outputs() {
			// Of a display only one form is taken: they say the same.
			if name, content := o.Stream(); name == "stdout" {
				b.WriteString(content)
			} else if plain := o.Data("text/plain"); plain != "" {
				b.WriteString(plain + "\n")
			} else if markdown := o.Data("text/markdown"); markdown != "" {
				b.WriteString(markdown + "\n")
				// HTML comes last: its text has lost some of its layout.
			} else if rich := o.Data("text/html"); rich != "" {
				b.WriteString(plainText(rich) + "\n")
			}
		}
	}
	return strings.TrimRight(b.String(), "\n\t ")
}

// plainText returns the text of a piece of HTML, for a terminal: a line for each row or block, the columns of tables
// aligned. Styles, scripts and pictures are dropped.
func plainText(s string) string {
	s = htmlHidden.ReplaceAllString(s, "")
	s = htmlTable.ReplaceAllStringFunc(s, func(table string) string {
		// White space of the source is no layout in HTML, but would be in aligned's rows and cells.
		table = strings.NewReplacer("\n", " ", "\t", " ").Replace(table)
		table = htmlCell.ReplaceAllString(table, "\t")
		return "<br>" + aligned(strip(htmlBreak.ReplaceAllString(table, "\n"))) + "<br>"
	})
	// Entities become characters after all tags are gone, so that &lt;b&gt; is text and no tag.
	s = html.UnescapeString(strip(htmlBreak.ReplaceAllString(s, "\n")))
	return strings.TrimSpace(blankLines.ReplaceAllString(s, "\n"))
}

// strip takes the tags out of a piece of HTML.
func strip(s string) string { return htmlTag.ReplaceAllString(s, "") }

// aligned lines up the cells of a table's rows. A tab ends each cell, a newline each row. Widths are of text without
// entities: &lt; counts as one character.
func aligned(rows string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.FilterHTML)
	for row := range strings.Lines(rows) {
		cells := strings.Split(strings.TrimSuffix(strings.TrimRight(row, " \n"), "\t"), "\t")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	w.Flush()
	return trailing.ReplaceAllString(b.String(), "")
}
