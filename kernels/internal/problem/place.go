package problem

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/cells"
)

// place is a place in a cell. The zero value is none.
type place struct {
	cell         int // its number
	line, column int // from 1; columns are bytes, 0 = not known
	lines        []string
}

// ok reports whether it is a place.
func (p place) ok() bool { return p.line > 0 }

// text returns the line of the place.
func (p place) text() string {
	if !p.ok() {
		return ""
	}
	return p.lines[p.line-1]
}

// excerpt returns the lines around the place, with an arrow at its line and a caret below its column.
func (p place) excerpt() []string {
	if !p.ok() {
		return nil
	}
	var out []string
	for n := max(1, p.line-around); n <= min(len(p.lines), p.line+around); n++ {
		text := quote.Lines(p.lines[n-1])
		if n != p.line {
			out = append(out, fmt.Sprintf("%8d %s", n, text))
			continue
		}
		out = append(out, fmt.Sprintf("%s---->%3d %s%s", green, n, text, plain))
		if p.column > 0 {
			before := p.lines[n-1][:min(p.column-1, len(p.lines[n-1]))]
			out = append(out, strings.Repeat(" ", 9)+blank(quote.Lines(before))+red+"^"+plain)
		}
	}
	return out
}

// blank returns white space that is as wide as a text.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

// inMain matches places in the file that GoNB makes of a cell: path, which is "" or "./" in what go build prints, line,
// and column if there is one.
var inMain = regexp.MustCompile(`((?:/[^\s:]*/|\./|\b)main(?:_test)?\.go):(\d+)(?::(\d+))?`)

// Mark puts the cell and line in the place of those of GoNB's file in a text, such as a stack that a program printed.
func (c Context) Mark(text string) string {
	if !strings.Contains(text, "/main.go:") && !strings.Contains(text, "/main_test.go:") {
		return text
	}
	files := map[string][]string{}
	return inMain.ReplaceAllStringFunc(text, func(found string) string {
		m := inMain.FindStringSubmatch(found)
		if !strings.HasPrefix(m[1], "/") {
			return found
		}
		lines, known := files[m[1]]
		if !known {
			lines = read(m[1])
			files[m[1]] = lines
		}
		at := c.locate(lines, atoi(m[2]), 0)
		if !at.ok() {
			return found
		}
		return c.where(at)
	})
}

// locate finds a place of GoNB's file, whose lines are main, in the cells. GoNB takes over functions and types as they
// are and writes each variable anew, so that a line of a cell and its neighbours stand together in the file: of all
// equal lines it is the one with most equal neighbours, in the latest cell if there are several.
func (c Context) locate(main []string, line, column int) place {
	if line < 1 || line > len(main) {
		return place{}
	}
	file := make([]string, len(main))
	for i, text := range main {
		file[i] = essence(text)
	}
	best, at := 0, place{}
	try := func(cell Cell) {
		lines := strings.Split(cell.Code, "\n")
		essences := make([]string, len(lines))
		for i, text := range lines {
			essences[i] = essence(text)
		}
		for i := range essences {
			if essences[i] != file[line-1] || essences[i] == "" {
				continue
			}
			if n := together(file, line-1, essences, i); n > best {
				best = n
				at = place{cell: cell.Number, line: i + 1, lines: lines}
			}
		}
	}
	try(c.Cell)
	for i := len(c.Earlier) - 1; i >= 0; i-- {
		try(c.Earlier[i])
	}
	if at.ok() && column > 0 {
		at.column = columnOf(main[line-1], column, at.text())
	}
	return at
}

// together counts how many lines around two equal ones are equal.
func together(a []string, i int, b []string, j int) int {
	n := 1
	for k := 1; i-k >= 0 && j-k >= 0 && a[i-k] == b[j-k]; k++ {
		n++
	}
	for k := 1; i+k < len(a) && j+k < len(b) && a[i+k] == b[j+k]; k++ {
		n++
	}
	return n
}

// keyword matches what GoNB takes from the beginning of a declaration.
var keyword = regexp.MustCompile(`^\s*(?:(?:var|const|type|import)\s+|` + showing + `)`)

// showing is what the kernel puts before the value in a cell's last place, with a ) behind it.
const showing = cells.Alias + `\.Value\(`

// essence returns a line without what GoNB may change in it.
func essence(line string) string {
	if before, isShown := strings.CutSuffix(strings.TrimSpace(line), ")"); isShown && strings.Contains(line, cells.Alias+".Value(") {
		line = before
	}
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\r' {
			return -1
		}
		return r
	}, keyword.ReplaceAllString(line, ""))
}

// columnOf returns the column of a cell's line for that of the same line in GoNB's file.
func columnOf(main string, column int, cell string) int {
	skip := len(keyword.FindString(main))
	if column <= skip { // within what GoNB wrote
		return len(cell) - len(strings.TrimLeft(cell, " \t")) + 1
	}
	n := len(essence(main[min(skip, len(main)):min(column-1, len(main))]))
	from := len(keyword.FindString(cell))
	for i := from; i < len(cell); i++ {
		if cell[i] == ' ' || cell[i] == '\t' || cell[i] == '\r' {
			continue
		}
		if n == 0 {
			return i + 1
		}
		n--
	}
	return len(cell) + 1
}

// atoi reads a number that an expression has matched; 0 if there is none.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
