// Package show puts the lab's results into a notebook: tables, pictures, curves and live progress.
//
// Every function comes in two halves: one that returns the content (HTML or SVG text), which works anywhere and is what
// the tests look at, and one that displays it through GoNB, which outside of a notebook does nothing. Pictures are SVG
// or embedded PNG, so that a saved notebook shows them without a network. Names of items, classes and models are
// escaped: they come from files.
//
// A cell starts with [Context], checks errors with [OK] or [Must], and ends with [Done]. [SavePage], [SaveComparison]
// and [SaveProtocols] write reports as a page of their own, in or outside of a notebook.
//
// What there is for what:
//
//	a frame        Frame Describe Leakage
//	pictures       Grid Pictures Hardest
//	training       Progress History Trials
//	evaluation     Reports Compared Rates Reliability Scores Protocols
//	explanation    Explanation Blocks
//	anything else  Table HTML SVG
//
// The package computes no metrics: it shows what reports, explanations and training results hold.
package show

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
)

// HTML displays HTML in the notebook; outside of one it does nothing. content is displayed unchanged: escape what comes
// from data.
func HTML(content string) {
	if gonbui.IsNotebook {
		inOrder(func() { gonbui.DisplayHTML(content) })
	}
}

// SVG displays an SVG picture in the notebook; outside of one it does nothing. It is an output of its own type, which
// JupyterLab keeps in notebooks that are not trusted, unlike SVG within HTML.
func SVG(content string) {
	if gonbui.IsNotebook {
		inOrder(func() { gonbui.DisplaySVG(content) })
	}
}

// Done waits until the notebook has everything that was displayed. Call it at the end of a cell (`defer show.Done()`):
// output that is still on its way when a cell ends is lost. Outside of a notebook it does nothing.
func Done() {
	if gonbui.IsNotebook {
		gonbui.Sync()
	}
}

// TableHTML returns a table as HTML: a line of headers and one for each row. The first column is aligned left, the
// others right. Caption and cells are text and are escaped; "" = no caption. Rows may differ in length. Styles are
// inline, because notebooks drop style sheets.
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

// bracketed matches an interval, such as [0.10, 0.20].
var bracketed = regexp.MustCompile(`\[[^\[\]]*\]`)

// together keeps what stands in brackets on one line. text is escaped HTML.
func together(text string) string {
	return bracketed.ReplaceAllString(text, `<span style="white-space:nowrap">$0</span>`)
}

// Table displays a table; see [TableHTML].
func Table(caption string, header []string, rows [][]string) { HTML(TableHTML(caption, header, rows)) }
