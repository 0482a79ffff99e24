package csv

import (
	"bytes"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/formula"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// nan is what a missing or, with AllowMissing, an infinite cell becomes: one value of bits, whatever the text was.
var nan = float32(math.NaN())

// rowParser turns chunks into rows. Every worker has its own, which it keeps from chunk to
// chunk for the texts in seen. Not safe for several goroutines.
type rowParser struct {
	file   string
	plan   *plan
	opt    *reading.Options
	seen   reading.Interner // of labels and domains
	chunk  *chunk
	cells  cellReader
	line   int // where the current row starts
	column int // of the current cell
}

// parse fills the outputs of the chunk, up to the first faulty row, whose error becomes c.err.
// After an error the outputs mean nothing: a part of the faulty row may be among them.
func (p *rowParser) parse(c *chunk) {
	p.chunk, p.line = c, c.line
	p.cells.data, p.cells.at, p.cells.comma = c.text, 0, p.plan.comma
	c.x, c.ids, c.labels, c.domains, c.lines = c.x[:0], c.ids[:0], c.labels[:0], c.domains[:0], c.lines[:0]
	c.tally, c.fresh = tally{}, 0
	if c.err != nil {
		return
	}
	for p.cells.at < len(c.text) {
		// A blank line is no row, even in a table of one column: an empty value there must be
		// written as "".
		if blank := p.cells.lineEnd(); blank > 0 {
			p.cells.at += blank
			p.line++
			continue
		}
		if blank := p.cells.blankRow(); blank > 0 {
			c.tally.blank++
			p.cells.at += blank
			p.line++
			continue
		}
		if c.err = p.row(); c.err != nil {
			return
		}
	}
	// The cut row was parsed like any other. What it lacks is a fault of its own only if
	// nothing else was wrong.
	if c.cut {
		c.err = p.fault("", fmt.Sprintf("the row is longer than %d MiB", len(c.text)>>20),
			option.Do("check for a quote that is never closed, or for rows without line ends").
				Or("raise %s if this is right", "MaxBytes"))
	}
}

// row reads one row. All columns are parsed in their order; a feature that is a plain number
// takes the fast path, which is most of the time spent. All of the text may be read without
// checks for its end, because a chunk ends in a line end, at which every cell stops.
func (p *rowParser) row() error {
	c, cells := p.chunk, &p.cells
	start, text, comma := cells.at, c.text, cells.comma
	at := start
	cells.lines = 0
	fast := !p.plan.numbersMissing
	for column, role := range p.plan.Roles {
		if column > 0 {
			if text[at] != comma {
				cells.at = start
				return p.ragged()
			}
			at++
		}
		// The fast path takes the whole cell or nothing: 1.2.3 and 1 2 go to the slow one, to
		// be explained.
		if role == data.RoleFeature && fast {
			if value, end, ok := parseFloat32(text, at); ok && (text[end] == comma || text[end] == '\n') {
				c.x = append(c.x, value)
				if narrow.Suspect(value) {
					p.column = column
					p.loseLarge(text[at:end+1], value)
				}
				at = end
				continue
			}
		}
		cells.at, p.column = at, column
		if err := p.cell(role); err != nil {
			return err
		}
		at = cells.at
	}
	cells.at = at
	end := cells.lineEnd()
	if end == 0 {
		cells.at = start
		return p.ragged()
	}
	cells.at += end
	c.lines = append(c.lines, p.line)
	p.line += 1 + cells.lines
	return nil
}

// cell reads the current cell on the slow path and appends it to the column of its role;
// ignored cells are only checked for quotes. It leaves p.cells.at at the separator or line end
// after the cell.
func (p *rowParser) cell(role data.Role) error {
	text, problem := p.cells.next()
	if problem != "" {
		return p.fault(string(text), problem, nil)
	}
	// A feature that is not UTF-8 is no number; what an ignored column holds does not matter.
	if role != data.RoleFeature && role != data.RoleIgnore && !utf8.Valid(text) {
		return p.fault(string(text), "is not UTF-8", notUTF8(text))
	}
	if p.plan.utf16 && role != data.RoleIgnore && bytes.Contains(text, []byte("\ufffd")) {
		return p.fault(string(text), "has a character that is no UTF-16", option.Do("write the file again"))
	}
	if role == data.RoleIgnore && p.plan.hollow != nil && p.plan.hollow[p.column] && len(text) > 0 &&
		!p.plan.words.HasNumber(string(text)) {
		return p.filled(string(text))
	}
	c := p.chunk
	if p.opt.EscapedFormulas && len(text) > 0 && text[0] == '\'' {
		text = []byte(formula.Unescape(string(text)))
	}
	switch role {
	case data.RoleFeature:
		value, err := p.number(text)
		if err != nil {
			return err
		}
		c.x = append(c.x, value)
		if narrow.Suspect(value) || value < tiny && value > -tiny {
			p.lose(text, value)
		}
	case data.RoleID:
		if len(text) == 0 {
			return p.fault("", "the id is empty", reading.OwnIDs)
		}
		c.fresh += reading.TextBytes(len(text))
		c.ids = append(c.ids, string(text))
	case data.RoleLabel:
		c.labels = append(c.labels, p.intern(text))
	case data.RoleDomain:
		c.domains = append(c.domains, p.intern(text))
	}
	return nil
}

// intern returns a label or domain as a string, the same one for the same text, and counts what it takes.
func (p *rowParser) intern(text []byte) string {
	before := len(p.seen)
	s := p.seen.Get(text)
	if len(p.seen) > before || before == reading.MostInterned {
		p.chunk.fresh += reading.TextBytes(len(s))
	}
	return s
}

// number reads a feature that is no plain number: quoted, spaced, missing or wrong. With
// AllowMissing, what is missing or infinite is counted and becomes NaN; everything else stays
// an error without AllowWrong, as a typing mistake is not a missing value.
func (p *rowParser) number(text []byte) (float32, error) {
	value, finding := slowFloat32(string(text), p.plan.words)
	if finding.problem == "" {
		return value, nil
	}
	if p.opt.AllowMissing {
		switch finding.kind {
		case cellMissing:
			p.chunk.tally.missing++
			return nan, nil
		case cellInfinite:
			p.chunk.tally.infinite++
			return nan, nil
		}
		if p.opt.AllowWrong {
			p.chunk.tally.missing++
			return nan, nil
		}
	}
	if string(text) == p.plan.Names[p.column] {
		return 0, p.fault(string(text), "is the name of the column: the header stands among the rows again, as where "+
			"files were joined", option.Do("remove the line"))
	}
	return 0, p.fault(string(text), finding.problem, finding.fix)
}

// fault returns an error at the current line and column. text is the cell, "" = the problem is
// not about its text. A column without a name is called by its number, from 1.
func (p *rowParser) fault(text, problem string, fix option.Fix) error {
	e := &tableerr.Error{File: p.file, Line: p.line, Text: text, Problem: problem, Fix: fix}
	if p.column < len(p.plan.Names) {
		e.Column = p.plan.Names[p.column]
		if e.Column == "" {
			e.Column = fmt.Sprintf("#%d", p.column+1)
		}
	}
	return e
}

// ragged describes the row at the current place, whose number of cells is not that of the
// header. It counts the cells anew, since row stopped at the first difference; a broken quote
// among them explains more than a number and is reported instead.
func (p *rowParser) ragged() error {
	p.column = 0
	start, have := p.cells.at, 1
	for {
		if text, problem := p.cells.next(); problem != "" {
			p.column = have - 1
			return p.fault(string(text), problem, nil)
		}
		if !p.cells.skipComma() {
			break
		}
		have++
	}
	want := len(p.plan.Names)
	fix := "add the missing cells, or check for a line that was cut"
	if isComment(p.chunk.text[start:]) {
		fix = "remove the line if it is a comment: those are passed over above the rows only"
	}
	if have > want {
		fix = "look for a comma too many, or for numbers with a decimal comma or thousands separators"
		if p.plan.comma != ',' {
			fix = fmt.Sprintf("look for a separator (%q) too many", p.plan.comma)
		}
	}
	// A place behind the last column: the fault is one of the whole row.
	p.column = want
	return p.fault("", fmt.Sprintf("the row has %d cells, the header has %d", have, want), option.Do(fix))
}
