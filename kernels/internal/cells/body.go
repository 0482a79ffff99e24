package cells

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
)

// kept lines are statements of main bodies that later cells run again, as far as they use what these make: a cell is a
// program of its own, and the session knows what the lines come to.

// again is such a statement.
type again struct {
	text    string
	defines []string          // variables that it makes; nil = it changes some
	changes []string          // variables that it changes
	uses    []string          // other names
	globals map[string]string // declarations that it uses, by name, as they were
}

// touches reports whether the statement makes or changes one of the names.
func (a again) touches(need map[string]bool) bool {
	for _, name := range slices.Concat(a.defines, a.changes) {
		if need[name] {
			return true
		}
	}
	return false
}

// statement is one of a main body with its place in the cell.
type statement struct {
	ast.Stmt
	start, end int
}

// body returns the statements of the cell's main body, where "%%" or a statement opens it.
func (c *Cell) body() []statement {
	opened := c.Plain() || slices.ContainsFunc(c.lines, func(l line) bool { return l.kind == mainLine })
	if !opened || c.Script != "" || len(c.Errors) > 0 || c.tests() {
		return nil
	}
	src, file, err := c.parse()
	if err != nil {
		return nil
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != "main" || f.Recv != nil {
			continue
		}
		var out []statement
		for _, s := range f.Body.List {
			_, start, ok1 := src.Cell(int(s.Pos() - file.FileStart))
			_, end, ok2 := src.Cell(int(s.End() - file.FileStart))
			if ok1 && ok2 {
				out = append(out, statement{s, start, end})
			}
		}
		return out
	}
	return nil
}

// runs are what a cell does to the lines that are kept.
type runs struct {
	kept    []again  // added
	dropped []string // variables that are something else now, and are not kept
	needs   []string // names of earlier cells that it may use
}

// read goes through the statements of a cell. m.mu is held.
func (m *Memory) read(c *Cell, body []statement) runs {
	var out runs
	live := m.live()
	s := scope{kept: map[string]bool{}, globals: names(live), locals: map[string]bool{}}
	texts := map[string]string{}
	for _, k := range live {
		for _, key := range k.Keys {
			if k.Kind != Import {
				texts[key] = k.text()
			}
		}
	}
	for _, d := range c.Decls {
		for _, key := range d.Keys {
			if d.Kind != Import {
				s.globals[key] = d.Kind
				texts[key] = (&kept{Decl: d, from: c}).text()
			}
		}
	}
	for _, k := range m.again {
		for _, name := range k.defines {
			s.kept[name] = true
		}
	}
	for name := range m.lost {
		delete(s.kept, name)
	}
	here := map[string]bool{} // made by the cell
	for _, one := range body {
		for _, name := range usedIn(one.Stmt) {
			if !here[name] && !slices.Contains(out.needs, name) {
				out.needs = append(out.needs, name)
			}
		}
		a, stays, defines := s.line(one.Stmt)
		if stays {
			a.text, a.globals = c.part(one.start, one.end), map[string]string{}
			for _, name := range a.uses {
				if !s.kept[name] {
					depends(a.globals, texts, name)
				}
			}
			out.kept = append(out.kept, a)
			for _, name := range a.defines {
				s.kept[name], here[name] = true, true
				delete(s.locals, name)
			}
			continue
		}
		for _, name := range defines {
			here[name], s.locals[name] = true, true
			delete(s.kept, name)
			out.dropped = append(out.dropped, name)
		}
		for _, name := range changedIn(one.Stmt) {
			if s.kept[name] {
				for _, other := range m.related(name, out.kept) {
					delete(s.kept, other)
					out.dropped = append(out.dropped, other)
				}
			}
		}
	}
	out.kept = slices.DeleteFunc(out.kept, func(a again) bool {
		return slices.ContainsFunc(slices.Concat(a.defines, a.changes), func(name string) bool {
			return slices.Contains(out.dropped, name)
		})
	})
	return out
}

// depends adds a declaration, and those that it is made of.
func depends(to, texts map[string]string, name string) {
	text, ok := texts[name]
	if _, before := to[name]; !ok || before {
		return
	}
	to[name] = text
	for _, l := range (&Cell{Code: text, lines: []line{{end: len(text)}}}).lex() {
		if l.kind == token.IDENT {
			depends(to, texts, text[l.start:l.end])
		}
	}
}

// line returns a statement as one that stays, or the names that it defines as one that does not.
func (s scope) line(stmt ast.Stmt) (a again, stays bool, defines []string) {
	switch n := stmt.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			for _, e := range n.Lhs {
				if name := rootOf(e); name != "_" {
					defines = append(defines, name)
				}
			}
		}
		for _, e := range n.Rhs {
			if !s.pure(e) {
				return a, false, defines
			}
			a.uses = append(a.uses, usedIn(e)...)
		}
		if n.Tok == token.DEFINE {
			a.defines = defines
			return a, len(defines) > 0, defines
		}
		for _, e := range n.Lhs {
			if !fieldOnly(e) || !s.kept[rootOf(e)] {
				return a, false, nil
			}
			a.changes = append(a.changes, rootOf(e))
		}
		return a, true, nil
	case *ast.IncDecStmt:
		a.changes = []string{rootOf(n.X)}
		return a, fieldOnly(n.X) && s.kept[rootOf(n.X)], nil
	case *ast.DeclStmt:
		if d, ok := n.Decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						defines = append(defines, id.Name)
					}
				}
			}
		}
	}
	return a, false, defines
}

// related returns a variable with all those that share something with it: they use one another. m.mu is held.
func (m *Memory) related(name string, more []again) []string {
	found := map[string]bool{name: true}
	for grown := true; grown; {
		grown = false
		for _, a := range slices.Concat(m.again, more) {
			all := slices.Concat(a.defines, a.changes, a.uses)
			if !slices.ContainsFunc(all, func(n string) bool { return found[n] }) {
				continue
			}
			for _, n := range slices.Concat(a.defines, a.changes) {
				grown = grown || !found[n]
				found[n] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// part returns a part of the cell without lines that are not Go.
func (c *Cell) part(start, end int) string {
	var f File
	f.copyLines(0, c, start, end)
	return f.Text()
}

// text returns the declaration as Go.
func (k *kept) text() string {
	var f File
	k.write(&f, true)
	return f.Text()
}

// Keep remembers what later cells may use of a cell that went well, after [Memory.Add]: what its main body makes with
// := of values of package lab, of numbers and texts, and of what is kept already by calling methods of it, and what it
// assigns to those and to their fields. What is made otherwise, or changed in a block, is kept no more.
func (m *Memory) Keep(c Cell) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range c.Decls { // a declaration takes the place of a variable
		for _, key := range d.Keys {
			if d.Kind != Import {
				m.drop(key)
			}
		}
	}
	r := m.read(&c, c.body())
	for _, name := range r.dropped {
		m.drop(name)
	}
	for _, a := range r.kept {
		for _, name := range a.defines {
			delete(m.lost, name)
		}
		m.again = append(m.again, a)
	}
}

// drop forgets a variable; the lines that made it stay, since others may be made of it. m.mu is held.
func (m *Memory) drop(name string) {
	if slices.ContainsFunc(m.again, func(a again) bool { return slices.Contains(a.defines, name) }) {
		if m.lost == nil {
			m.lost = map[string]bool{}
		}
		m.lost[name] = true
	}
}
