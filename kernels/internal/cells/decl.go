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

	parts []part
}

// part is a piece of a declaration's text: a literal, or a part of its cell.
type part struct {
	text       string
	start, end int
}

// InitPrefix starts the names of functions that GoNB renames to init, so that every cell can have one.
const InitPrefix = "init_"

// reader collects declarations.
type reader struct {
	cell *Cell
	src  File
	base token.Pos
}

// add keeps a declaration unless its text is not all the cell's own, as that of one that is cut off may be.
func (r *reader) add(d Decl) { r.cell.Decls = append(r.cell.Decls, d) }

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
	key := decl.Name.Name
	if decl.Recv != nil && len(decl.Recv.List) > 0 {
		receiver := "unknown" // as GoNB has it, for generic types too
		switch t := decl.Recv.List[0].Type.(type) {
		case *ast.Ident:
			receiver = t.Name
		case *ast.StarExpr:
			receiver = r.text(t.X)
		}
		key = receiver + "~" + key
	}
	d := Decl{Kind: Func, Keys: []string{key}}
	from := decl.Pos()
	if decl.Doc != nil {
		from = decl.Doc.Pos()
	}
	if strings.HasPrefix(key, InitPrefix) {
		d.parts = []part{r.of(from, decl.Name.Pos()), literal("init"), r.of(decl.Name.End(), decl.End())}
	} else {
		d.parts = []part{r.of(from, decl.End())}
	}
	r.add(d)
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
			r.add(d)
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
	r.add(d)
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
	if len(spec.Values) == 1 {
		d := Decl{Kind: Var, parts: append(doc, r.node(spec))}
		for _, name := range spec.Names {
			d.Keys = append(d.Keys, name.Name)
		}
		r.add(d)
		return
	}
	for i, name := range spec.Names {
		d := Decl{Kind: Var, Keys: []string{name.Name}, parts: append(doc[:len(doc):len(doc)], r.node(name))}
		if spec.Type != nil {
			d.parts = append(d.parts, literal(" "), r.node(spec.Type))
		}
		if i < len(spec.Values) {
			d.parts = append(d.parts, literal(" = "), r.node(spec.Values[i]))
		}
		r.add(d)
	}
}

// constants adds a declaration of constants: they stay together, since they may depend on one another by iota.
func (r *reader) constants(decl *ast.GenDecl) {
	d := Decl{Kind: Const}
	for _, spec := range decl.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok {
			for _, name := range spec.Names {
				d.Keys = append(d.Keys, name.Name)
			}
		}
	}
	if len(d.Keys) == 0 {
		return
	}
	from := decl.Pos()
	if decl.Doc != nil {
		from = decl.Doc.Pos()
	}
	d.parts = []part{r.of(from, decl.End())}
	r.add(d)
}
