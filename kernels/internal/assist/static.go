package assist

import (
	"context"
	"go/ast"
	"go/build"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// What packages have is read from their sources here: members while gopls starts, and explanations of functions and
// types always, since gopls checks the types of a whole package for each, which takes half a second beside a training.

// packages waits until it is known which packages there are, and reports whether it is. That takes a moment.
func (a *Assistant) packages(ctx context.Context) bool {
	select {
	case <-a.prepared:
		return true
	case <-a.done:
	case <-ctx.Done():
	}
	return false
}

// warming reports whether packages are known, and gopls is on its way but not there yet.
func (a *Assistant) warming(ctx context.Context) bool {
	known := a.packages(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	return known && a.current == nil
}

// member returns the folder of the package and what is written of the name where an offset is behind "package." or
// within the name after it; ok = false elsewhere, also where the package's name may be a variable's.
func (a *Assistant) member(c cells.Cell, offset int) (dir, prefix string, ok bool) {
	list := lexemes(c.Go())
	i := slices.IndexFunc(list, func(l lexeme) bool { return l.end >= offset && l.end > l.start })
	if i < 0 {
		return "", "", false
	}
	if list[i].kind == token.IDENT {
		prefix = list[i].text[:min(max(offset-list[i].start, 0), len(list[i].text))]
		i--
	}
	if i < 1 || list[i].kind != token.PERIOD || list[i-1].kind != token.IDENT ||
		i > 1 && list[i-2].kind == token.PERIOD {
		return "", "", false
	}
	name := list[i-1].text
	for j, l := range list {
		if l.kind == token.IDENT && l.text == name && (j+1 == len(list) || list[j+1].kind != token.PERIOD) {
			return "", "", false
		}
	}
	if _, declared := a.memory.Names()[name]; declared {
		return "", "", false
	}
	path, ok := a.space.packages()[name]
	if !ok {
		return "", "", false
	}
	dir, ok = a.space.dir(path)
	return dir, prefix, ok
}

// dir returns the folder of a package of the checkout or of Go's own.
func (w *workspace) dir(path string) (string, bool) {
	w.mu.Lock()
	module := w.module
	w.mu.Unlock()
	if rel, ok := strings.CutPrefix(path, module+"/"); ok && module != "" {
		return filepath.Join(w.repo, filepath.FromSlash(rel)), true
	}
	if path == module {
		return w.repo, true
	}
	first, _, _ := strings.Cut(path, "/")
	if strings.Contains(first, ".") || build.Default.GOROOT == "" {
		return "", false
	}
	return filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(path)), true
}

// documented reads a package with its documentation; nil if it cannot be read.
func documented(dir string) (*doc.Package, *token.FileSet) {
	pkg, err := build.Default.ImportDir(dir, 0)
	if err != nil {
		return nil, nil
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range append(pkg.GoFiles, pkg.CgoFiles...) {
		f, err := parser.ParseFile(fset, filepath.Join(dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, nil
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, pkg.ImportPath)
	if err != nil {
		return nil, nil
	}
	return p, fset
}

// members returns what a package exports that continues a prefix.
func members(dir, prefix string) []candidate {
	p, _ := documented(dir)
	if p == nil {
		return nil
	}
	var list []candidate
	add := func(name, kind, signature string) {
		if strings.HasPrefix(strings.ToLower(name), strings.ToLower(prefix)) && token.IsExported(name) {
			list = append(list, candidate{name, kind, signature})
		}
	}
	values := func(all []*doc.Value, kind string) {
		for _, v := range all {
			for _, name := range v.Names {
				add(name, kind, "")
			}
		}
	}
	functions := func(all []*doc.Func) {
		for _, f := range all {
			if !tests.MatchString(f.Name) {
				add(f.Name, "function", strings.TrimPrefix(source(p, f.Decl), "func "+p.Name+"."+f.Name))
			}
		}
	}
	values(p.Consts, "constant")
	values(p.Vars, "variable")
	functions(p.Funcs)
	for _, t := range p.Types {
		add(t.Name, "class", "")
		values(t.Consts, "constant")
		values(t.Vars, "variable")
		functions(t.Funcs)
	}
	slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.text, b.text) })
	return list
}

// source returns the head of a function as cells see it: with the package's name before its own and before types. Its
// syntax tree is changed.
func source(p *doc.Package, decl *ast.FuncDecl) string {
	own := map[string]bool{}
	for _, t := range p.Types {
		own[t.Name] = token.IsExported(t.Name)
	}
	if params := decl.Type.TypeParams; params != nil {
		for _, field := range params.List {
			for _, name := range field.Names {
				delete(own, name.Name)
			}
		}
	}
	keep := map[*ast.Ident]bool{} // names of parameters, and those that have a package
	ast.Inspect(decl.Type, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			for _, name := range n.Names {
				keep[name] = true
			}
		case *ast.SelectorExpr:
			keep[n.Sel] = true
		case *ast.Ident:
			if own[n.Name] && !keep[n] {
				n.Name = p.Name + "." + n.Name
			}
		}
		return true
	})
	var b strings.Builder
	name := ast.NewIdent(p.Name + "." + decl.Name.Name)
	if format.Node(&b, token.NewFileSet(), &ast.FuncDecl{Name: name, Type: decl.Type}) != nil {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// explain returns the head, the documentation and the examples of a function or a type of a package, as Markdown.
func explain(dir, name string, all bool) string {
	p, fset := documented(dir)
	if p == nil {
		return ""
	}
	printer := p.Printer()
	printer.DocLinkURL = func(*comment.DocLink) string { return "" } // there is nothing to follow in a notebook
	tell := func(code, text string, at token.Pos) string {
		out := "```go\n" + code + "\n```\n\n" + strings.TrimSpace(string(printer.Markdown(p.Parser().Parse(text))))
		place := fset.Position(at)
		for _, e := range examples(place.Filename, place.Line, all) {
			out += "\n\n" + e
		}
		return out
	}
	functions := p.Funcs
	for _, t := range p.Types {
		functions = append(functions, t.Funcs...)
		if t.Name == name {
			var b strings.Builder
			if format.Node(&b, fset, t.Decl) != nil {
				return ""
			}
			return tell(b.String(), t.Doc, t.Decl.Specs[0].Pos())
		}
	}
	for _, f := range functions {
		if f.Name == name {
			at := f.Decl.Name.Pos()
			return tell(source(p, f.Decl), f.Doc, at)
		}
	}
	return ""
}
