// Package cells reads cells as GoNB reads them: lines for the kernel, declarations, a main body. It remembers what
// cells declare, by GoNB's rules of which declaration replaces which, and composes Go files from it whose positions
// lead back to the cells. A cell may be unfinished: what can be read of it is read.
//
// The rules are those of GoNB 0.11.3, internal/goexec and internal/specialcmd. Offsets are bytes of a cell's text and
// lines count from 0, unless a name says otherwise.
package cells

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// Cell is what a cell's text says.
type Cell struct {
	// Code is the text as it was.
	Code string
	// Script is the command of a cell that is not Go, such as "%%bash", or "".
	Script string
	// Commands are the lines for the kernel, in order. A script has none.
	Commands []Command
	// Decls are the top-level declarations, in order, main left out. What follows an unreadable one is there if the
	// parser found it again.
	Decls []Decl
	// Main = the cell has a main function: its own, that of a line "%%" or "%main", or the one of "%exec".
	Main bool
	// Loose is the line of the first statement at the top level, where main begins as if "%%" stood before it. -1 if
	// there is none. See [Cell.Plain].
	Loose int
	// Errors are those of Go's syntax, at lines and columns of the cell (from 1); columns are bytes.
	Errors scanner.ErrorList

	lines []line
	mains []int // lines of main functions that are written out

	syntax *syntax // nil for a script
}

// Command is a line for the kernel: a magic, which starts with "%", or a line for the shell, which starts with "!".
type Command struct {
	// Line is that of its first line; a backslash at the end of a line continues it on the next.
	Line int
	// Text is the whole command from its "%" or "!" on, with continued lines joined.
	Text string
}

// Magic returns the words of a magic without its "%", such as ["cd", "runs"] or ["%"]; nil for a line for the shell and
// for one without words. Quotes group words, as in GoNB.
func (c Command) Magic() []string {
	if !strings.HasPrefix(c.Text, "%") {
		return nil
	}
	return words(c.Text[1:])
}

// kind says what a line of a cell is to GoNB.
type kind int

const (
	goLine      kind = iota
	commandLine      // left out of the Go file
	droppedLine      // likewise: a package clause, or what looks like one
	mainLine         // opens main: "%%" or "%main"
	execLine         // a whole main: "%exec f"
)

// line is one line of a cell.
type line struct {
	kind       kind
	start, end int // without the newline
	// exec is the function that an execLine calls.
	exec string
}

// scripts are the commands of cells that are not Go.
var scripts = map[string]bool{"%%writefile": true, "%%script": true, "%%bash": true, "%%sh": true, "%%gx": true}

// Parse reads a cell. It never fails: see [Cell.Errors].
func Parse(code string) Cell {
	c := Cell{Code: code, Loose: -1}
	c.split()
	if c.Script != "" {
		return c
	}
	c.parse()
	if c.Plain() { // once more, with main from that line on
		c.Errors = nil
		c.parse()
	}
	if c.syntax.file != nil {
		c.declare(c.syntax.file, c.syntax.src)
	}
	return c
}

// parse reads the cell as a Go file, and keeps its errors.
func (c *Cell) parse() {
	src := c.source("package main")
	file, err := parser.ParseFile(token.NewFileSet(), "", src.text,
		parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	c.syntax = &syntax{src, file, err}
	if list, ok := err.(scanner.ErrorList); ok { //nolint:errorlint // the parser returns it bare
		c.fail(list)
	}
}

// Plain reports whether a statement opens the cell's main, without "%%".
func (c *Cell) Plain() bool {
	if c.Loose < 0 || c.tests() || strings.HasPrefix(strings.TrimSpace(c.text(c.Loose)), "}") {
		return false
	}
	return !slices.ContainsFunc(c.lines, func(l line) bool { return l.kind == mainLine || l.kind == execLine })
}

// tests reports whether the cell is one of tests, which has no main.
func (c *Cell) tests() bool {
	for _, command := range c.Commands {
		if magic := command.Magic(); len(magic) > 0 && magic[0] == "test" {
			return true
		}
	}
	return false
}

// fail keeps the parser's errors, at lines of the cell.
func (c *Cell) fail(list scanner.ErrorList) {
	for _, e := range list {
		// One line of a package clause stands before the cell; the closing brace of main, behind.
		at, column := max(e.Pos.Line-2, 0), e.Pos.Column
		if last := len(c.lines) - 1; at > last {
			at, column = last, c.lines[last].end-c.lines[last].start+1
		}
		if strings.HasPrefix(e.Msg, "expected declaration") && c.Loose < 0 && c.lines[at].kind == goLine {
			c.Loose = at
		}
		e := *e
		e.Pos = token.Position{Line: at + 1, Column: column}
		c.Errors = append(c.Errors, &e)
	}
}

// Empty reports whether nothing of the cell is Go: GoNB then compiles nothing.
func (c Cell) Empty() bool {
	if c.Script != "" {
		return true
	}
	for _, l := range c.lines {
		if l.kind != commandLine && strings.TrimSpace(c.Code[l.start:l.end]) != "" &&
			l.kind != mainLine && l.kind != execLine {
			return false
		}
	}
	return true
}

// Command reports whether an offset is in a line that is not Go: one for the kernel, or any of a script.
func (c Cell) Command(offset int) bool {
	if c.Script != "" {
		return true
	}
	return c.lines[c.LineAt(offset)].kind != goLine
}

// LineAt returns the line that an offset is in. An offset at a newline is still in the line that ends there.
func (c Cell) LineAt(offset int) int {
	return strings.Count(c.Code[:min(max(offset, 0), len(c.Code))], "\n")
}

// Offset returns the offset of a line and a column in bytes, both from 1, as errors have them.
func (c Cell) Offset(line, column int) int {
	l := c.lines[min(max(line, 1), len(c.lines))-1]
	return l.start + max(column, 1) - 1
}

// Go returns the cell's Go with everything where it is in the cell: what is not Go is spaces.
func (c Cell) Go() string {
	out := []byte(c.Code)
	for _, l := range c.lines {
		for i := l.start; i < l.end && (l.kind != goLine || c.Script != ""); i++ {
			out[i] = ' '
		}
	}
	return string(out)
}

// Top returns the cell's top-level declarations as a Go file with the cell's lines and columns, but for the first,
// which has clause (a package clause, without a newline) before it. What is not a declaration is blank: lines for the
// kernel, and everything from the line on that opens main.
func (c Cell) Top(clause string) string {
	out, main := clause, c.Script != ""
	for _, l := range c.lines {
		main = main || l.kind == mainLine
		if !main && l.kind == goLine {
			out += c.Code[l.start:l.end]
		}
		out += "\n"
	}
	return out
}

// declare collects the declarations of a parsed cell.
func (c *Cell) declare(file *ast.File, src File) {
	r := reader{cell: c, src: src, base: file.FileStart}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil && decl.Name.Name == "main" {
				c.Main = true
				if _, offset, ok := src.Cell(int(decl.Name.Pos() - r.base)); ok {
					c.mains = append(c.mains, c.LineAt(offset))
				}
				continue
			}
			r.function(decl)
		case *ast.GenDecl:
			r.general(decl)
		}
	}
}
