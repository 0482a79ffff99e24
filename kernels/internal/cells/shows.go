package cells

import (
	"go/ast"
	"go/token"
	"slices"
)

// silent are the functions of Go itself without a result that is of use.
var silent = map[string]bool{"clear": true, "close": true, "copy": true, "delete": true, "panic": true, "print": true,
	"println": true, "recover": true}

// shows reports whether a statement that is an expression is shown: a call only if it is known to have results. lines are
// those that make the variables that are kept. m.mu is held.
func (m *Memory) shows(c *Cell, e ast.Expr, body []statement, lines []again, results Results) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		unary, ok := e.(*ast.UnaryExpr)
		return !ok || unary.Op != token.ARROW // a receive waits, and may give nothing
	}
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if k := m.function(c, f.Name); k != nil {
			return resultsOf(k.facts().file) > 0
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
		if name && !m.variables(c, body)(x.Name) {
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

// resultsOf returns the number of results of a function's declaration.
func resultsOf(file *ast.File) int {
	if file == nil || len(file.Decls) == 0 {
		return 0
	}
	f, ok := file.Decls[0].(*ast.FuncDecl)
	if !ok {
		return 0
	}
	return f.Type.Results.NumFields()
}
