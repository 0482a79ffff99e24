package cells

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// class is what a kept variable is.
type class int

const (
	none    class = iota // nothing that stays
	plain                // a number, a text or a truth value
	settled              // a config: its fields may be set in the cell that makes it
	object               // of package lab
)

// makers are the functions of package lab that a line may call and stay for later cells: what they return depends on
// their arguments, and on files that the session looks at each time.
var makers = set("AllowMissing Among Builtin By Choice Config CostFN CostFP Domain Folds From Groups Guarantee HoldOut " +
	"ID Ignore IntRange Keep Label Labels LogRange Near OnlyLabels Open Pictures Prior Range Same Sampler Seed Set Size " +
	"SkipCorrupt Test Trials Use Val")

// methods are those of package lab's types that a line may call and stay. A run by its name is another one tomorrow, and
// is none of them.
var methods = set("Advise Again Beside Best Blocks Compare CompareWith Cosines Describe Draw Duplicates Evaluate " +
	"EvaluateOn Expand Explain HardPairs In Item Load Model Named Of On Pairs Rerank Score ScoreOf Search Seeds Side Similar SimilarTo Split Train " +
	"TrainFor")

// options are the functions of package lab that are values themselves.
var options = set("Baselines Details KeepCopies Recommended Transductive")

// set returns the words of a text as a set.
func set(text string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		out[word] = true
	}
	return out
}

// numbers are the types to which plain values may be converted.
var numbers = set("bool byte float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64")

// basic are the names that every Go program knows, without those that do something: functions and types.
var basic = set("append cap len make max min new complex imag real any bool byte error float32 float64 int int8 int16 " +
	"int32 int64 rune string uint uint8 uint16 uint32 uint64 true false nil iota")

// scope is what a statement of a main body can see.
type scope struct {
	kept    map[string]class  // variables that stay
	fresh   map[string]bool   // those that the cell itself has made
	globals map[string]string // constants and variables of the top level that may be used: their declarations
	other   map[string]bool   // names that are something else: of the top level, or variables that end with the cell
}

// value returns what an expression makes, none = something that does not stay. A kept object is none by itself: what has
// two names is changed by either.
func (s scope) value(e ast.Expr) class {
	switch x := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return plain
	case *ast.Ident:
		_, global := s.globals[x.Name]
		if s.kept[x.Name] == plain || s.free(x.Name) && (global || x.Name == "true" || x.Name == "false") {
			return plain
		}
	case *ast.UnaryExpr:
		if x.Op != token.AND && x.Op != token.ARROW {
			return s.plain(x.X)
		}
	case *ast.BinaryExpr:
		return min(s.plain(x.X), s.plain(x.Y))
	case *ast.CallExpr:
		return s.call(x)
	}
	return none
}

// plain returns plain if the expression is, else none.
func (s scope) plain(e ast.Expr) class {
	if s.value(e) == plain {
		return plain
	}
	return none
}

// free reports whether a name is no variable.
func (s scope) free(name string) bool { return s.kept[name] == none && !s.other[name] }

// call is value of a call.
func (s scope) call(call *ast.CallExpr) class {
	if call.Ellipsis.IsValid() {
		return none
	}
	if id, ok := call.Fun.(*ast.Ident); ok {
		_, global := s.globals[id.Name]
		if numbers[id.Name] && s.free(id.Name) && !global && len(call.Args) == 1 {
			return s.plain(call.Args[0])
		}
		return none
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return !s.argument(e) }) {
		return none
	}
	name := f.Sel.Name
	x, ident := f.X.(*ast.Ident)
	switch {
	case ident && x.Name == "config" && s.free("config"):
		if name == "Default" || name == "Recommended" {
			return settled
		}
	case ident && x.Name == "lab" && s.free("lab"):
		if name == "Config" {
			return settled
		}
		if makers[name] {
			return object
		}
	case ident && s.kept[x.Name] == object || !ident && s.value(f.X) == object:
		if methods[name] && (name != "Model" || len(call.Args) == 0) {
			return object
		}
	}
	return none
}

// argument reports whether an argument may be given again.
func (s scope) argument(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident:
		return s.kept[x.Name] != none || s.value(x) != none
	case *ast.SelectorExpr:
		of, ok := x.X.(*ast.Ident)
		return ok && of.Name == "lab" && s.free("lab") && options[x.Sel.Name]
	case *ast.CompositeLit:
		return s.list(x)
	}
	return s.value(e) != none
}

// list reports whether a literal is a list of plain values, such as []int{512, 256}. As an argument nothing else has it,
// so that nothing can change it between two cells.
func (s scope) list(x *ast.CompositeLit) bool {
	of, ok := x.Type.(*ast.ArrayType)
	if !ok || of.Len != nil {
		return false
	}
	id, ok := of.Elt.(*ast.Ident)
	if !ok || !numbers[id.Name] || !s.free(id.Name) {
		return false
	}
	_, global := s.globals[id.Name]
	return !global && !slices.ContainsFunc(x.Elts, func(e ast.Expr) bool { return s.plain(e) == none })
}

// constants returns the declarations of constants, and of variables with values of literals that no function and not
// the body changes.
func constants(decls map[string]*kept, changed map[string]bool) map[string]string {
	out := map[string]string{}
	for grown := true; grown; {
		grown = false
		for name, k := range decls {
			_, there := out[name]
			if !there && (k.Kind == Const || k.Kind == Var && !changed[name] && settles(k.facts().file, out)) {
				out[name], grown = k.facts().text, true
			}
		}
	}
	return out
}

// settles reports whether a file declares one variable with a value of literals and of the constants.
func settles(file *ast.File, constants map[string]string) bool {
	if file == nil || len(file.Decls) != 1 {
		return false
	}
	d, ok := file.Decls[0].(*ast.GenDecl)
	if !ok || len(d.Specs) != 1 {
		return false
	}
	v, ok := d.Specs[0].(*ast.ValueSpec)
	if !ok || len(v.Names) != 1 || len(v.Values) != 1 {
		return false
	}
	if id, ok := v.Type.(*ast.Ident); v.Type != nil && (!ok || !numbers[id.Name]) {
		return false
	}
	return scope{globals: constants}.value(v.Values[0]) == plain
}

// parsed returns a declaration's syntax, nil if it cannot be read.
func parsed(text string) *ast.File {
	file, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	return file
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
		case *ast.CallExpr:
			e = x.Fun
		default:
			return ""
		}
	}
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
