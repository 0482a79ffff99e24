package csv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// doubtNames returns an error for a first line that is no header of a table: a title, one of several lines of a header,
// or one whose separator is not known. nil = its names may be right.
func (s *source) doubtNames(h *heading) error {
	fail := func(fix option.Fix, format string, args ...any) error {
		return &tableerr.Error{File: s.file, Line: s.header, Problem: fmt.Sprintf(format, args...), Fix: fix}
	}
	if comma := h.otherComma(); comma != 0 {
		return fail(option.Do("name it in %s", "Comma"), "cells seem to be separated by %q", comma)
	}
	twice := listing.Repeated(h.names)
	filled := len(h.names)
	for filled > 0 && h.names[filled-1] == "" {
		filled--
	}
	hollow := func(j int) bool { return h.says(j, func(cell string) bool { return cell == "" }) }
	switch {
	case filled == 1 && len(h.names) > 1 && len(h.rows) > 0 && !hollow(len(h.names)-1):
		return fail(option.Do("remove the lines above the header"), "this seems to be a title: only its first cell, %q, "+
			"has text, and the rows have more", h.names[0])
	case len(h.names) > 1 && h.names[0] == "" && h.names[1] == "" && !hollow(1):
		return fail(option.Do("write it without an index, as df.to_csv(FILE, index=False) does").Or("name these columns"),
			"the first columns have no names, as the levels of an index in pandas")
	case slices.ContainsFunc(twice, func(name string) bool { return name != "" }) && h.namesGoOn():
		return fail(option.Do(`join its lines, as df.columns = ["_".join(map(str, c)) for c in df.columns] does`).
			Or("rename or remove all but one of each"), "columns occur more than once: %s; the header seems to have two "+
			"lines, as pandas writes columns of several levels", listing.Quoted(twice))
	}
	return nil
}

// namesGoOn reports whether the first row may be the second line of a header: its cells tell columns of one name apart,
// and do not look like those of other rows, as they are texts or count columns.
func (h *heading) namesGoOn() bool {
	if len(h.rows) < 2 || len(h.rows[0]) != len(h.names) {
		return false
	}
	both := make([]string, len(h.names))
	texts := 0
	for j, name := range h.names {
		both[j] = name + "\x00" + h.rows[0][j]
		if !isMissing(h.rows[0][j]) && !isWhole(h.rows[0][j]) {
			texts++
		}
	}
	return len(listing.Repeated(both)) == 0 && (texts == 0 || !slices.ContainsFunc(h.rows[0], isNumber))
}

// otherComma returns a character that stands equally often in the header and all first rows of what would be a table
// of one column of text, 0 = there is none.
func (h *heading) otherComma() byte {
	if len(h.names) != 1 || len(h.rows) < 2 || h.made {
		return 0
	}
	for _, comma := range []byte("~^\x01\x1e\x1f!&/:*") {
		n := strings.Count(h.names[0], string(comma))
		if n > 0 && !slices.ContainsFunc(h.rows, func(row []string) bool {
			return len(row) != 1 || strings.Count(row[0], string(comma)) != n || isNumber(row[0])
		}) {
			return comma
		}
	}
	return 0
}
