package csv

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// newBufio returns a reader that [source] can peek as much of as it needs.
func newBufio(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, sampleBytes) }

// validComma refuses separators that can be part of a number, with which a cell would have two meanings. 0 and ' '
// stand for others.
func validComma(comma byte) error {
	if comma != 0 && strings.IndexByte("\"\r\n+-.0123456789eE", comma) >= 0 {
		return fmt.Errorf("table: %w", option.Errorf("Comma",
			"%q cannot separate cells; use a comma, a tab, a semicolon or a blank", comma))
	}
	return nil
}

// separate finds what separates the cells, given the first line and what follows it, and notes it.
func (s *source) separate(h *heading, line, ahead []byte) error {
	switch {
	// 0 is no separator in any file: it means that none was given.
	case h.comma == 0 && !strings.ContainsAny(outsideQuotes(line), ",\t;|"):
		if err := s.separateBlanks(h, line, ahead); err != nil {
			return err
		}
	case h.comma == 0:
		h.comma = inferComma(line)
	case h.comma == ' ':
		h.blanks = true
	}
	if h.blanks {
		h.comma = '\t'
		h.note("cells are separated by blanks")
		return nil
	}
	// The separator is a guess that a reader of the explanation must be able to see.
	h.note("cells are separated by %q", h.comma)
	return nil
}

// separateBlanks decides about a first line without any usual separator: blanks separate its cells if the next line has
// as many between blanks, or, where there is no next line, if all are numbers. It is an error if the next line has
// another number of cells, and numbers among them.
func (s *source) separateBlanks(h *heading, line, ahead []byte) error {
	h.comma = ','
	first := strings.Split(string(collapse(line)), "\t")
	rows := sample(ahead, '\t', true)
	if len(rows) == 0 {
		h.blanks = len(first) > 1 && !hasText(first)
		return nil
	}
	next := rows[0]
	// R writes no name above the names of the rows; see hasRowNames.
	named := len(next) == len(first)+1 && (next[0] == "0" || next[0] == "1" || ahead[0] == '"')
	h.blanks = len(next) > 1 && (len(next) == len(first) || named)
	if len(next) > 1 && !h.blanks && isNumber(next[len(next)-1]) && isNumber(next[len(next)-2]) {
		return &tableerr.Error{File: s.file, Line: s.header, Problem: fmt.Sprintf("cells seem to be separated by "+
			"blanks: this line has %d, the next one %d", len(first), len(next)),
			Fix: option.Do("write the table with commas, or without blanks inside cells")}
	}
	return nil
}

// hasText reports whether some cell is no number.
func hasText(cells []string) bool {
	for _, cell := range cells {
		if !isNumber(cell) {
			return true
		}
	}
	return false
}

// decimalComma matches a line of cells, without quotes, in which every comma is one of a number.
var decimalComma = regexp.MustCompile(`^([^,]|\d,\d)*$`)

// inferComma returns the most frequent of comma, tab, semicolon and bar outside quotes in a line; a comma where they
// tie, or a semicolon where each comma stands between digits, as a decimal comma does. Only the header counts: in rows,
// a decimal comma would look like a separator.
func inferComma(line []byte) byte {
	text := outsideQuotes(line)
	if strings.Contains(text, ";") && strings.Contains(text, ",") && decimalComma.MatchString(text) {
		return ';'
	}
	best, most := byte(','), strings.Count(text, ",")
	for _, c := range []byte("\t;|") {
		if n := strings.Count(text, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// outsideQuotes returns a line without what stands in quotes.
func outsideQuotes(line []byte) string {
	if bytes.IndexByte(line, '"') < 0 {
		return string(line)
	}
	var out strings.Builder
	inside := false
	for _, c := range line {
		if c == '"' {
			inside = !inside
		} else if !inside {
			out.WriteByte(c)
		}
	}
	return out.String()
}
