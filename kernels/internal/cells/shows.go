package cells

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// silent are the functions of Go itself without a result that is of use.
var silent = map[string]bool{"clear": true, "close": true, "copy": true, "delete": true, "panic": true, "print": true,
	"println": true, "recover": true}

// shows reports whether a statement that is an expression is shown: a call only if it is known to have results. lines are
// those that make the variables that are kept. m.mu is held.
func (m *Memory) shows(c *Cell, e ast.Expr, lines []again, results Results) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		unary, ok := e.(*ast.UnaryExpr)
		return !ok || unary.Op != token.ARROW // a receive waits, and may give nothing
	}
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if text := m.function(c, f.Name); text != "" {
			return resultsOf(text) > 0
		}
		return basic[f.Name] && !silent[f.Name]
	case *ast.FuncLit:
		return f.Type.Results.NumFields() > 0
	case *ast.ArrayType, *ast.MapType:
		return true
	case *ast.SelectorExpr:
		if results == nil {
			return false
		}
		x, name := f.X.(*ast.Ident)
		if name && !m.variable(c, x.Name) {
			n, known := results(x.Name, m.path(c, x.Name), f.Sel.Name, false)
			return known && n > 0 && (x.Name != "fmt" || n != 2) // fmt.Println says how much it has written
		}
		for _, pkg := range []string{"lab", "config"} {
			if n, known := results(pkg, "", f.Sel.Name, true); known {
				return n > 0 && ofLab(f.X, lines)
			}
		}
	}
	return false
}

// ofLab reports whether an expression begins with package lab, or with a variable that one of the lines makes.
func ofLab(e ast.Expr, lines []again) bool {
	root := rootOf(e)
	return root == "lab" || root == "config" ||
		slices.ContainsFunc(lines, func(a again) bool { return a.makes && a.name == root })
}

// variable reports whether a name is a variable here. m.mu is held.
func (m *Memory) variable(c *Cell, name string) bool {
	for _, d := range c.Decls {
		for _, key := range d.Keys {
			if key == name && d.Kind != Import {
				return true
			}
		}
	}
	if _, ok := names(m.live())[name]; ok {
		return true
	}
	for _, a := range m.again {
		if a.makes && a.name == name {
			return true
		}
	}
	found := false
	for _, s := range c.body() {
		ast.Inspect(s.Stmt, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
				for _, e := range a.Lhs {
					found = found || rootOf(e) == name
				}
			}
			if v, ok := n.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					found = found || id.Name == name
				}
			}
			return true
		})
	}
	return found
}

// path returns the path that a package is imported by, "" = it is not. m.mu is held.
func (m *Memory) path(c *Cell, name string) string {
	path := ""
	for _, k := range m.live() {
		if k.Kind == Import && k.Keys[0] == name {
			path = k.Path
		}
	}
	for _, d := range c.Decls {
		if d.Kind == Import && d.Keys[0] == name {
			path = d.Path
		}
	}
	return path
}

// function returns the text of a function that cells declare, "" = there is none. m.mu is held.
func (m *Memory) function(c *Cell, name string) string {
	text := ""
	for _, k := range m.live() {
		if k.Kind == Func && k.Keys[0] == name {
			text = k.text()
		}
	}
	for _, d := range c.Decls {
		if d.Kind == Func && d.Keys[0] == name {
			text = (&kept{Decl: d, from: c}).text()
		}
	}
	return text
}

// resultsOf returns the number of results of a function's text.
func resultsOf(text string) int {
	file := parsed(strings.TrimSpace(text))
	if file == nil || len(file.Decls) == 0 {
		return 0
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok {
		return 0
	}
	return f.Type.Results.NumFields()
}
