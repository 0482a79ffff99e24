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
	name    string            // of the variable that it makes or changes
	makes   bool              // else it changes it
	class   class             // of what it makes
	uses    []string          // other names
	globals map[string]string // declarations that it uses, by name, as they were
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
	if c.syntax == nil || c.syntax.err != nil {
		return nil
	}
	src, file := c.syntax.src, c.syntax.file
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
	kept    []again         // added
	dropped map[string]bool // variables that are something else now, and are not kept
	needs   []string        // names of earlier cells that it may use
}

// read goes through the statements of a cell. m.mu is held.
func (m *Memory) read(c *Cell, v view, body []statement) runs {
	out := runs{dropped: map[string]bool{}}
	s, ends := m.scope(c, v, body)
	here := map[string]bool{} // made by the cell
	for _, one := range body {
		for _, name := range usedIn(one.Stmt) {
			if !here[name] && !slices.Contains(out.needs, name) {
				out.needs = append(out.needs, name)
			}
		}
		ends = ends || leaves(one.Stmt)
		if a, stays := s.line(one.Stmt); stays && !ends {
			a.text, a.globals = c.part(one.start, one.end), map[string]string{}
			for _, name := range a.uses {
				if s.kept[name] == none {
					v.depends(a.globals, name)
				}
			}
			out.kept = append(out.kept, a)
			if a.makes {
				s.kept[a.name], s.fresh[a.name], here[a.name] = a.class, true, true
			}
			continue
		}
		for _, name := range defined(one.Stmt) {
			here[name], out.dropped[name] = true, true
		}
		for name := range changedIn(one.Stmt) {
			if s.kept[name] != none {
				out.dropped[name] = true
			}
		}
		for _, name := range s.escaped(one.Stmt) {
			out.dropped[name] = true
		}
		for name := range out.dropped {
			s.other[name] = true
			delete(s.kept, name)
		}
	}
	return out
}

// scope returns what the first statement of a cell can see. ends = the cell may end where no statement of it says so. m.mu
// is held.
func (m *Memory) scope(c *Cell, v view, body []statement) (s scope, ends bool) {
	s = scope{kept: map[string]class{}, fresh: map[string]bool{}, other: map[string]bool{}}
	changed := maps.Clone(v.changed)
	for _, one := range body {
		maps.Copy(changed, changedIn(one.Stmt))
	}
	s.globals = constants(v.decls, changed)
	for name, k := range v.decls {
		if _, ok := s.globals[name]; !ok {
			s.other[name] = true
		}
		ends = ends || k.facts().exits
	}
	if !m.ours(c) {
		s.other["lab"], s.other["config"] = true, true
	}
	for _, a := range m.again {
		if a.makes {
			s.kept[a.name] = a.class
		}
	}
	return s, ends
}

// ours reports whether lab and config are the lab's packages. m.mu is held.
func (m *Memory) ours(c *Cell) bool {
	lab, config := m.path(c, "lab"), m.path(c, "config")
	return (lab == "" || lab == labPath) && (config == "" || config == configPath)
}

// line returns a statement as one that stays, if it does: an assignment of a whole variable, or of a field of a config
// that the cell has made.
func (s scope) line(stmt ast.Stmt) (a again, stays bool) {
	n, ok := stmt.(*ast.AssignStmt)
	if !ok || len(n.Lhs) != 1 || len(n.Rhs) != 1 || n.Tok != token.DEFINE && n.Tok != token.ASSIGN {
		return a, false
	}
	a.class, a.uses = s.value(n.Rhs[0]), usedIn(n.Rhs[0])
	if a.class == none {
		return a, false
	}
	a.name, a.makes = rootOf(n.Lhs[0]), n.Tok == token.DEFINE
	switch x := n.Lhs[0].(type) {
	case *ast.Ident:
		if a.makes {
			return a, a.name != "_" && a.name != "lab" && a.name != "config"
		}
		return a, s.kept[a.name] == a.class
	case *ast.SelectorExpr:
		_, ok := x.X.(*ast.Ident)
		return a, ok && s.kept[a.name] == settled && s.fresh[a.name] && a.class == plain
	}
	return a, false
}

// defined returns the names that a statement of a main body defines.
func defined(stmt ast.Stmt) []string {
	var names []string
	switch n := stmt.(type) {
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			if name := rootOf(e); n.Tok == token.DEFINE && name != "_" {
				names = append(names, name)
			}
		}
	case *ast.LabeledStmt:
		return defined(n.Stmt)
	case *ast.DeclStmt:
		if d, ok := n.Decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						names = append(names, id.Name)
					}
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				}
			}
		}
	}
	return names
}

// part returns a part of the cell without lines that are not Go.
func (c *Cell) part(start, end int) string {
	var f File
	f.copyLines(0, c, start, end)
	return f.Text()
}
