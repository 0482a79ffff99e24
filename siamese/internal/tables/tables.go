// Package tables lays out tables as text and as HTML, for package show and for cells that do not link it.
package tables

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/config"
	"github.com/go-siamese/lab/siamese/internal/fields"
)

// Config returns what differs from the default configuration, as text and as HTML; HTML is "" where nothing does.
func Config(c config.Config) (text, content string) {
	var rows [][]string
	for _, d := range fields.Differences(config.Default(), c) {
		rows = append(rows, []string{d.Name, fmt.Sprint(d.Now), fmt.Sprint(d.Was)})
	}
	if rows == nil {
		return "the default configuration", ""
	}
	const caption = "settings that are not the default"
	header := []string{"setting", "value", "default"}
	return Text(caption, header, rows), HTML(caption, header, rows)
}

// Text returns a table as lines of text with aligned columns: the first one left, the others right. Caption
// and cells are text; "" = no caption.
func Text(caption string, header []string, rows [][]string) string {
	var widths []int
	all := append([][]string{header}, rows...)
	for i, row := range all {
		all[i] = make([]string, len(row))
		for k, c := range row {
			all[i][k] = strings.ReplaceAll(quote.Lines(c), "\n", " ")
			if k == len(widths) {
				widths = append(widths, 0)
			}
			widths[k] = max(widths[k], utf8.RuneCountInString(all[i][k]))
		}
	}
	var lines []string
	if caption != "" {
		lines = append(lines, quote.Lines(caption))
	}
	for _, row := range all {
		var b strings.Builder
		for k, c := range row {
			if k == 0 {
				fmt.Fprintf(&b, "%-*s", widths[k], c)
				continue
			}
			fmt.Fprintf(&b, "  %*s", widths[k], c)
		}
		// A table without names of columns has no line for them.
		if line := strings.TrimRight(b.String(), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// HTML returns the HTML of a table, in which all is escaped. Styles are inline, because notebooks drop style sheets;
// without any it is still a table.
func HTML(caption string, header []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString(`<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">`)
	if caption != "" {
		fmt.Fprintf(&b, `<caption style="text-align:left;font-weight:bold;padding:4px 0">%s</caption>`,
			html.EscapeString(quote.Lines(caption)))
	}
	cells := func(tag string, row []string) {
		b.WriteString("<tr>")
		for i, cell := range row {
			align := "right"
			if i == 0 {
				align = "left"
			}
			scope := ""
			if tag == "th" {
				scope = ` scope="col"`
			}
			fmt.Fprintf(&b, `<%s%s style="text-align:%s;padding:3px 10px;border-bottom:1px solid #8884">%s</%s>`, tag,
				scope, align, together(html.EscapeString(quote.Lines(cell))), tag)
		}
		b.WriteString("</tr>")
	}
	cells("th", header)
	for _, row := range rows {
		cells("td", row)
	}
	b.WriteString("</table>")
	return b.String()
}

// bracketed matches an interval, such as [0.10, 0.20].
var bracketed = regexp.MustCompile(`\[[^\[\]]*\]`)

// together keeps what stands in brackets on one line. text is escaped HTML.
func together(text string) string {
	return bracketed.ReplaceAllString(text, `<span style="white-space:nowrap">$0</span>`)
}
