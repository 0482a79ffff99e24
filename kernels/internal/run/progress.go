package run

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// progress shows how an execution goes on: a line for each cell when it is done, and on a terminal a last line with
// the cell that runs and what it printed last.
type progress struct {
	log   io.Writer
	live  bool
	nb    *notebook.Notebook
	order map[int]int // place of a cell, counted from 1, among those that are executed
	at    int
	shown time.Time
}

// newProgress returns a progress for a notebook about to be executed. live tells that log is a terminal.
func newProgress(log io.Writer, live bool, nb *notebook.Notebook) *progress {
	p := &progress{log: log, live: live, nb: nb, order: map[int]int{}}
	for i, c := range nb.Cells {
		if c.Type() == "code" && !c.Empty() {
			p.order[i] = len(p.order) + 1
		}
	}
	return p
}

// width is the number of characters of a source line that are shown.
const width = 56

// label is a cell's place and the first line of its source that says something.
func (p *progress) label(index int) string {
	all := strconv.Itoa(len(p.order))
	line := cut(firstLine(p.nb.Cells[index].Source()), width)
	return fmt.Sprintf("[%*d/%s] %-*s", len(all), p.order[index], all, width, line)
}

// begin shows that a cell runs.
func (p *progress) begin(index int) {
	p.at = index
	if p.live {
		fmt.Fprintf(p.log, "%s …", p.label(index))
	}
}

// output shows the last line a cell printed, a few times a second.
func (p *progress) output(text string) {
	if !p.live || time.Since(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) > 0 {
		fmt.Fprintf(p.log, "\r\x1b[K%s … %s", p.label(p.at),
			cut(escape.ReplaceAllString(lines[len(lines)-1], ""), width))
	}
}

// done leaves a line for a cell that has ended: its time in seconds, and whether it failed.
func (p *progress) done(index int, seconds float64, ok bool) {
	if p.live {
		fmt.Fprint(p.log, "\r\x1b[K")
	}
	mark := ""
	if !ok {
		mark = "  failed"
	}
	fmt.Fprintf(p.log, "%s %7.2f s%s\n", p.label(index), seconds, mark)
}

// end leaves the terminal on a line of its own.
func (p *progress) end() {
	if p.live {
		fmt.Fprint(p.log, "\r\x1b[K")
	}
}

// escape matches a terminal's control sequences.
var escape = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

// firstLine returns the first line of a cell's source that tells something about it: not an empty one, not a bare
// "%%", not a defer. Without one it is the first line.
func firstLine(source string) string {
	for line := range strings.Lines(source) {
		line = strings.TrimSpace(line)
		if !slices.Contains([]string{"", "%%", "%main"}, line) && !strings.HasPrefix(line, "defer ") {
			return line
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(source), "\n")
	return line
}

// cut shortens a text to n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// In kernel messages: the line of a panic in a cell, as GoNB marks it, and the line of a compiler's message.
var (
	cellLine     = regexp.MustCompile(`\[\[ Cell (?:\[\d+\] )?Line (\d+) \]\]`)
	compilerLine = regexp.MustCompile(`Cell\[\d+\]: Line (\d+)`)
)

// cellError makes the error of a failed cell.
func cellError(path string, nb *notebook.Notebook, e event) error {
	source := nb.Cells[e.Index].Source()
	line := firstLine(source)
	for _, re := range []*regexp.Regexp{cellLine, compilerLine} {
		m := re.FindStringSubmatch(e.Error)
		if m == nil {
			continue
		}
		lines := strings.Split(source, "\n")
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			line = fmt.Sprintf("line %d: %s", n, strings.TrimSpace(lines[n-1]))
		}
		break
	}
	return &CellError{Notebook: path, Cell: e.Index + 1, Line: line, Message: strings.TrimSpace(e.Error)}
}
