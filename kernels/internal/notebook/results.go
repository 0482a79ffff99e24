package notebook

import (
	"html"
	"regexp"
	"strings"
)

var (
	htmlHidden = regexp.MustCompile(`(?is)<(style|script|svg)\b.*?</(style|script|svg)>`)
	htmlCell   = regexp.MustCompile(`(?i)</t[dh]>\s*`)
	htmlBreak  = regexp.MustCompile(`(?i)</(tr|p|div|h[1-6]|li|caption)>|<br\s*/?>`)
	htmlTag    = regexp.MustCompile(`<[^>]*>`)
	blankLines = regexp.MustCompile(`\n[ \t]*(\n[ \t]*)+`)
)

// Results returns the text output of the cells tagged "results": what they printed, or the text of what they showed.
// Errors and warnings (standard error) are left out. It is empty when there is no such cell.
func (n *Notebook) Results() string {
	var b strings.Builder
	for _, c := range n.Cells {
		if !c.HasTag(TagResults) {
			continue
		}
		for _, o := range c.Outputs() {
			if name, content := o.Stream(); name == "stdout" {
				b.WriteString(content)
			} else if plain := o.Data("text/plain"); plain != "" {
				b.WriteString(plain + "\n")
			} else if markdown := o.Data("text/markdown"); markdown != "" {
				b.WriteString(markdown + "\n")
			} else if rich := o.Data("text/html"); rich != "" {
				b.WriteString(plainText(rich) + "\n")
			}
		}
	}
	return strings.TrimRight(b.String(), "\n\t ")
}

// plainText returns the text of a piece of HTML, with a line for each row or block and two spaces between table cells.
func plainText(s string) string {
	s = htmlHidden.ReplaceAllString(s, "")
	s = htmlCell.ReplaceAllString(s, "  ")
	s = htmlBreak.ReplaceAllString(s, "\n")
	s = html.UnescapeString(htmlTag.ReplaceAllString(s, ""))
	return strings.TrimSpace(blankLines.ReplaceAllString(s, "\n"))
}
