package cells

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// Kind is what a declaration declares.
type Kind int

// The kinds, in the order in which GoNB looks for what "%rm" names.
const (
	Import Kind = iota
	Const
	Type
	Var
	Func
)

// Decl is what GoNB keeps, replaces and removes as a whole: an import, a type, a function, a method, a variable or
// those of one assignment, or a group of constants.
type Decl struct {
	Kind Kind
	// Keys are GoNB's, as "%ls" shows them: one, but for variables of one assignment and constants of one group. A
	// method is Type~Method.
	Keys []string
	// Name is that of an import in its file: "" for the package's own.
	Name string
	// Path is that of an import.
	Path string
	// Line is where it begins, its comment left out.
	Line int

	receiver string // the type of a method's receiver, without "*" and parameters
	embeds   bool   // a variable with the directive "go:embed"
	counted  bool   // constants of which one line has several names and counts by iota
	parts    []part
}

// part is a piece of a declaration's text: a literal, or a part of its cell.
type part struct {
	text       string
	start, end int
}

// initPrefix starts the names of functions that GoNB renames to init, so that every cell can have one.
const initPrefix = "init_"

// reader collects declarations.
type reader struct {
	cell *Cell
	src  File
	base token.Pos
}

// add keeps a declaration that begins at a place.
func (r *reader) add(at token.Pos, d Decl) {
	if _, offset, ok := r.src.Cell(int(at - r.base)); ok {
		d.Line = r.cell.LineAt(offset)
	}
	r.cell.Decls = append(r.cell.Decls, d)
}

// of returns the part of the cell that a node is; one of no length if the cell does not have it.
func (r *reader) of(from, to token.Pos) part {
	_, start, ok1 := r.src.Cell(int(from - r.base))
	_, end, ok2 := r.src.Cell(int(to - r.base))
	if !from.IsValid() || !to.IsValid() || !ok1 || !ok2 || end < start {
		return part{}
	}
	return part{start: start, end: end}
}

// node returns the part of the cell that a node is.
func (r *reader) node(n ast.Node) part { return r.of(n.Pos(), n.End()) }

// text returns a node's text.
func (r *reader) text(n ast.Node) string {
	p := r.node(n)
	return r.cell.Code[p.start:p.end]
}

// literal returns a part that no cell has.
func literal(text string) part { return part{text: text} }

// function adds a function or a method.
func (r *reader) function(decl *ast.FuncDecl) {
	key, receiver := decl.Name.Name, ""
	if decl.Recv != nil && len(decl.Recv.List) > 0 {
		of := "unknown" // as GoNB has it, for generic types too
		switch t := decl.Recv.List[0].Type.(type) {
		case *ast.Ident:
			of = t.Name
		case *ast.StarExpr:
			of = r.text(t.X)
		}
		key = of + "~" + key
		receiver, _, _ = strings.Cut(strings.TrimLeft(r.text(decl.Recv.List[0].Type), "* "), "[")
	}
	d := Decl{Kind: Func, Keys: []string{key}, receiver: receiver}
	from := decl.Pos()
	if decl.Doc != nil {
		from = decl.Doc.Pos()
	}
	if strings.HasPrefix(key, initPrefix) {
		d.parts = []part{r.of(from, decl.Name.Pos()), literal("init"), r.of(decl.Name.End(), decl.End())}
	} else {
		d.parts = []part{r.of(from, decl.End())}
	}
	r.add(decl.Pos(), d)
}

// general adds what a declaration of any other kind declares.
func (r *reader) general(decl *ast.GenDecl) {
	if decl.Tok == token.CONST {
		r.constants(decl)
		return
	}
	for _, spec := range decl.Specs {
		switch spec := spec.(type) {
		case *ast.ImportSpec:
			r.imported(spec)
		case *ast.TypeSpec:
			d := Decl{Kind: Type, Keys: []string{spec.Name.Name}}
			d.parts = append(r.doc(decl, spec.Doc), literal("type "), r.node(spec))
			r.add(spec.Pos(), d)
		case *ast.ValueSpec:
			r.variables(decl, spec)
		}
	}
}

// doc returns the comment of a specification, which is that of the declaration where that has no parentheses.
func (r *reader) doc(decl *ast.GenDecl, own *ast.CommentGroup) []part {
	if own == nil && !decl.Lparen.IsValid() {
		own = decl.Doc
	}
	if own == nil {
		return nil
	}
	return []part{r.node(own), literal("\n")}
}

// lastWord is what GoNB takes for the name of a package: the last word of its path.
var lastWord = regexp.MustCompile(`^.*?(\w+)\s*$`)

// imported adds an import.
func (r *reader) imported(spec *ast.ImportSpec) {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return
	}
	d := Decl{Kind: Import, Path: path}
	if spec.Name != nil {
		d.Name = spec.Name.Name
	}
	d.Keys = []string{importKey(d.Name, path)}
	d.parts = []part{literal("import "), r.node(spec)}
	r.add(spec.Pos(), d)
}

// importKey returns GoNB's key of an import.
func importKey(name, path string) string {
	switch name {
	case "":
		if m := lastWord.FindStringSubmatch(path); m != nil {
			return m[1]
		}
		return path
	case ".":
		return ".~" + path // several packages can share the cell's names
	}
	return name
}

// variables adds those of one line. Variables with one value, such as a function's results, belong together; others
// are on their own.
func (r *reader) variables(decl *ast.GenDecl, spec *ast.ValueSpec) {
	doc := append(r.doc(decl, spec.Doc), literal("var "))
	embeds := embedding(spec.Doc) || !decl.Lparen.IsValid() && embedding(decl.Doc)
	if len(spec.Values) == 1 {
		d := Decl{Kind: Var, parts: append(doc, r.node(spec)), embeds: embeds}
		for _, name := range spec.Names {
			d.Keys = append(d.Keys, name.Name)
		}
		r.add(spec.Pos(), d)
		return
	}
	for i, name := range spec.Names {
		d := Decl{Kind: Var, Keys: []string{name.Name}, embeds: embeds}
		d.parts = append(doc[:len(doc):len(doc)], r.node(name))
		if spec.Type != nil {
			d.parts = append(d.parts, literal(" "), r.node(spec.Type))
		}
		if i < len(spec.Values) {
			d.parts = append(d.parts, literal(" = "), r.node(spec.Values[i]))
		}
		r.add(name.Pos(), d)
	}
}

// constants adds a declaration of constants: they stay together, since they may depend on one another by iota.
func (r *reader) constants(decl *ast.GenDecl) {
	d := Decl{Kind: Const}
	several, counts := false, false
	for _, spec := range decl.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				d.Keys = append(d.Keys, name.Name)
			}
			several = several || len(spec.Names) > 1
			for _, value := range spec.Values {
				ast.Inspect(value, func(n ast.Node) bool {
					id, ok := n.(*ast.Ident)
					counts = counts || ok && id.Name == "iota"
					return true
				})
			}
		}
	}
	d.counted = several && counts
	if len(d.Keys) == 0 {
		return
	}
	from := decl.Pos()
	if decl.Doc != nil {
		from = decl.Doc.Pos()
	}
	d.parts = []part{r.of(from, decl.End())}
	r.add(decl.Pos(), d)
}

// embedding reports whether a comment has the directive "go:embed".
func embedding(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}
