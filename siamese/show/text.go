package show

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/siamese/internal/decimal"
	"github.com/go-siamese/lab/siamese/stats"
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

// rate returns a metric with the digits of the report in the terminal, four, so that both can be compared.
func rate(v float64) string { return decimal.Fixed(v, 4) }

// number returns a value with three digits: tables in notebooks are wide.
func number(v float64) string { return decimal.Fixed(v, 3) }

// signed returns a difference with three digits and its sign.
func signed(v float64) string { return decimal.Signed(v, 3) }

// between returns the ends of an interval of values that are not negative.
func between(low, high float64) string { return number(low) + "-" + number(high) }

// span returns the ends of an interval with their signs.
func span(low, high float64) string { return signed(low) + " to " + signed(high) }

// estimate returns a value with its interval, where there is one.
func estimate(v float64, e stats.Estimate) string {
	if e.Method == "" {
		return number(v)
	}
	return fmt.Sprintf("%s [%s, %s]", number(v), number(e.Low), number(e.High))
}
