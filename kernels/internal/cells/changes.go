package cells

import (
	"go/ast"
	"go/token"
	"maps"
)

// changedIn returns the variables that a node may change or whose address it takes, at any depth; a variable of the
// clause of a for, an if or a switch is another one in it.
func changedIn(n ast.Node) map[string]bool {
	out := map[string]bool{}
	changes(n, nil, out)
	return out
}

// changes is changedIn with the names that clauses around the node declare.
func changes(n ast.Node, own map[string]bool, out map[string]bool) {
	add := func(e ast.Expr) {
		if name := rootOf(e); name != "" && name != "_" && !own[name] {
			out[name] = true
		}
	}
	ast.Inspect(n, func(at ast.Node) bool {
		switch at := at.(type) {
		case *ast.AssignStmt:
			for _, e := range at.Lhs {
				if at.Tok != token.DEFINE {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(at.X)
		case *ast.UnaryExpr:
			if at.Op == token.AND {
				add(at.X)
			}
		case *ast.RangeStmt:
			names := maps.Clone(own)
			for _, e := range []ast.Expr{at.Key, at.Value} {
				switch {
				case e == nil:
				case at.Tok == token.ASSIGN:
					add(e)
				default:
					names = with(names, e)
				}
			}
			changes(at.X, own, out)
			changes(at.Body, names, out)
			return false
		case *ast.ForStmt:
			return within(at, at.Init, n, own, out)
		case *ast.IfStmt:
			return within(at, at.Init, n, own, out)
		case *ast.SwitchStmt:
			return within(at, at.Init, n, own, out)
		}
		return true
	})
}

// within goes through a statement with the variables of its clause, unless it is the root; it reports whether the
// caller goes on.
func within(at ast.Node, init ast.Stmt, root ast.Node, own, out map[string]bool) bool {
	a, ok := init.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE || at == root && own != nil {
		return true
	}
	names := with(maps.Clone(own), nil)
	for _, e := range a.Rhs {
		changes(e, own, out)
	}
	for _, e := range a.Lhs {
		names = with(names, e)
	}
	changes(at, names, out)
	return false
}

// with adds a name to those of a clause, which may be nil.
func with(names map[string]bool, e ast.Expr) map[string]bool {
	if names == nil {
		names = map[string]bool{}
	}
	if e != nil {
		names[rootOf(e)] = true
	}
	return names
}

// escaped returns the objects that a statement gives to something that may change them or keep them under another name:
// all that it uses otherwise than to call their methods, to print or to compare them, or to give them to package lab.
func (s scope) escaped(n ast.Node) []string {
	safe := map[ast.Node]bool{}
	mark := func(e ast.Expr) {
		for {
			switch x := ast.Unparen(e).(type) {
			case *ast.Ident:
				safe[x] = true
				return
			case *ast.SelectorExpr:
				e = x.X
			case *ast.IndexExpr:
				e = x.X
			default:
				return
			}
		}
	}
	var out []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ExprStmt:
			mark(n.X)
		case *ast.BinaryExpr:
			mark(n.X)
			mark(n.Y)
		case *ast.CallExpr:
			if s.harmless(n) {
				for _, e := range n.Args {
					mark(e)
				}
			}
			if f, ok := n.Fun.(*ast.SelectorExpr); ok {
				if x, ok := f.X.(*ast.Ident); ok && s.kept[x.Name] == object {
					safe[x] = true
				}
			}
		case *ast.SelectorExpr:
			safe[n.Sel] = true
		case *ast.Ident:
			if s.kept[n.Name] >= settled && !safe[n] {
				out = append(out, n.Name)
			}
		}
		return true
	})
	return out
}

// harmless reports whether a call leaves its arguments as they are.
func (s scope) harmless(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return s.free(f.Name) && (numbers[f.Name] || f.Name == "len" || f.Name == "cap" || f.Name == "max" || f.Name == "min")
	case *ast.SelectorExpr:
		x, ok := f.X.(*ast.Ident)
		if !ok {
			return s.ofObject(f.X)
		}
		return s.kept[x.Name] == object || s.free(x.Name) && (x.Name == "fmt" || x.Name == "lab")
	}
	return false
}

// ofObject reports whether an expression is made of a kept object by calls of methods, whether or not it stays itself:
// package lab leaves arguments as they are.
func (s scope) ofObject(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if x, ok := f.X.(*ast.Ident); ok {
		return s.kept[x.Name] == object
	}
	return s.ofObject(f.X)
}

// leaves reports whether a statement may end the program before what is behind it has run, or leaves that open.
func leaves(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.LabeledStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		}
		return true
	})
	return found || exits(n)
}

// exits reports whether a node has a call that ends a program, at any depth.
func exits(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if f, ok := n.(*ast.SelectorExpr); ok {
			found = found || f.Sel.Name == "Exit" || f.Sel.Name == "Goexit"
		}
		return true
	})
	return found
}
