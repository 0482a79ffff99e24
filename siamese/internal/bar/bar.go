// Package bar shows the progress of a command as one line of a terminal that is rewritten.
//
// [NewLine] finds out whether there is a terminal; without one callers write plain lines, as it suits them. What the
// line says is theirs too: [Draw] only draws the bar. [Every] limits how often a line is rewritten.
package bar

import (
	"io"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/go-siamese/lab/data/quote"
)

// Line is a line of a terminal that is rewritten. Write errors are ignored: a closed terminal must not stop the work.
// It is not safe for concurrent use.
type Line struct {
	w     io.Writer
	width func() int // columns of the terminal, now
	shown int        // columns of the line on the terminal
}

// NewLine returns a line on w, or nil if w is not a terminal. A terminal behind a [quote.Writer] is one too: the line
// is written to it directly.
func NewLine(w io.Writer) *Line {
	if guard, ok := w.(*quote.Writer); ok {
		w = guard.Unwrap()
	}
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return NewLineOfWidth(w, func() int {
		width, _, err := term.GetSize(int(f.Fd())) // at every call: windows are resized
		if err != nil || width <= 0 {
			return 80
		}
		return width
	})
}

// NewLineOfWidth returns a line on a terminal; width is called whenever the line is shown.
func NewLineOfWidth(w io.Writer, width func() int) *Line { return &Line{w: w, width: width} }

// Show shows the ASCII text that the function returns for the available columns, and cuts what is longer: a line that
// wraps cannot be rewritten. above holds complete lines to print above it, "" = none. It writes once, so that a
// terminal does not flicker.
func (l *Line) Show(text func(columns int) string, above string) {
	columns := max(0, l.width()-1) // some terminals wrap after a character in the last column
	line := quote.Line(text(columns))
	line = line[:min(len(line), columns)]
	padding := max(0, min(l.shown, columns)-len(line))
	l.shown = len(line)
	out := "\r" + line + strings.Repeat(" ", padding)
	if above = quote.Lines(above); above != "" {
		out = "\r" + strings.Repeat(" ", len(line)+padding) + "\r" + above + line
	}
	_, _ = io.WriteString(l.w, out)
}

// End moves to the next line, if a line is shown.
func (l *Line) End() {
	if l != nil && l.shown > 0 {
		_, _ = io.WriteString(l.w, "\n")
		l.shown = 0
	}
}

// Draw returns a bar of columns characters in brackets, filled to the share done/total, rounded down: it is full only
// at the end. A total of 0 draws an empty bar.
func Draw(done, total, columns int) string {
	full := 0
	if total > 0 {
		full = min(columns, max(0, done*columns/total))
	}
	tip := ""
	if full < columns {
		tip = ">"
	}
	return "[" + strings.Repeat("=", full) + tip + strings.Repeat(" ", columns-full-len(tip)) + "]"
}

// Every limits a rate: at most one event a Pause.
type Every struct {
	Pause time.Duration
	last  time.Time
}

// Due reports whether Pause has passed since it last returned true, or news is true, for what must be shown at once.
// The first call returns true. Not safe for concurrent use.
func (e *Every) Due(now time.Time, news bool) bool {
	if !news && now.Sub(e.last) < e.Pause {
		return false
	}
	e.last = now
	return true
}
