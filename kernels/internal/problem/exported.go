package problem

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// exported returns the exported names of a package that GoNB's file imports by a name; with a type, the fields and
// methods of that. It returns nil where the package is not found: a hint is not worth an error.
func exported(file, name, typ string) []string { return exportedBy(file, name, typ, aliases) }

// aliases is how often a type may be another name for one of another package.
const aliases = 3

// exportedBy is exported, with how many other names are followed.
func exportedBy(file, name, typ string, follow int) []string {
	dir := packageFolder(file, name)
	if dir == "" || follow == 0 {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		if pkg, other := aliasOf(f, typ); pkg != "" {
			return exportedBy(path, pkg, other, follow-1)
		}
		found := topNames(f)
		if typ != "" {
			found = members(f, typ)
		}
		for _, n := range found {
			if ast.IsExported(n) {
				names = append(names, n)
			}
		}
	}
	return names
}

// packageFolder returns the folder of a package that a Go file imports, as the go command knows it, or "".
func packageFolder(file, name string) string {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return ""
	}
	for _, spec := range f.Imports {
		of, err := strconv.Unquote(spec.Path.Value)
		if err != nil || spec.Name != nil && spec.Name.Name != name || spec.Name == nil && path.Base(of) != name {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		cmd := exec.CommandContext(ctx, "go", "list", "-find", "-f", "{{.Dir}}", of)
		cmd.Dir = filepath.Dir(file)
		out, err := cmd.Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	return ""
}

// topNames returns what a file declares at the top, methods left out.
func topNames(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, id := range s.Names {
						names = append(names, id.Name)
					}
				}
			}
		}
	}
	return names
}

// members returns the fields and methods that a file declares for a type.
func members(f *ast.File, typ string) []string {
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil && len(n.Recv.List) > 0 && receiver(n.Recv.List[0].Type) == typ {
				names = append(names, n.Name.Name)
			}
			return false
		case *ast.TypeSpec:
			of, ok := n.Type.(*ast.StructType)
			if !ok || n.Name.Name != typ {
				return false
			}
			for _, field := range of.Fields.List {
				for _, id := range field.Names {
					names = append(names, id.Name)
				}
			}
		}
		return true
	})
	return names
}

// aliasOf returns the package and type that a type of a file is another name for, or "".
func aliasOf(f *ast.File, typ string) (pkg, name string) {
	for _, d := range f.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || typ == "" {
			continue
		}
		for _, s := range decl.Specs {
			spec, ok := s.(*ast.TypeSpec)
			if !ok || spec.Name.Name != typ || !spec.Assign.IsValid() {
				continue
			}
			if of, ok := spec.Type.(*ast.SelectorExpr); ok {
				if id, ok := of.X.(*ast.Ident); ok {
					return id.Name, of.Sel.Name
				}
			}
		}
	}
	return "", ""
}

// receiver returns the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	}
	return ""
}
