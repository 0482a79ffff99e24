// Package show puts the lab's results into a notebook: tables, pictures, curves and live progress.
//
// Every function comes in two halves: one that returns the content (HTML or SVG text), which works anywhere
// and is what the tests look at, and one that displays it through GoNB. Pictures are SVG or embedded PNG, so
// that a saved notebook shows them without a network.
//
// [SavePage] and [SaveComparison] write reports as a page of their own, in or outside of a notebook.
package show

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
)

// HTML displays HTML in the notebook; outside of one it does nothing.
func HTML(content string) {
	if gonbui.IsNotebook {
		gonbui.DisplayHTML(content)
	}
}

// SVG displays an SVG picture in the notebook; outside of one it does nothing.
func SVG(content string) {
	if gonbui.IsNotebook {
		gonbui.DisplaySVG(content)
	}
}

// Done waits until the notebook has everything that was displayed. Call it at the end of a cell
// (`defer show.Done()`): output that is still on its way when a cell ends is lost.
func Done() {
	if gonbui.IsNotebook {
		gonbui.Sync()
	}
}

// TableHTML returns a table as HTML. The first column is aligned left, the others right.
func TableHTML(caption string, header []string, rows [][]string) string {
	var b strings.Builder
	b.WriteString(`<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">`)
	if caption != "" {
		fmt.Fprintf(&b, `<caption style="text-align:left;font-weight:bold;padding:4px 0">%s</caption>`,
			html.EscapeString(caption))
	}
	cells := func(tag string, row []string) {
		b.WriteString("<tr>")
		for i, cell := range row {
			align := "right"
			if i == 0 {
				align = "left"
			}
			fmt.Fprintf(&b, `<%s style="text-align:%s;padding:3px 10px;border-bottom:1px solid #8884">%s</%s>`, tag,
				align, together(html.EscapeString(cell)), tag)
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

// bracketed matches an interval.
var bracketed = regexp.MustCompile(`\[[^\[\]]*\]`)

// together keeps what stands in brackets on one line.
func together(text string) string {
	return bracketed.ReplaceAllString(text, `<span style="white-space:nowrap">$0</span>`)
}

// Table displays a table.
func Table(caption string, header []string, rows [][]string) { HTML(TableHTML(caption, header, rows)) }
