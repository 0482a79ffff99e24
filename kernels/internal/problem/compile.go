package problem

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// othersShown is how many further errors have a line of their own.
const othersShown = 3

// Compile returns the problem of a cell that does not compile. output is what goimports, go build or GoNB's parser
// printed; folder is that of GoNB's file, for output that names it without one, or "".
func (c Context) Compile(output, folder string) Problem {
	list, hidden, rest := faults(output)
	files := map[string][]string{}
	for i := range list {
		f := &list[i]
		if base := filepath.Base(f.file); base != "main.go" && base != "main_test.go" {
			continue
		}
		path := f.file
		if !filepath.IsAbs(path) {
			path = filepath.Join(folder, path)
		}
		lines, known := files[path]
		if !known {
			lines = read(path)
			files[path] = lines
		}
		if f.rank() != syntax {
			f.at = c.locate(lines, f.line, f.column)
		} else if f.at = c.alone().locate(lines, f.line, f.column); !f.at.ok() || strings.Contains(f.text, "found 'EOF'") {
			f.at = c.end() // only the cell itself is read by Go's parser
		}
		f.file = path
	}
	if len(list) == 0 {
		return c.unplaced(rest, output)
	}
	slices.SortStableFunc(list, func(a, b fault) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(c.distance(a), c.distance(b)))
	})
	list = append(list[:1:1], slices.DeleteFunc(list[1:], func(f fault) bool {
		same := f.cause() == list[0].cause()
		if same {
			hidden++
		}
		return same
	})...)
	first := list[0]
	name := "CompileError"
	if first.rank() == syntax {
		name = "SyntaxError"
		// A parser that has lost the thread complains of much that is right.
		hidden, list = hidden+len(list)-1, list[:1]
	}
	value := first.text + first.more
	if !first.at.ok() {
		value = fmt.Sprintf("%s:%d: %s", filepath.Base(first.file), first.line, value)
		if base := filepath.Base(first.file); base != "main.go" && base != "main_test.go" {
			value = fmt.Sprintf("%s:%d: %s", first.file, first.line, first.text+first.more)
		}
	}
	var more []string
	for i, f := range list[1:] {
		if i == othersShown {
			hidden += len(list) - 1 - i
			break
		}
		where := fmt.Sprintf("%s:%d", f.file, f.line)
		if f.at.ok() {
			where = c.where(f.at)
		}
		more = append(more, "also "+where+": "+f.text)
	}
	if hidden > 0 {
		more = append(more, fmt.Sprintf("and %d more", hidden))
	}
	return c.problem(name, value, c.hint(first), first.at, more)
}

// unplaced returns the problem of a build that names no place.
func (c Context) unplaced(rest []string, output string) Problem {
	text := strings.Join(rest, "\n")
	if text == "" {
		text = strings.TrimSpace(output)
	}
	if text == "" {
		text = "the build failed and said nothing"
	}
	return c.problem("BuildError", text, c.hint(fault{text: text}), place{}, nil)
}

// distance orders places: this cell's first, by line, then those of other cells, then the others.
func (c Context) distance(f fault) int {
	switch {
	case !f.at.ok():
		return 2 << 30
	case f.at.cell != c.Cell.Number:
		return 1<<30 + f.line
	}
	return f.at.line
}

// alone returns the context without other cells.
func (c Context) alone() Context { return Context{Cell: c.Cell} }

// end returns the end of the cell, where a syntax error behind its last line is shown.
func (c Context) end() place {
	lines := strings.Split(strings.TrimRight(c.Cell.Code, " \t\r\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return place{}
	}
	last := lines[len(lines)-1]
	return place{cell: c.Cell.Number, line: len(lines), column: len(last) + 1, lines: lines}
}
