// Package bar shows how far a command is: one line that rewrites itself on a terminal, lines that stay elsewhere.
package bar

import (
	"io"
	"strings"
	"time"

	"golang.org/x/term"
)

// Line is a line of a terminal that rewrites itself. What cannot be written is lost: a terminal that went away must not
// end the work.
type Line struct {
	w     io.Writer
	width func() int
	shown int // columns that the line has on the terminal
}

// NewLine returns a line on w, nil where w is no terminal.
func NewLine(w io.Writer) *Line {
	f, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return NewLineOfWidth(w, func() int {
		width, _, err := term.GetSize(int(f.Fd())) // at every call: windows change
		if err != nil || width <= 0 {
			return 80
		}
		return width
	})
}

// NewLineOfWidth returns a line on a terminal whose width is asked for whenever the line is shown.
func NewLineOfWidth(w io.Writer, width func() int) *Line { return &Line{w: w, width: width} }

// Show shows the text that the function returns for the columns there are, in ASCII. The lines of above, each with its end,
// stay above it.
func (l *Line) Show(text func(columns int) string, above string) {
	columns := max(0, l.width()-1) // a character in the last column would make some terminals go to the next line
	line := text(columns)
	line = line[:min(len(line), columns)]
	padding := max(0, min(l.shown, columns)-len(line))
	l.shown = len(line)
	out := "\r" + line + strings.Repeat(" ", padding)
	if above != "" {
		out = "\r" + strings.Repeat(" ", len(line)+padding) + "\r" + above + line
	}
	_, _ = io.WriteString(l.w, out)
}

// End leaves the terminal to what follows, where a line is shown.
func (l *Line) End() {
	if l != nil && l.shown > 0 {
		_, _ = io.WriteString(l.w, "\n")
		l.shown = 0
	}
}

// Draw returns a bar in brackets that are columns apart, of which the share done/total is filled.
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

// Every lets through what comes at least Pause after the last that it let through.
type Every struct {
	Pause time.Duration
	last  time.Time
}

// Due returns whether it is time again, or whether there is news that cannot wait.
func (e *Every) Due(now time.Time, news bool) bool {
	if !news && now.Sub(e.last) < e.Pause {
		return false
	}
	e.last = now
	return true
}
