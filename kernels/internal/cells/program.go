package cells

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// Alias is the name by which the kernel's own additions to a cell call the package that shows values; see
// [Memory.Program].
const Alias = "labcell"

// Paths of packages that are added to cells.
const (
	labPath    = "github.com/go-siamese/lab/siamese/lab"
	cellPath   = "github.com/go-siamese/lab/kernels/cell"
	configPath = "github.com/go-siamese/lab/siamese/config"
	showPath   = "github.com/go-siamese/lab/siamese/show"
)

// Results says how many results a function has: that of a package by its name and path ("" = not imported by name), or
// if receiver is true any method of it with the name. known = false where it is not found.
type Results func(pkg, path, name string, receiver bool) (n int, known bool)

// Program returns the code that GoNB gets for a cell: with "%%" before its first statement, with the lines of earlier
// cells that make what it uses, and with the value in its last place given to a function that shows it. Lines of the
// cell are whole lines of it. A trap says that something it uses is not what it was.
func (m *Memory) Program(c Cell, results Results) (string, *Trap) {
	body := c.body()
	if len(body) == 0 {
		if c.Plain() { // the compiler says what is wrong with it
			return (&writer{c: &c}).text(), nil
		}
		return c.Code, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.moves() { // as for the cells behind it
		again := m.again
		m.again = nil
		defer func() { m.again = again }()
	}
	v := m.view(&c)
	r := m.read(&c, v, body)
	before, trap := m.before(&c, v, body[0], r.needs)
	if trap != nil {
		return c.Code, trap
	}
	w := writer{c: &c, body: body, before: before}
	for _, a := range r.kept {
		if a.makes {
			w.used = append(w.used, a.name)
		}
	}
	last := body[len(body)-1]
	if e, ok := last.Stmt.(*ast.ExprStmt); ok && m.shows(&c, e.X, body, slices.Concat(m.again, r.kept), results) {
		w.value = &last
	}
	if !c.Plain() && len(before) == 0 && w.value == nil && len(w.used) == 0 {
		return c.Code, nil
	}
	w.imports = m.imports(&c, body, before, w.value != nil)
	return w.text(), nil
}

// before returns the lines that make what a cell needs, in their order. m.mu is held.
func (m *Memory) before(c *Cell, v view, first statement, needs []string) ([]again, *Trap) {
	need, of := map[string]bool{}, map[string]string{} // of = what the cell uses that a name is needed for
	trap := func(name, with string) *Trap {
		return &Trap{c.LineAt(first.start) + 1, fmt.Sprintf("%s was made with %s, which is declared anew or changed", name,
			with), "run the cell that makes " + name + " again"}
	}
	for _, name := range needs {
		if with, ok := m.gone[name]; ok && v.decls[name] == nil {
			return nil, trap(name, with)
		}
		need[name], of[name] = v.decls[name] == nil, name
	}
	var out []again
	for i := len(m.again) - 1; i >= 0; i-- {
		a := m.again[i]
		if !need[a.name] {
			continue
		}
		top := of[a.name]
		for name, text := range a.globals {
			if v.text(name) != text || v.changed[name] {
				return nil, trap(top, name)
			}
		}
		if v.decls[a.name] != nil {
			return nil, trap(top, a.name)
		}
		if v.decls["lab"] != nil || v.decls["config"] != nil || !m.ours(c) {
			return nil, trap(top, "package lab")
		}
		if a.makes {
			need[a.name] = false
		}
		for _, name := range a.uses {
			if !need[name] {
				need[name], of[name] = true, top
			}
		}
		out = append(out, a)
	}
	slices.Reverse(out)
	return out, nil
}

// heavy are names of packages of the library, with which what shows their values is linked too: it is as heavy as they.
var heavy = []string{"table", "split", "report", "describe", "images", "extract", "features", "evaluate", "siamese",
	"study", "embedding", "pairs", "builtin", "explain", "show", "history", "data", "full"}

// imports returns the import declarations that are added. m.mu is held.
func (m *Memory) imports(c *Cell, body []statement, before []again, value bool) string {
	text := c.Go()
	for _, a := range before {
		text += "\n" + a.text
	}
	named := func(name string) bool { // by the cell, or by one before it
		return m.indexed().keys[name] ||
			slices.ContainsFunc(c.Decls, func(d Decl) bool { return slices.Contains(d.Keys, name) })
	}
	out := ""
	if has(text, "lab.") && !named("lab") {
		out += "import \"" + labPath + "\"\n"
	}
	if value {
		path := cellPath
		all := text + m.indexed().text
		variable := m.variables(c, body)
		switch {
		case slices.ContainsFunc(heavy, func(name string) bool {
			return has(all, name+".") && !variable(name)
		}):
			path = showPath
		case has(all, "lab."), has(all, "config."), has(all, "session."):
			path = labPath
		}
		out += "import " + Alias + " \"" + path + "\"\n"
	}
	return out
}

// has reports whether a text has a name with a point behind it that is no part of a longer name.
func has(text, name string) bool {
	for {
		i := strings.Index(text, name)
		if i < 0 {
			return false
		}
		if i == 0 || !letter(text[i-1]) {
			return true
		}
		text = text[i+len(name):]
	}
}

// letter reports whether a byte is part of a name, or the point before one.
func letter(b byte) bool {
	return b == '.' || b == '_' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b >= 0x80
}

// writer writes the program of a cell.
type writer struct {
	c       *Cell
	imports string
	body    []statement
	before  []again
	used    []string   // variables that need no further use
	value   *statement // that is shown
}

// text returns the program.
func (w *writer) text() string {
	var b strings.Builder
	b.WriteString(w.imports)
	opened, open := false, 0
	begin := func() {
		opened = true
		for _, a := range w.before {
			if a.makes { // a block of its own: a later line may make another one of this name
				b.WriteString("{\n")
				open++
			}
			b.WriteString(" " + a.text + "\n") // a line of it may begin as one for the kernel
			if a.makes {
				b.WriteString("_ = " + a.name + "\n")
			}
		}
		if open > 0 { // the cell's own may have the same names
			b.WriteString("{\n")
			open++
		}
	}
	for i, l := range w.c.lines {
		if !opened && i == w.c.Loose && w.c.Plain() {
			b.WriteString("%%\n")
			begin()
		}
		b.WriteString(w.line(l) + "\n")
		if !opened && l.kind == mainLine {
			begin()
		}
	}
	for _, name := range w.used {
		b.WriteString("_ = " + name + "\n")
	}
	b.WriteString(strings.Repeat("}\n", open))
	return b.String()
}

// line returns a line of the cell, with what shows its value.
func (w *writer) line(l line) string {
	text := w.c.Code[l.start:l.end]
	if w.value == nil {
		return text
	}
	if end := w.value.end; l.start <= end && end <= l.end {
		text = text[:end-l.start] + ")" + text[end-l.start:]
	}
	if start := w.value.start; l.start <= start && start <= l.end {
		text = text[:start-l.start] + Alias + ".Value(" + text[start-l.start:]
	}
	return text
}
