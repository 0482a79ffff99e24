package formula

import (
	"slices"

	"github.com/go-siamese/lab/data"
)

// Count returns how many ids, labels, domains and names of columns of f begin with =, +, - or @ and are no numbers:
// a spreadsheet that opens them in a CSV file would run them as formulas, which can send data elsewhere.
func Count(f *data.Frame) int {
	n := 0
	for _, texts := range [][]string{f.IDs, f.Labels, f.Domains, f.Columns} {
		for _, text := range texts {
			if Is(text) {
				n++
			}
		}
	}
	return n
}

// EscapeFrame returns f with an apostrophe before every text that [Count] counts, for a CSV file that is opened
// in a spreadsheet. Options.EscapedFormulas reads it back as it was. It shares all but the texts with f.
func EscapeFrame(f *data.Frame) *data.Frame {
	escape := func(texts []string) []string {
		texts = slices.Clone(texts)
		for i, text := range texts {
			texts[i] = Escape(text)
		}
		return texts
	}
	out := *f
	out.IDs, out.Labels, out.Domains = escape(f.IDs), escape(f.Labels), escape(f.Domains)
	out.Columns = escape(f.Columns)
	return &out
}
