package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// sampleBytes is how much of the rows is looked at to tell what separates cells and whether there is a header; the
// buffer of [source] holds as much.
const sampleBytes = 1 << 16

// heading is what stands above the rows, and how cells are separated.
type heading struct {
	names  []string // of the columns
	comma  byte
	blanks bool // cells are separated by runs of blanks, which become one tab
	made   bool // the names are c1, c2, …, as the first line is an item
	notes  []string
	rows   [][]string // cells of the first rows, as far as the buffer goes

	mark     []byte // the last comment above, which may be a header; nil = none
	markLine int
	comments int
}

// note adds a sentence to the explanation.
func (h *heading) note(format string, args ...any) {
	h.notes = append(h.notes, fmt.Sprintf(format, args...))
}

// heading reads what stands above the rows: comments, a line sep=; of spreadsheets, and the header. Where the first
// line is an item it is put back.
func (s *source) heading(opt *reading.Options) (*heading, error) {
	h := &heading{comma: opt.Comma}
	if err := validComma(h.comma); err != nil {
		return nil, err
	}
	line, err := s.above(h)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(line, '\r') >= 0 && bytes.IndexByte(line, '"') < 0 {
		return nil, &tableerr.Error{File: s.file, Line: s.header, Problem: "lines end in CR only (old Macintosh text)",
			Fix: option.Do("write them with LF, for instance: tr '\\r' '\\n'")}
	}
	ahead, err := s.in.Peek(sampleBytes) // an error shows again when reading
	if err != nil {
		ahead = append(bytes.Clone(ahead), '\n')
	}
	if err := s.separate(h, line, ahead); err != nil {
		return nil, err
	}
	if h.blanks {
		s.in = newBufio(&blankReader{in: s.in})
		line = collapse(line)
	}
	h.rows = sample(ahead, h.comma, h.blanks)
	if h.names, err = s.cells(line, h.comma); err != nil {
		return nil, err
	}
	if h.hasRowNames(ahead) {
		h.names = append([]string{""}, h.names...)
		h.note("the header lacks the name of the first column, which holds the names of the rows, as R writes it")
	} else {
		s.name(h, line, opt)
	}
	if opt.EscapedFormulas {
		for j, name := range h.names {
			h.names[j] = formula.Unescape(name)
		}
	}
	return h, nil
}

// hasRowNames reports whether every row has one cell more than the header, the first of which is a name as R and pandas
// (to_string) give them: 0 or 1 and so on, or, between blanks, a text in quotes. ahead are the rows. The last cell is
// not empty, as behind a separator too many.
func (h *heading) hasRowNames(ahead []byte) bool {
	quoted := h.blanks && bytes.HasPrefix(ahead, []byte{'"'})
	from := 0
	if len(h.rows) > 0 && h.rows[0][0] == "1" {
		from = 1
	}
	for i, row := range h.rows {
		if len(row) != len(h.names)+1 || row[len(row)-1] == "" || row[0] != strconv.Itoa(i+from) && !quoted {
			return false
		}
	}
	return len(h.rows) > 1 && !slices.ContainsFunc(h.names, isNumber)
}

// above skips comments and a line sep=;, and returns the first other line; the last comment where there is none.
func (s *source) above(h *heading) ([]byte, error) {
	for first := true; ; first = false {
		line, err := s.readLine()
		switch {
		case errors.Is(err, io.EOF) && h.mark != nil:
			s.header = h.markLine
			line = h.mark
			h.mark = nil
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, &tableerr.Error{File: s.file, Problem: "the file holds blank lines only",
				Fix: option.Do("it needs a header line with column names and a line for every item")}
		case err != nil:
			return nil, err
		case first && isSep(line):
			if h.comma == 0 {
				h.comma = bytes.Trim(line, `"`)[len("sep=")]
			}
			if validComma(h.comma) != nil {
				return nil, &tableerr.Error{File: s.file, Line: s.header, Text: string(line),
					Problem: "names no separator",
					Fix:     option.Do("remove the line").Or("name it in %s", "Comma")}
			}
		case isComment(line):
			h.mark, h.markLine = bytes.Clone(bytes.TrimSpace(bytes.TrimLeft(line, "#%"))), s.header
			h.comments++
		default:
			return line, nil
		}
	}
}

// isComment reports whether a line is one as Python, R (#) and MATLAB (%) have them.
func isComment(line []byte) bool { return line[0] == '#' || line[0] == '%' }

