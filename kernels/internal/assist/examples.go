package assist

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data/openfile"
)

// examples returns the examples of what is declared at a line (from 1) of a file, as Markdown, those of its tests: the
// first, or all. There is none for a field or a variable.
func examples(file string, line int, all bool) []string {
	if file == "" {
		return nil
	}
	name := declaredAt(file, line)
	if name == "" {
		return nil
	}
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*_test.go"))
	if err != nil {
		return nil
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte("func Example"+name)) {
			continue
		}
		f, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			continue
		}
		if !strings.HasSuffix(f.Name.Name, "_test") {
			qualify(f, exported(filepath.Dir(file)))
		}
		files = append(files, f)
	}
	var out []string
	for _, e := range doc.Examples(files...) {
		// A suffix, which begins with a small letter, tells examples of one name apart.
		suffix, ok := strings.CutPrefix(e.Name, name)
		if !ok || suffix != "" && (suffix[0] != '_' || len(suffix) < 2 || suffix[1] < 'a' || suffix[1] > 'z') {
			continue
		}
		out = append(out, "**Example**\n\n```go\n"+body(fset, e)+"\n```")
		if !all {
			break
		}
	}
	return out
}

// exported returns what a package exports at its top level.
func exported(dir string) map[string]bool {
	out := map[string]bool{}
	paths, err := openfile.Glob(dir, "*.go")
	if err != nil {
		return out
	}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil || strings.HasSuffix(path, "_test.go") {
			continue
		}
		add := func(name *ast.Ident) { out[name.Name] = name.IsExported() }
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil {
					add(decl.Name)
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						add(spec.Name)
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(name)
						}
					}
				}
			}
		}
	}
	return out
}

// qualify puts the package's name before what a test file uses of its own package, as cells have to write it.
func qualify(f *ast.File, names map[string]bool) {
	keep := map[*ast.Ident]bool{} // fields and methods
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				keep[n.Sel] = true
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok {
					keep[key] = true
				}
			case *ast.Ident:
				if names[n.Name] && !keep[n] {
					n.Name = f.Name.Name + "." + n.Name
				}
			}
			return true
		})
	}
}

// declaredAt returns what the example of a function, a method or a type that is declared at a line is named after:
// Name or Type_Name. "package" clauses and other declarations have none.
func declaredAt(path string, line int) string {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if fset.Position(decl.Name.Pos()).Line != line {
				continue
			}
			if decl.Recv == nil || len(decl.Recv.List) == 0 {
				return decl.Name.Name
			}
			t := decl.Recv.List[0].Type
			if star, ok := t.(*ast.StarExpr); ok {
				t = star.X
			}
			if generic, ok := t.(*ast.IndexExpr); ok {
				t = generic.X
			}
			if id, ok := t.(*ast.Ident); ok {
				return id.Name + "_" + decl.Name.Name
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok && fset.Position(spec.Name.Pos()).Line == line {
					return spec.Name.Name
				}
			}
		}
	}
	return ""
}

// body returns the code of an example without the braces around it, and what it prints as a comment.
func body(fset *token.FileSet, e *doc.Example) string {
	var b bytes.Buffer
	comments := e.Comments
	if format.Node(&b, fset, &printer.CommentedNode{Node: e.Code, Comments: comments}) != nil {
		b.Reset()
		if err := format.Node(&b, fset, e.Code); err != nil {
			return ""
		}
	}
	text := strings.TrimSpace(b.String())
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	var out []string
	for l := range strings.Lines(strings.Trim(text, "\n")) {
		out = append(out, strings.TrimRight(strings.TrimPrefix(l, "\t"), "\n\t "))
	}
	code := strings.TrimSpace(strings.Join(out, "\n"))
	if e.Output != "" && !strings.Contains(code, "Output:") {
		code += "\n// Output:\n// " + strings.ReplaceAll(strings.TrimSpace(e.Output), "\n", "\n// ")
	}
	return code
}
