package lab_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestExamples: Shift-Tab on what a cell calls shows an example, of the doc comment or of the tests.
func TestExamples(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var sources, tests []*ast.File
	for _, path := range paths {
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, f)
		} else {
			sources = append(sources, f)
		}
	}
	shown := map[string]bool{}
	for _, e := range doc.Examples(tests...) {
		shown[e.Name] = true
	}
	asked := 0
	for _, f := range sources {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			// A cell calls none of these: it shows a value, and goes on with what a session has.
			if !ok || !fn.Name.IsExported() || fn.Recv != nil && slices.Contains([]string{"String", "Display", "Session"}, fn.Name.Name) {
				continue
			}
			name := fn.Name.Name
			if fn.Recv != nil {
				of := fn.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				name = of.(*ast.Ident).Name + "_" + name //nolint:forcetypeassert // no type here has parameters
			}
			asked++
			if !shown[name] && !strings.Contains(fn.Doc.Text(), "\n\t") {
				t.Errorf("%s has no example", name)
			}
		}
	}
	if asked < 50 {
		t.Errorf("%d names were looked at", asked)
	}
}
