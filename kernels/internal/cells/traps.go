package cells

import (
	"fmt"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Trap is something in a cell of which GoNB would make something else without a word, or at which it would end.
type Trap struct {
	Line int // from 1
	// What GoNB makes of it, and how to write it instead.
	What, Mend string
}

// Traps returns what GoNB would get wrong in a cell on top of the memory, by line. All of it was seen with GoNB 0.11.3.
func (m *Memory) Traps(c Cell) []Trap {
	if c.Script != "" {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	out := c.lineTraps()
	out = append(out, c.declTraps(m.indexed().list)...)
	slices.SortStableFunc(out, func(a, b Trap) int { return a.Line - b.Line })
	return out
}

// magics are those of GoNB, without scripts, and the kernel's own; GoNB passes over others.
var magics = map[string]bool{"%": true, "args": true, "autoget": true, "capture": true, "cd": true, "env": true,
	"exec": true, "goflags": true, "goworkfix": true, "help": true, "list": true, "ls": true, "main": true, "new": true,
	"noautoget": true, "remove": true, "reset": true, "rm": true, "session": true, "test": true, "track": true, "untrack": true,
	"version": true, "wasm": true, "widgets": true, "widgets_hb": true, "with_inputs": true, "with_password": true}

// clause is a package clause, the one line that begins with "package" and can go.
var clause = regexp.MustCompile(`^package\s+\w+\s*;?\s*(//.*)?$`)

// lineTraps returns those of whole lines.
func (c Cell) lineTraps() []Trap {
	var out []Trap
	tokens := c.lex()
	for i, l := range c.lines {
		text := c.Code[l.start:l.end]
		within := slices.ContainsFunc(tokens, func(t lexed) bool { return t.start < l.start && l.start < t.end })
		switch {
		case l.kind == goLine:
		case within && l.kind == droppedLine:
			out = append(out, Trap{i + 1, "GoNB leaves this line out of the text, since it begins with package",
				"write the text so that no line of it begins with package"})
		case within:
			out = append(out, Trap{i + 1, "GoNB runs this line, since it begins with " + strings.TrimPrefix(text, escape)[:1] +
				", and leaves it out of the text", "write the text or the comment so that no line of it begins with % or !"})
		case l.kind == droppedLine && !clause.MatchString(text):
			out = append(out, Trap{i + 1, "GoNB leaves this line out, since it begins with package", "put a space before it"})
		}
	}
	for _, command := range c.Commands {
		if command.Text[0] == '!' && goesOn(tokens, c.lines[command.Line].start) {
			out = append(out, Trap{command.Line + 1, "GoNB runs this line, since it begins with !", "put a space before it"})
		}
		if strings.Trim(command.Text[1:], " \t") == "" {
			out = append(out, Trap{command.Line + 1, "GoNB ends at a line of " + command.Text[:1] + " alone", "delete it"})
		}
		if words := command.Magic(); len(words) > 0 && !magics[words[0]] && !scripts["%"+words[0]] {
			out = append(out, Trap{command.Line + 1, "GoNB has no %" + words[0] + ", and passes over it",
				"%help says what it has; a line of Python is none of Go"})
		}
	}
	mains := slices.Clone(c.mains)
	for i, l := range c.lines {
		if l.kind == mainLine || l.kind == execLine {
			mains = append(mains, i)
		}
	}
	slices.Sort(mains)
	for _, i := range slices.Compact(mains)[min(1, len(mains)):] {
		out = append(out, Trap{i + 1, "main begins a second time, and GoNB knows one in a cell",
			"keep one %%, %exec or func main"})
	}
	return out
}

// lexed is a token with its place, in offsets.
type lexed struct {
	kind       token.Token
	start, end int
}

// lex returns the tokens of the cell's Go, comments too. What is behind a literal or a comment that is not closed may
// be anything, and is left out with it.
func (c Cell) lex() []lexed {
	code := c.Go()
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(code))
	cut := false
	var s scanner.Scanner
	s.Init(file, []byte(code), func(_ token.Position, msg string) {
		cut = cut || strings.Contains(msg, "not terminated")
	}, scanner.ScanComments)
	var out []lexed
	for {
		pos, kind, text := s.Scan()
		if kind == token.EOF || cut {
			return out
		}
		start := file.Offset(pos)
		end := start + len(text)
		// The scanner drops carriage returns from the text.
		for kind != token.SEMICOLON && end < len(code) && end-start-strings.Count(code[start:end], "\r") < len(text) {
			end++
		}
		out = append(out, lexed{kind, start, end})
	}
}

// goesOn reports whether an expression goes on at an offset, the begin of a line: the token before it wants an operand.
func goesOn(tokens []lexed, offset int) bool {
	var last, before token.Token
	for _, t := range tokens {
		if t.start >= offset {
			break
		}
		if t.kind != token.COMMENT {
			before, last = last, t.kind
		}
	}
	switch last {
	case token.LPAREN:
		return !before.IsKeyword() // import (, var ( and the like hold no expressions
	case token.COMMA, token.LBRACK, token.ASSIGN, token.DEFINE, token.LAND, token.LOR, token.NOT, token.EQL, token.NEQ,
		token.ARROW:
		return true
	}
	return false
}

// slot is where GoNB keeps a declaration.
type slot struct {
	kind Kind
	key  string
}

// declTraps returns those of declarations.
func (c Cell) declTraps(live []*kept) []Trap {
	var out []Trap
	seen, before := map[slot]Decl{}, map[slot]Decl{}
	for _, k := range live {
		for _, key := range k.Keys {
			before[slot{k.Kind, key}] = k.Decl
		}
	}
	for _, d := range c.Decls {
		add := func(what, mend string) {
			if what != "" {
				out = append(out, Trap{d.Line + 1, what, mend})
			}
		}
		if d.counted {
			add("GoNB puts the names of one line on lines of their own, where iota counts on: the values would be others",
				"write one name a line, or the values without iota")
		}
		if d.embeds {
			add("GoNB drops //go:embed: the variable would be empty", "read the file with os.ReadFile")
		}
		for _, key := range d.Keys {
			at := slot{d.Kind, key}
			old, twice := seen[at]
			if !twice {
				old = before[at]
			}
			seen[at] = d
			if len(old.Keys) > 0 {
				add(d.replaces(old, key, twice))
			}
		}
	}
	return out
}

// replaces returns what is lost when a declaration takes the place of another one with the same key, and how to keep
// it; "" if that is as it should be. twice = both are in one cell.
func (d Decl) replaces(old Decl, key string, twice bool) (what, mend string) {
	switch {
	case key == "_" && d.Kind == Import && old.Path != d.Path:
		return fmt.Sprintf("GoNB keeps one import called _: %s would be lost", old.Path),
			"use something of the package instead, such as var _ = png.Decode"
	case key == "_" && d.Kind == Const && old.Keys[0] == "_" && (twice || !slices.Equal(old.Keys, d.Keys)):
		return "GoNB keeps one constant called _: the constants of the group that begins with the other would be lost",
			"begin groups with another name than _"
	case key == "_":
		return "", ""
	case d.receiver != old.receiver:
		_, method, _ := strings.Cut(key, "~")
		return fmt.Sprintf("GoNB takes the methods %s of %s and of %s for one, and keeps the last", method, old.receiver,
			d.receiver), "give one of them a pointer as its receiver"
	case d.Kind == Import && old.Path != d.Path && (twice || version.MatchString(key)):
		return fmt.Sprintf("GoNB takes the imports %s and %s for one, and keeps the last", old.Path, d.Path),
			"give one of them a name"
	case d.Kind == Func && twice && key == "init":
		return "GoNB keeps one init of a cell", "call them init_a and init_b"
	case d.Kind != Import && twice:
		return strings.ReplaceAll(key, "~", ".") + " is declared twice in this cell, and GoNB keeps the last",
			"delete one, or give it another name"
	}
	return "", ""
}

// version is the last part of the path of a module's later version, which GoNB takes for the package's name.
var version = regexp.MustCompile(`^v\d+$`)
