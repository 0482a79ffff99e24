package cells

import (
	"go/ast"
	"go/token"
	"maps"
	"strings"
)

// syntax is a cell as the parser reads it.
type syntax struct {
	src  File
	file *ast.File
	err  error
}

// index is what a memory holds, by name. It is made anew after a change.
type index struct {
	list    []*kept           // see live
	names   map[string]Kind   // see names
	keys    map[string]bool   // of all that is in list
	imports map[string]string // paths
	funcs   map[string]*kept
	text    string // all declarations
}

// indexed returns the index. m.mu is held.
func (m *Memory) indexed() *index {
	if m.index != nil {
		return m.index
	}
	x := &index{list: m.live(), keys: map[string]bool{}, imports: map[string]string{}, funcs: map[string]*kept{}}
	x.names = names(x.list)
	var all strings.Builder
	for _, k := range x.list {
		for _, key := range k.Keys {
			x.keys[key] = true
		}
		switch k.Kind {
		case Import:
			x.imports[k.Keys[0]] = k.Path
		case Func:
			x.funcs[k.Keys[0]] = k
		}
		all.WriteString("\n" + k.facts().text)
	}
	x.text = all.String()
	m.index = x
	return x
}

// facts are what the text of a declaration says.
type facts struct {
	text    string
	file    *ast.File       // nil = it cannot be read
	changed map[string]bool // variables that it may change
	exits   bool            // it has a call that ends a program
}

// facts returns those of the declaration, which are found out once: what a memory keeps is looked at with every cell.
func (k *kept) facts() *facts {
	if k.said == nil {
		var f File
		k.write(&f, true)
		k.said = &facts{text: f.Text(), file: parsed(f.Text())}
		if k.said.file != nil {
			k.said.changed, k.said.exits = changedIn(k.said.file), exits(k.said.file)
		}
	}
	return k.said
}

// view is what the statements of a cell see at the top level, by name: what it declares, and what earlier cells do.
type view struct {
	decls   map[string]*kept
	changed map[string]bool // variables that declarations may change
}

// view returns that of a cell. m.mu is held.
func (m *Memory) view(c *Cell) view {
	v := view{decls: map[string]*kept{}, changed: map[string]bool{}}
	add := func(k *kept) {
		for _, key := range k.Keys {
			if k.Kind != Import {
				v.decls[key] = k
			}
		}
	}
	for _, k := range m.indexed().list {
		add(k)
	}
	for _, d := range c.Decls {
		add(&kept{Decl: d, from: c})
	}
	for _, k := range v.decls {
		maps.Copy(v.changed, k.facts().changed)
	}
	return v
}

// text returns a declaration, "" = there is none of the name.
func (v view) text(name string) string {
	if k := v.decls[name]; k != nil {
		return k.facts().text
	}
	return ""
}

// depends adds a declaration to texts, and those that it is made of.
func (v view) depends(to map[string]string, name string) {
	text := v.text(name)
	if _, before := to[name]; text == "" || before {
		return
	}
	to[name] = text
	for _, l := range (&Cell{Code: text, lines: []line{{end: len(text)}}}).lex() {
		if l.kind == token.IDENT {
			v.depends(to, text[l.start:l.end])
		}
	}
}

// variables returns whether a name is a variable in a cell with this body. m.mu is held.
func (m *Memory) variables(c *Cell, body []statement) func(name string) bool {
	own := map[string]bool{}
	for _, d := range c.Decls {
		for _, key := range d.Keys {
			if d.Kind != Import {
				own[key] = true
			}
		}
	}
	for _, a := range m.again {
		if a.makes {
			own[a.name] = true
		}
	}
	for _, s := range body {
		ast.Inspect(s.Stmt, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
				for _, e := range a.Lhs {
					own[rootOf(e)] = true
				}
			}
			if v, ok := n.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					own[id.Name] = true
				}
			}
			return true
		})
	}
	known := m.indexed().names
	return func(name string) bool {
		_, ok := known[name]
		return ok || own[name]
	}
}

// path returns the path that a package is imported by, "" = it is not. m.mu is held.
func (m *Memory) path(c *Cell, name string) string {
	path := m.indexed().imports[name]
	for _, d := range c.Decls {
		if d.Kind == Import && d.Keys[0] == name {
			path = d.Path
		}
	}
	return path
}

// function returns a function that cells declare, nil = there is none. m.mu is held.
func (m *Memory) function(c *Cell, name string) *kept {
	found := m.indexed().funcs[name]
	for _, d := range c.Decls {
		if d.Kind == Func && d.Keys[0] == name {
			found = &kept{Decl: d, from: c}
		}
	}
	return found
}
