// Package problem says why a cell failed, as a person wants to read it: the cell's own line with a mark below the place,
// the first cause first, and what to do. It reads what go build, goimports and GoNB's parser printed, and what Go's
// runtime wrote when a program ended.
//
// GoNB makes one file of a cell and of what earlier cells declare. Places in it are found again in the cells by their
// text and the lines around them: see place.go.
//
// Text of the user and of programs stays text: what a terminal would obey in it is escaped (package quote). The colours
// of a traceback are the only escapes in it.
package problem

import (
	"fmt"
	"os"
	"strings"

	"github.com/go-siamese/lab/data/quote"
)

// Problem is why a cell failed, as Jupyter's error message has it.
type Problem struct {
	// Name is its kind in one word, such as "CompileError".
	Name string
	// Value is what happened; a hint, if there is one, is its last line.
	Value string
	// Traceback are lines to be shown: place, message and hint, in colours of a terminal.
	Traceback []string
}

// Cell is a cell that was executed.
type Cell struct {
	Number int // its execution count
	Code   string
}

// Context is what is known of a cell that failed.
type Context struct {
	Cell    Cell
	Earlier []Cell // those before it, oldest first
}

// Colours of tracebacks, as IPython has them.
const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	plain = "\x1b[0m"
)

// around is how many lines are shown before and after the one that is meant.
const around = 2

// most is how many bytes of a message are shown; values may hold a whole table.
const most = 4000

// Plain returns a problem without a place. value may have several lines; hint may be "".
func Plain(name, value, hint string) Problem {
	return Context{}.problem(name, value, hint, place{}, nil)
}

// problem puts a problem together. at may be no place; more are lines below the message.
func (c Context) problem(name, value, hint string, at place, more []string) Problem {
	value = shortened(strings.TrimSpace(quote.Lines(value)))
	if value == "" { // as of panic("")
		value = "without a message"
	}
	p := Problem{Name: name, Value: value}
	head := red + name + plain
	if at.ok() {
		head += "  " + c.where(at)
		if at.cell == c.Cell.Number {
			p.Value = fmt.Sprintf("line %d: %s", at.line, value)
		} else {
			p.Value = fmt.Sprintf("%s: %s", c.where(at), value)
		}
	}
	p.Traceback = append([]string{head}, at.excerpt()...)
	for line := range strings.SplitSeq(value, "\n") {
		p.Traceback = append(p.Traceback, red+line+plain)
	}
	for _, line := range more {
		p.Traceback = append(p.Traceback, quote.Lines(line))
	}
	if hint != "" {
		hint = quote.Lines(hint)
		p.Value += "\n" + hint
		p.Traceback = append(p.Traceback, cyan+hint+plain)
	}
	return p
}

// shortened cuts the middle out of a very long message.
func shortened(s string) string {
	if len(s) <= most {
		return s
	}
	head, tail := s[:most*3/4], s[len(s)-most/4:]
	return strings.ToValidUTF8(head, "") + " … " + strings.ToValidUTF8(tail, "")
}

// where names a place in words.
func (c Context) where(at place) string {
	if at.cell == c.Cell.Number {
		return fmt.Sprintf("line %d of this cell", at.line)
	}
	return fmt.Sprintf("cell [%d], line %d", at.cell, at.line)
}

// read returns the lines of a file that GoNB made; nil if it is gone.
func read(path string) []string {
	text, err := os.ReadFile(path)
	if err != nil || len(text) > 8<<20 {
		return nil
	}
	return strings.Split(string(text), "\n")
}
