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

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/internal/notebook"
)

// progress shows how an execution goes on: a line for each cell when it is done, and on a terminal a last line with the
// cell that runs and what it printed last. It is used from one goroutine, the one that reads the driver's events. See
// the board of the package setup for why it is not siamese/internal/bar.
type progress struct {
	log io.Writer
	// live = log is a terminal, whose last line may be rewritten.
	live  bool
	nb    *notebook.Notebook
	order map[int]int // place of a cell, counted from 1, among those that are executed
	// at is the index in the notebook of the cell that runs.
	at int
	// shown is when the last line was rewritten last.
	shown time.Time
}

// newProgress returns a progress for a notebook about to be executed, of which it counts the cells that will be: code
// that is not empty. live = log is a terminal.
func newProgress(log io.Writer, live bool, nb *notebook.Notebook) *progress {
	p := &progress{log: log, live: live, nb: nb, order: map[int]int{}}
	for i, c := range nb.Cells {
		if c.Type() == "code" && !c.Empty() {
			p.order[i] = len(p.order) + 1
		}
	}
	return p
}

// width is the number of characters of a source line that are shown: with count and time a line has less than 80.
const width = 56

// label returns a cell's place, "[ 3/12]", and the first line of its source that says something. index counts all
// cells.
func (p *progress) label(index int) string {
	all := strconv.Itoa(len(p.order))
	line := cut(quote.Line(firstLine(p.nb.Cells[index].Source())), width)
	return fmt.Sprintf("[%*d/%s] %-*s", len(all), p.order[index], all, width, line)
}

// begin shows on a terminal that a cell runs.
func (p *progress) begin(index int) {
	p.at = index
	if p.live {
		fmt.Fprintf(p.log, "%s …", p.label(index))
	}
}

// output shows the last line of what a cell printed, at most five times a second, since a cell may print thousands.
func (p *progress) output(text string) {
	if !p.live || time.Since(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = time.Now()
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	if len(lines) > 0 {
		fmt.Fprintf(p.log, "\r\x1b[K%s … %s", p.label(p.at),
			cut(quote.Line(escape.ReplaceAllString(lines[len(lines)-1], "")), width))
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

// end clears the last line of a terminal: the execution may have ended amid a cell.
func (p *progress) end() {
	if p.live {
		fmt.Fprint(p.log, "\r\x1b[K")
	}
}

// escape matches a terminal's control sequences, such as colours, which would make a cut line colour all that follows.
var escape = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

// firstLine returns the first line of a cell's source that tells something about it: not an empty one, not a bare "%%",
// not a defer. Without one it is the first line.
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

// cut shortens a text to n characters, the last of which is then an ellipsis.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// cellLine matches a line of the cell in the kernel's messages.
var cellLine = regexp.MustCompile(`\bline (\d+) of this cell`)

// cellError returns the error of a failed cell. e is the event of its end; path names the notebook. The line is that
// which a panic or a compiler's message points to in this cell, else the cell's first.
func cellError(path string, nb *notebook.Notebook, e event) error {
	source := nb.Cells[e.Index].Source()
	line := firstLine(source)
	if m := cellLine.FindStringSubmatch(e.Error); m != nil {
		lines := strings.Split(source, "\n")
		if n, err := strconv.Atoi(m[1]); err == nil && n >= 1 && n <= len(lines) {
			line = fmt.Sprintf("line %d: %s", n, strings.TrimSpace(lines[n-1]))
		}
	}
	// The cell's place is the one in the user's notebook, which has no cell of this run's parameters.
	cell := e.Index + 1
	for _, c := range nb.Cells[:e.Index+1] {
		if c.HasTag(notebook.TagInjected) {
			cell--
		}
	}
	return &CellError{Notebook: path, Cell: cell, Line: line, Message: strings.TrimSpace(e.Error)}
}
