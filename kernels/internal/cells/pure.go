package cells

import (
	"go/ast"
	"go/token"
	"slices"
)

// purePackages are those whose functions a line may call and stay for later cells: what they return depends on their
// arguments, and on files and values that the session looks at each time.
var purePackages = map[string]bool{"lab": true, "config": true, "spec": true, "options": true}

// basic are the names that every Go program knows, without those that do something: functions and types.
var basic = map[string]bool{"append": true, "cap": true, "len": true, "make": true, "max": true, "min": true, "new": true,
	"complex": true, "imag": true, "real": true, "any": true, "bool": true, "byte": true, "error": true, "float32": true,
	"float64": true, "int": true, "int8": true, "int16": true, "int32": true, "int64": true, "rune": true, "string": true,
	"uint": true, "uint8": true, "uint16": true, "uint32": true, "uint64": true, "true": true, "false": true, "nil": true,
	"iota": true}

// scope is what a statement of a main body can see.
type scope struct {
	kept    map[string]bool // variables that stay
	globals map[string]Kind // what cells declare at the top level
	locals  map[string]bool // variables that end with the cell
}

// pure reports whether an expression comes to the same in a later cell, where the names that it uses are there too.
func (s scope) pure(e ast.Expr) bool { return s.pureWithin(e, nil) }

// pureWithin is pure with the names that function literals around the node declare.
func (s scope) pureWithin(n ast.Node, own map[string]bool) bool {
	good := true
	ast.Inspect(n, func(n ast.Node) bool {
		if !good {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			inner := literalNames(n)
			for name := range own {
				inner[name] = true
			}
			good = s.pureWithin(n.Body, inner)
			return false
		case *ast.CallExpr:
			good = s.pureCall(n, own)
		case *ast.UnaryExpr:
			_, literal := n.X.(*ast.CompositeLit)
			good = n.Op != token.ARROW && (n.Op != token.AND || literal)
		case *ast.GoStmt, *ast.SendStmt, *ast.DeferStmt:
			good = false
		case *ast.KeyValueExpr: // the key may be a field
			good = s.pureWithin(n.Value, own)
			if _, name := n.Key.(*ast.Ident); !name {
				good = good && s.pureWithin(n.Key, own)
			}
			return false
		case *ast.SelectorExpr:
			if _, name := n.X.(*ast.Ident); name {
				good = s.root(n.X, own)
				return false
			}
			good = s.pureWithin(n.X, own)
			return false
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				good = good && (n.Tok == token.DEFINE || own[rootOf(e)])
			}
		case *ast.IncDecStmt:
			good = own[rootOf(n.X)]
		case *ast.Ident:
			good = n.Name == "_" || own[n.Name] || s.kept[n.Name] || basic[n.Name] || s.global(n.Name)
		}
		return good
	})
	return good
}

// global reports whether a name is a variable or constant of the top level.
func (s scope) global(name string) bool {
	kind, ok := s.globals[name]
	return ok && !s.locals[name] && (kind == Var || kind == Const || kind == Type)
}

// root reports whether the name before a point is one that later cells have: a variable, or any package.
func (s scope) root(e ast.Expr, own map[string]bool) bool {
	name := e.(*ast.Ident).Name
	_, declared := s.globals[name]
	return own[name] || s.kept[name] || s.global(name) || !declared && !s.locals[name]
}

// pureCall reports whether a call is of something that may be called again; its arguments are looked at elsewhere.
func (s scope) pureCall(call *ast.CallExpr, own map[string]bool) bool {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return basic[f.Name] && !s.locals[f.Name]
	case *ast.SelectorExpr:
		x, name := f.X.(*ast.Ident)
		if !name {
			return true // of what another call returns, which is looked at too
		}
		_, declared := s.globals[x.Name]
		return own[x.Name] || s.kept[x.Name] || !declared && !s.locals[x.Name] && purePackages[x.Name]
	case *ast.ArrayType, *ast.MapType:
		return true
	}
	return false
}

// literalNames returns what a function literal declares, at any depth.
func literalNames(f *ast.FuncLit) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					names[rootOf(e)] = true
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil && n.Tok == token.DEFINE {
					names[rootOf(e)] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

// rootOf returns the variable that an expression is a part of, "" = none.
func rootOf(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x.Name
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return ""
		}
	}
}

// fieldOnly reports whether an assignment to the expression changes the variable alone, not what it points to as far as
// can be seen: a name, or a field of one.
func fieldOnly(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return fieldOnly(x.X)
	}
	return false
}

// usedIn returns the names that a node uses, of variables and others; a name that it defines first is none of them.
func usedIn(n ast.Node) []string {
	defined := map[*ast.Ident]bool{}
	var names []string
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					defined[id] = true
				}
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				defined[id] = true
			}
		case *ast.SelectorExpr:
			defined[n.Sel] = true
		case *ast.Ident:
			if !defined[n] && !slices.Contains(names, n.Name) {
				names = append(names, n.Name)
			}
		}
		return true
	})
	return names
}

// changedIn returns the variables that a node may change or lets others change, at any depth.
func changedIn(n ast.Node) []string {
	var names []string
	add := func(e ast.Expr) {
		if name := rootOf(e); name != "" && name != "_" {
			names = append(names, name)
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if n.Tok != token.DEFINE {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X)
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if e != nil && n.Tok == token.ASSIGN {
					add(e)
				}
			}
		}
		return true
	})
	return names
}
