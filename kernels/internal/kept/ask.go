package kept

import (
	"go/ast"
	"go/token"
	"slices"
)

// asked are names of methods whose results depend on what a session has by names that a user gave, or on the file
// system.
var asked = []string{"Run", "Runs", "Session", "Model", "Stat"}

// timed are names of fields that say when, how fast or by whom something was made: a session has them of whoever made it
// first.
var timed = []string{"Made", "Used", "Seconds", "FirstStep", "PairsPerSec", "Cell"}

// ask reports whether a selector, within nodes, may be of a method or a field whose value is another one in another run
// of the same cell. Types are not known: in doubt it is.
func ask(s *ast.SelectorExpr, within []ast.Node) bool {
	parent := ast.Node(s)
	if len(within) > 0 {
		parent = within[len(within)-1]
	}
	call, called := parent.(*ast.CallExpr)
	called = called && call.Fun == s
	switch name := s.Sel.Name; {
	case name == "Known":
		return !asserts(within)
	case slices.Contains(timed, name):
		return !called
	case !slices.Contains(asked, name):
		return false
	case called: // the model that a search has found needs no name
		return name != "Model" || len(call.Args) > 0
	}
	switch parent := parent.(type) { // a field of that name; what is left may be a method that is called later
	case *ast.SelectorExpr, *ast.IndexExpr, *ast.RangeStmt, *ast.KeyValueExpr:
		return false
	case *ast.CallExpr:
		f, ok := parent.Fun.(*ast.Ident)
		return !ok || f.Name != "len"
	}
	return true
}

// asserts reports whether a call of a method without arguments, the innermost of nodes, is the whole condition of a
// statement as in
//
//	if !search.Known() {
//		cell.Fail(…)
//	}
//
// Where such a cell succeeds, its outputs do not tell what the method returned.
func asserts(within []ast.Node) bool {
	n := len(within)
	if n < 3 {
		return false
	}
	call, ok := within[n-1].(*ast.CallExpr)
	not, negated := within[n-2].(*ast.UnaryExpr)
	test, tested := within[n-3].(*ast.IfStmt)
	if !ok || !negated || !tested || not.Op != token.NOT || len(call.Args) > 0 || test.Cond != not || test.Else != nil ||
		len(test.Body.List) != 1 {
		return false
	}
	does, ok := test.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok = does.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := f.X.(*ast.Ident)
	return ok && of.Name == "cell" && f.Sel.Name == "Fail"
}
