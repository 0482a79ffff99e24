package data

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// notUTF8 is what to do with other encodings; most such tables come from spreadsheets.
const notUTF8 = "save the table as UTF-8, for instance: iconv -f WINDOWS-1252 -t UTF-8"

// csvPlan is what becomes of each column of the file.
type csvPlan struct {
	Assignment
	comma    byte
	features []string
	blocks   []Block
}

// plan reads the header and gives every column its role.
func (s *csvSource) plan(opt CSVOptions) (*csvPlan, error) {
	header, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	at := func(problem, fix string) error {
		return &CSVError{File: s.file, Line: s.header, Problem: problem, Fix: fix}
	}
	if opt.Comma != 0 && strings.IndexByte("\"\r\n+-.0123456789eE \x00", opt.Comma) >= 0 {
		return nil, fmt.Errorf("data: CSVOptions.Comma: %q cannot separate cells; use a comma, a tab or a semicolon", opt.Comma)
	}
	if bytes.IndexByte(header, '\r') >= 0 && bytes.IndexByte(header, '"') < 0 {
		return nil, at("lines end in CR only (old Macintosh text)", "write them with LF, for instance: tr '\\r' '\\n'")
	}
	comma := opt.Comma
	if comma == 0 {
		comma = inferComma(header)
	}
	var names []string
	cells := cellReader{data: append(header, '\n'), comma: comma}
	for more := true; more; {
		cell, problem := cells.next()
		if problem != "" {
			return nil, &CSVError{File: s.file, Line: s.header, Text: string(cell), Problem: "in the header: " + problem}
		}
		if !utf8.Valid(cell) {
			return nil, &CSVError{File: s.file, Line: s.header, Text: string(cell), Problem: "in the header is not UTF-8", Fix: notUTF8}
		}
		names = append(names, string(cell))
		more = cells.skipComma()
	}
	if twice := repeated(names); len(twice) > 0 {
		return nil, at("columns occur more than once: "+quoted(twice), "rename or remove all but one of each")
	}
	schema := opt.schema()
	roles, err := schema.Assign(names)
	if err != nil {
		return nil, &CSVError{File: s.file, Line: s.header, Problem: err.Error()}
	}
	p := &csvPlan{Assignment: *roles, comma: comma}
	p.Notes = append([]string{fmt.Sprintf("cells are separated by %q", comma)}, p.Notes...)
	if opt.RolesOnly {
		p.DropFeatures()
		return p, nil
	}
	for j, name := range names {
		if name == "" && p.Roles[j] == RoleFeature {
			return nil, at(fmt.Sprintf("column %d of %d has no name", j+1, len(names)), "name it, or remove a comma too many")
		}
		if p.Roles[j] == RoleFeature {
			p.features = append(p.features, name)
		}
	}
	if len(p.features) == 0 {
		return nil, at("there are no feature columns besides id, label and domain", "add columns of numbers")
	}
	blocks, note, err := schema.Divide(p.features)
	if err != nil {
		return nil, &CSVError{File: s.file, Line: s.header, Problem: err.Error()}
	}
	p.blocks = blocks
	p.Notes = append(p.Notes, note)
	return p, nil
}

// inferComma returns the most frequent separator outside quotes; a comma where they tie.
func inferComma(header []byte) byte {
	var seen [256]int
	inside := false
	for _, c := range header {
		if c == '"' {
			inside = !inside
		}
		if !inside {
			seen[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte("\t;") {
		if seen[c] > seen[best] {
			best = c
		}
	}
	return best
}

// allFeatures names the block of features that show no families.
const allFeatures = "features"

// BlockName returns the block that a column name suggests: what stands before the first "/",
// or else the name without the digits and separators (one of "_-.: ") at its end.
// "hog/12", "hog_12" and "hog12" are all of block "hog"; "12" is of block "features".
func BlockName(column string) string {
	name, _, cut := strings.Cut(column, "/")
	if !cut {
		name = strings.TrimRight(column, "0123456789_-.: ")
	}
	if name == "" {
		return allFeatures
	}
	return name
}

// numbered returns the ids of items in a table without ids: "1", "2", …
func numbered(n int) []string { return numberedFrom(0, n) }

// numberedFrom numbers n items behind the first seen ones.
func numberedFrom(seen, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(seen + i + 1)
	}
	return ids
}