// isSep reports whether a line is the one by which spreadsheets know the separator, such as sep=;.
func isSep(line []byte) bool {
	line = bytes.Trim(line, `"`)
	return len(line) == len("sep=;") && bytes.EqualFold(line[:4], []byte("sep="))
}

// name decides whether the names of h, the cells of the line, are names. Where they are an item, the line is put back,
// and the columns get the names of a comment that has as many, as numpy.savetxt writes a header, or c1, c2 and so on.
func (s *source) name(h *heading, line []byte, opt *reading.Options) {
	item, why := opt.NoHeader, "as asked"
	if !item {
		item, why = firstIsItem(h, opt)
	}
	marked := s.marked(h, opt, item)
	if h.comments > 0 {
		h.note("lines that begin with # or %% above the rows: %d", h.comments)
	}
	switch {
	case marked != nil:
		h.note("the header is the comment in line %d, without its mark", h.markLine)
	case !item:
		if why != "" {
			h.note("the first line is read as a header, %s; NoHeader (--no-header) reads it as an item", why)
		}
		return
	default:
		marked = make([]string, len(h.names))
		for j := range marked {
			marked[j] = fmt.Sprintf("c%d", j+1)
		}
		h.made = true
		h.note("the first line is read as an item, %s: the columns are called c1 to c%d; where it is a header, name one "+
			"of its columns in Keep (--keep) or another option", why, len(marked))
	}
	h.rows = append([][]string{h.names}, h.rows...)
	h.names = marked
	s.unread(line)
	if !h.made {
		s.header = h.markLine
	}
}

// marked returns the names that the last comment holds, nil = it is no header: it has another number of cells than the
// first line, or that line is no item. item is what else is known of that.
func (s *source) marked(h *heading, opt *reading.Options, item bool) []string {
	if len(h.mark) == 0 || opt.NoHeader {
		return nil
	}
	try := [][]byte{h.mark, collapse(h.mark)}
	for k, comma := range []byte{h.comma, '\t', inferComma(h.mark)} {
		names, err := s.cells(try[k%2], comma)
		if err != nil || len(names) != len(h.names) {
			continue
		}
		if item || namesRole(names, opt) && !namesRole(h.names, opt) {
			return names
		}
	}
	return nil
}

// cells returns the cells of a line of the header.
func (s *source) cells(line []byte, comma byte) ([]string, error) {
	var all []string
	cells := cellReader{data: append(line[:len(line):len(line)], '\n'), comma: comma}
	for more := true; more; {
		cell, problem := cells.next()
		if problem != "" {
			return nil, &tableerr.Error{File: s.file, Line: s.header, Text: string(cell), Problem: "in the header: " +
				problem}
		}
		// Each name takes some hundred bytes until the table is read.
		if len(all) > reading.MaxFeatures+16 || s.most > 0 && int64(len(all)) > s.most/256 {
			return nil, &tableerr.Error{File: s.file, Line: s.header,
				Problem: fmt.Sprintf("the header has more than %d cells", len(all)-1),
				Fix:     option.Do("check what the file is").Or("raise %s if this is right", "MaxBytes")}
		}
		all = append(all, string(cell))
		more = cells.skipComma()
	}
	return all, nil
}

// sample returns the cells of the first rows of ahead, of which the last may be cut. A row with a broken quote ends it.
func sample(ahead []byte, comma byte, blanks bool) (rows [][]string) {
	const most = 1000 // rows
	ahead = ahead[:lastRowEnd(ahead)]
	for len(ahead) > 0 && len(rows) < most {
		line, rest, _ := bytes.Cut(ahead, []byte{'\n'})
		if blanks {
			line = collapse(line)
		} else if bytes.IndexByte(line, '"') >= 0 {
			line, rest = ahead, nil // a quoted cell may hold line ends
		}
		text := append(line[:len(line):len(line)], '\n')
		for at := (cellReader{data: text, comma: comma}); at.at < len(text) && len(rows) < most; {
			if end := at.lineEnd(); end > 0 {
				at.at += end
				continue
			}
			var row []string
			for more := true; more; more = at.skipComma() {
				cell, problem := at.next()
				if problem != "" {
					return rows
				}
				row = append(row, strings.Clone(string(cell)))
			}
			rows = append(rows, row)
			at.at += at.lineEnd()
		}
		ahead = rest
	}
	return rows
}
