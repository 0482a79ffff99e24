package cells

import (
	"sort"
	"unicode/utf8"
)

// File is a Go file composed from cells.
type File struct {
	text []byte
	// runs are the parts that were copied from cells, in order of the file.
	runs []run
}

// run is a part of a file that stands so in a cell, too.
type run struct {
	file, n int // offset in the file, and length
	cell    int // which cell: 0 is the one that is edited, others count as they were added to the memory
	at      int // offset in the cell
}

// Text returns the file's content.
func (f File) Text() string { return string(f.text) }

// write appends text that no cell has.
func (f *File) write(text string) { f.text = append(f.text, text...) }

// copy appends a part of a cell, which is within a line.
func (f *File) copy(cell int, code string, start, end int) {
	f.runs = append(f.runs, run{file: len(f.text), n: end - start, cell: cell, at: start})
	f.write(code[start:end])
}

// copyLines appends a part of a cell, without the lines in it that are not Go.
func (f *File) copyLines(cell int, c *Cell, start, end int) {
	if start >= end {
		return
	}
	first := true
	for _, l := range c.lines[c.LineAt(start) : c.LineAt(end)+1] {
		if l.kind != goLine {
			continue
		}
		if !first {
			f.write("\n")
		}
		f.copy(cell, c.Code, max(start, l.start), min(end, l.end))
		first = false
	}
}

// Cell returns which cell an offset of the file comes from, and where it is there: 0 is the cell that was composed,
// others count from 1 as they were added to the memory. ok = false if no cell has it. The end of a part belongs to it.
func (f File) Cell(offset int) (cell, at int, ok bool) {
	i := sort.Search(len(f.runs), func(i int) bool { return f.runs[i].file > offset }) - 1
	if i < 0 || offset > f.runs[i].file+f.runs[i].n {
		return 0, 0, false
	}
	return f.runs[i].cell, f.runs[i].at + offset - f.runs[i].file, true
}

// Offset returns where an offset of a cell is in the file; ok = false if it was not copied, such as one in a line for
// the kernel.
func (f File) Offset(cell, at int) (offset int, ok bool) {
	for _, r := range f.runs {
		if r.cell == cell && r.at <= at && at <= r.at+r.n {
			return r.file + at - r.at, true
		}
	}
	return 0, false
}

// Position is a place in a text as language servers count it: lines and UTF-16 code units, from 0.
type Position struct{ Line, Character int }

// PositionOf returns the position of an offset.
func PositionOf(text string, offset int) Position {
	var p Position
	for _, r := range text[:min(max(offset, 0), len(text))] {
		switch {
		case r == '\n':
			p = Position{Line: p.Line + 1}
		case r > 0xFFFF:
			p.Character += 2
		default:
			p.Character++
		}
	}
	return p
}

// OffsetOf returns the offset of a position. One behind the end of its line is the end, one within a pair of surrogates
// is before it.
func OffsetOf(text string, p Position) int {
	var at Position
	for i, r := range text {
		if at.Line == p.Line && (r == '\n' || at.Character >= p.Character) || at.Line > p.Line {
			return i
		}
		switch {
		case r == '\n':
			at = Position{Line: at.Line + 1}
		case r > 0xFFFF:
			at.Character++
			if at.Line == p.Line && at.Character == p.Character {
				return i
			}
			at.Character++
		default:
			at.Character++
		}
	}
	return len(text)
}

// FromRunes returns the offset of a cursor as Jupyter counts it, in code points from 0. It stays within the text.
func FromRunes(text string, cursor int) int {
	n := 0
	for i := range text {
		if n >= cursor {
			return i
		}
		n++
	}
	return len(text)
}

// Runes returns the code points before an offset.
func Runes(text string, offset int) int {
	return utf8.RuneCountInString(text[:min(max(offset, 0), len(text))])
}
