package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Tags of the cells that have a meaning to us. The first two are papermill's, so that notebooks with parameters work
// with it, and its with us, as far as that goes with Go: papermill itself writes no Go.
const (
	TagParameters = "parameters"          // the cell that declares the parameters with their defaults
	TagInjected   = "injected-parameters" // the cell put after it, with the values that were asked for
	TagResults    = "results"             // a cell whose text output is the notebook's result
)

// parameter is one name declared in the parameters cell.
type parameter struct {
	name string
	// kind is the type as written, or that of the default's literal; "" if it cannot be told without compiling.
	kind string
	// decl and spec are where it is declared; other names may be declared with it.
	decl *ast.GenDecl
	spec *ast.ValueSpec
}

// Set is one parameter to set: name and value as the user wrote them. The value is not Go yet: see [Notebook.Inject].
type Set struct{ Name, Value string }

// UnmarshalText reads "name=value", of which the name must be a Go identifier; white space around both is dropped. It
// implements [encoding.TextUnmarshaler], for command lines.
func (s *Set) UnmarshalText(text []byte) error {
	name, value, ok := strings.Cut(string(text), "=")
	name = strings.TrimSpace(name)
	if !ok || !token.IsIdentifier(name) {
		return fmt.Errorf("parameter %q: want name=value, with a Go name", text)
	}
	*s = Set{name, strings.TrimSpace(value)}
	return nil
}

// Inject puts a cell that sets parameters right after the notebook's parameters cell; GoNB lets a later declaration
// replace an earlier one of the same name. An injected cell of an earlier run is replaced. Without sets only such a
// cell is removed.
//
// Every set must name a parameter that is declared there, and its value must suit the declared type: strings need no
// quotes, lists are separated by commas, durations are written 5m. All faults are reported at once; then the notebook
// has no injected cell.
func (n *Notebook) Inject(sets []Set) error {
	n.Cells = slices.DeleteFunc(n.Cells, func(c *Cell) bool { return c.HasTag(TagInjected) })
	if len(sets) == 0 {
		return nil
	}
	// The first one, as papermill has it; Check refuses a second.
	at := slices.IndexFunc(n.Cells, func(c *Cell) bool { return c.Type() == "code" && c.HasTag(TagParameters) })
	if at < 0 {
		return fmt.Errorf("the notebook has no cell tagged %q, so it takes no parameters", TagParameters)
	}
	source, err := injection(n.Cells[at].Source(), sets)
	if err != nil {
		return err
	}
	cell := &Cell{map[string]any{
		"cell_type": "code", "execution_count": nil, "id": TagInjected, "outputs": []any{},
		"metadata": map[string]any{"tags": []any{TagInjected}}, "source": lines(source),
	}}
	n.Cells = slices.Insert(n.Cells, at+1, cell)
	return nil
}

// injection returns the source of the injected cell for the source of a parameters cell: a declaration for each set, in
// their order, with the type that the original has. It joins all faults into one error.
func injection(cell string, sets []Set) (string, error) {
	file, src, err := parseCell(cell)
	if err != nil {
		return "", fmt.Errorf("the parameters cell: %w", err)
	}
	known := parameters(file, src)
	// All faults rather than the first: a run takes minutes to start again.
	var faults []error
	out := "// Parameters of this run.\n"
	// Twice the same name is a fault: which of the two was meant is not known.
	done := map[string]bool{}
	for _, set := range sets {
		i := slices.IndexFunc(known, func(p parameter) bool { return p.name == set.Name })
		if i < 0 {
			faults = append(faults, fmt.Errorf("unknown parameter %s; known are %s", set.Name, names(known)))
			continue
		}
		if done[set.Name] {
			faults = append(faults, fmt.Errorf("parameter %s is given twice", set.Name))
			continue
		}
		done[set.Name] = true
		p := known[i]
		value, err := p.value(set.Value)
		if err == nil {
			err = p.settable()
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("parameter %s: %w", p.name, err))
			continue
		}
		// The original's type is repeated, so that a value such as 3 stays the float64 that the notebook's code
		// expects.
		written := ""
		if p.spec.Type != nil {
			written = " " + src[p.spec.Type.Pos()-1:p.spec.Type.End()-1]
		}
		out += fmt.Sprintf("%s %s%s = %s\n", p.decl.Tok, p.name, written, value)
	}
	return out, errors.Join(faults...)
}

// parseCell parses a cell's declarations, and returns them with the text that positions (from 1) refer to. Lines for
// the kernel (starting with % or !) and package clauses become blank, and so does everything from "%%" on, which is
// GoNB's main: none of that is Go at the top level of a file. Lines keep their numbers.
func parseCell(cell string) (*ast.File, string, error) {
	// A package clause without a newline, so that line numbers are those of the cell.
	src := "package p;"
	main := false
	for line := range strings.Lines(cell) {
		trimmed := strings.TrimSpace(line)
		main = main || strings.HasPrefix(trimmed, "%%") || strings.HasPrefix(trimmed, "%main")
		if main || strings.HasPrefix(trimmed, "%") || strings.HasPrefix(trimmed, "!") ||
			strings.HasPrefix(trimmed, "package ") {
			line = "\n"
		}
		src += line
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	return file, src, err
}

// parameters returns the variables and constants that a cell declares, in order, except those called "_".
func parameters(file *ast.File, src string) []parameter {
	var list []parameter
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.VAR && decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Name == "_" {
					continue
				}
				p := parameter{name: name.Name, decl: decl, spec: spec}
				switch {
				case spec.Type != nil:
					p.kind = src[spec.Type.Pos()-1 : spec.Type.End()-1]
				// Several names may share one call that returns several values; these have no literal of their own.
				case i < len(spec.Values):
					p.kind = literalKind(spec.Values[i])
				}
				list = append(list, p)
			}
		}
	}
	return list
}

// literalKind returns the type that a literal gives its variable ("int", "float64", "string", "bool", "time.Duration",
// "[]T"), or "" if it takes a compiler to tell. A value for a kind of "" is checked for being a Go expression only; the
// compiler checks the rest.
func literalKind(e ast.Expr) string {
	// What a compiler would infer, for literals only: no names are looked up.
	switch e := e.(type) {
	case *ast.BasicLit:
		switch e.Kind {
		case token.INT:
			return "int"
		case token.FLOAT:
			return "float64"
		case token.STRING:
			return "string"
		}
	case *ast.Ident:
		if e.Name == "true" || e.Name == "false" {
			return "bool"
		}
	case *ast.UnaryExpr:
		if e.Op == token.SUB || e.Op == token.ADD {
			return literalKind(e.X)
		}
	case *ast.ParenExpr:
		return literalKind(e.X)
	// Of lists only those of named types, such as []int{64, 32}: their elements are read by scalar.
	case *ast.CompositeLit:
		if list, ok := e.Type.(*ast.ArrayType); ok && list.Len == nil {
			if elem, ok := list.Elt.(*ast.Ident); ok {
				return "[]" + elem.Name
			}
		}
	case *ast.BinaryExpr: // such as 30 * time.Second
		if isDuration(e.X) || isDuration(e.Y) {
			return "time.Duration"
		}
	}
	return ""
}

// isDuration reports whether an expression is one of package time's units, such as time.Second.
func isDuration(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	units := []string{"Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"}
	return ok && pkg.Name == "time" && slices.Contains(units, s.Sel.Name)
}

// names lists parameters with their types, for the error about one that is not declared.
func names(list []parameter) string {
	if len(list) == 0 {
		return "none"
	}
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = strings.TrimSpace(p.name + " " + p.kind)
	}
	return strings.Join(words, ", ")
}
