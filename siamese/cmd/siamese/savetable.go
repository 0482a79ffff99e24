package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/table"
)

// textEnding matches the names of files that spreadsheets open as text.
var textEnding = regexp.MustCompile(`(?i)\.(csv|tsv)(\.gz|\.zst)?$`)

// mayBeText reports whether a table of that name may be one that a spreadsheet wrote: its ending is none of the formats
// of numbers.
func mayBeText(path string) bool {
	if textEnding.MatchString(path) {
		return true
	}
	return !slices.ContainsFunc(table.Endings(), func(ending string) bool {
		return strings.HasSuffix(strings.ToLower(path), ending)
	})
}

// saveTable writes the frame to a file in the format that its ending says. In text, cells that a spreadsheet would run
// are escaped, or, where that is not asked for, counted in a warning on errOut.
func saveTable(path string, frame *data.Frame, escape bool, errOut io.Writer) error {
	if textEnding.MatchString(path) {
		if escape {
			frame = formula.EscapeFrame(frame)
		} else if n := formula.Count(frame); n > 0 {
			fmt.Fprintf(errOut, "warning: %d texts in %s begin with =, +, - or @: a spreadsheet would run them as "+
				"formulas, unless --escape-formulas is given\n", n, path)
		}
	}
	return table.Save(path, frame)
}
