package show

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
)

// tableText returns a table as lines of text with aligned columns: the first one left, the others right.
func tableText(caption string, header []string, rows [][]string) string {
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
