package csv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// notUTF8 is what to do with other encodings; most such tables come from spreadsheets.
const notUTF8 = "save the table as UTF-8, for instance: iconv -f WINDOWS-1252 -t UTF-8"

// plan is what happens to each column of a file, and what separates its cells.
type plan struct {
	*reading.Plan
	comma byte
}

// plan reads the header and gives every column its role. The separator is opt.Comma or
// inferred. It refuses separators that can be part of a number, with which a cell would have
// two meanings.
func (s *source) plan(opt *reading.Options) (*plan, error) {
	header, err := s.readHeader()
	if err != nil {
		return nil, err
	}
	if opt.Comma != 0 && strings.IndexByte("\"\r\n+-.0123456789eE \x00", opt.Comma) >= 0 {
		return nil, fmt.Errorf("table: %w", option.Errorf("Comma",
			"%q cannot separate cells; use a comma, a tab or a semicolon", opt.Comma))
	}
	if bytes.IndexByte(header, '\r') >= 0 && bytes.IndexByte(header, '"') < 0 {
		return nil, &tableerr.Error{File: s.file, Line: s.header, Problem: "lines end in CR only (old Macintosh text)",
			Fix: option.Do("write them with LF, for instance: tr '\\r' '\\n'")}
	}
	// 0 is no separator in any file: it means that none was given.
	comma := opt.Comma
	if comma == 0 {
		comma = inferComma(header)
	}
	var columns []reading.Column
	cells := cellReader{data: append(header, '\n'), comma: comma}
	for more := true; more; {
		cell, problem := cells.next()
		if problem != "" {
			return nil, &tableerr.Error{File: s.file, Line: s.header, Text: string(cell), Problem: "in the header: " +
				problem}
		}
		if !utf8.Valid(cell) {
			return nil, &tableerr.Error{File: s.file, Line: s.header, Text: string(cell),
				Problem: "in the header is not UTF-8",
				Fix:     option.Do(notUTF8)}
		}
		// Any column may hold anything: that it holds no numbers shows when it is read.
		columns = append(columns, reading.Column{Name: string(cell), Kind: reading.Numbers, Width: 1, Text: true})
		more = cells.skipComma()
	}
	p, err := reading.NewPlan(s.file, columns, opt, reading.Hints{})
	if bad := new(tableerr.Error); errors.As(err, &bad) {
		bad.Line = s.header
	}
	if err != nil {
		return nil, err
	}
	// The separator is a guess that a reader of the explanation must be able to see.
	p.Notes = append([]string{fmt.Sprintf("cells are separated by %q", comma)}, p.Notes...)
	return &plan{Plan: p, comma: comma}, nil
}

// inferComma returns the most frequent of comma, tab and semicolon outside quotes in the
// header; a comma where they tie. Only the header counts: in rows, a decimal comma would look
// like a separator.
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
