package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// parameter is one name declared in the parameters cell.
type parameter struct {
	name string
	// typ is the type that the declaration gives it, that of an untyped constant too; nil if it cannot be told without
	// the packages that the cell names.
	typ types.Type
	// decl and spec are where it is declared; other names may be declared with it.
	decl *ast.GenDecl
	spec *ast.ValueSpec
	// def is the value of its default where that is a constant, else nil.
	def constant.Value
}

// declared is what a parameters cell declares.
type declared struct {
	src        string // the cell's declarations as Go: see parseCell
	parameters []parameter
}

// declarations returns what a parameters cell declares, in order, except names called "_". Types are the compiler's, of
// the cell and a few of Go's own packages: what is declared in other cells or comes from other packages has none.
func declarations(cell string) (*declared, error) {
	file, src, err := parseCell(cell)
	if err != nil {
		return nil, fmt.Errorf("%w (it holds declarations and nothing else, such as: var Rate = 0.5)", err)
	}
	d := &declared{src: src}
	info := check(src)
	for _, decl := range file.Decls {
		decl, ok := decl.(*ast.GenDecl)
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
				if info.pkg != nil {
					if object := info.pkg.Scope().Lookup(name.Name); object != nil && known(object.Type()) {
						p.typ = object.Type()
					}
				}
				if i < len(spec.Values) {
					p.def = info.values[src[spec.Values[i].Pos()-1:spec.Values[i].End()-1]]
				}
				d.parameters = append(d.parameters, p)
			}
		}
	}
	return d, nil
}

// known reports whether a type is one that was found out in all its parts.
func known(t types.Type) bool { return !strings.Contains(t.String(), "invalid type") }

// checked is what the type checker says about a cell.
type checked struct {
	pkg    *types.Package
	values map[string]constant.Value // of constant expressions, by their text
	errs   []types.Error
}

// check type-checks Go source. One of Go's packages that it names needs no import, as in a cell. Errors
// are collected: a name that the cell does not declare makes only what uses it unknown.
func check(src string) checked {
	src = strings.Replace(src, clause, clause+imports(src), 1)
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return checked{errs: []types.Error{{Fset: fset, Pos: 1, Msg: err.Error()}}}
	}
	c := checked{values: map[string]constant.Value{}}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: standard{}, Error: func(err error) {
		var e types.Error
		if errors.As(err, &e) {
			c.errs = append(c.errs, e)
		}
	}}
	c.pkg, _ = conf.Check("p", fset, []*ast.File{file}, info) // the errors are in c
	for expr, tv := range info.Types {
		if tv.Value != nil {
			c.values[src[expr.Pos()-1:expr.End()-1]] = tv.Value
		}
	}
	return c
}

// packages are those of the standard library that defaults of parameters use, by their names. Others would be looked
// for by the go command, on the network too.
var packages = map[string]string{"errors": "errors", "filepath": "path/filepath", "fmt": "fmt", "math": "math",
	"os": "os", "path": "path", "runtime": "runtime", "strconv": "strconv", "strings": "strings", "time": "time"}

// standard imports these packages.
type standard struct{}

// Import implements [types.Importer].
func (standard) Import(path string) (*types.Package, error) {
	for _, known := range packages {
		if path == known {
			return importer.Default().Import(path)
		}
	}
	return nil, fmt.Errorf("%s is not looked at", path)
}

// selector matches a name of a package with an exported name after it.
var selector = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

// imports returns the imports of Go's packages that a cell names and does not import itself, which goimports adds to a
// cell.
func imports(src string) string {
	out := ""
	for _, m := range selector.FindAllStringSubmatch(src, -1) {
		path, ok := packages[m[1]]
		line := "import " + strconv.Quote(path) + ";"
		if ok && !strings.Contains(src, strconv.Quote(path)) && !strings.Contains(out, line) {
			out += line
		}
	}
	return out
}

// clause stands before the first line of a cell that is parsed.
const clause = "package p;"

// parseCell parses a cell's declarations, and returns them with the text that positions (from 1) refer to; its lines
// are those of the cell.
func parseCell(cell string) (*ast.File, string, error) {
	src := cells.Parse(cell).Top(clause)
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution|parser.ParseComments)
	return file, src, err
}

// names returns the parameters with their types, for errors.
func (d *declared) names() []string {
	var words []string
	for _, p := range d.parameters {
		words = append(words, strings.TrimSpace(p.name+" "+d.written(p)))
	}
	return words
}

// written returns a parameter's type as a declaration writes it: as the cell has it, or that which the default gives
// it; "" if it cannot be told.
func (d *declared) written(p parameter) string {
	if p.spec.Type != nil {
		return d.src[p.spec.Type.Pos()-1 : p.spec.Type.End()-1]
	}
	if p.typ == nil {
		return ""
	}
	return typeText(types.Default(p.typ))
}

// typeText returns a type as a cell writes it.
func typeText(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == "p" {
			return ""
		}
		return pkg.Name()
	})
}

// text returns the default of a parameter that is a string.
func (p parameter) text() (string, bool) {
	if p.def == nil || p.def.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(p.def), true
}

// set returns the declaration that gives a parameter a user's value, with the type that it has. A variable's type is
// written out: that of its value may be another one, such as of 1 for 0.5.
func (d *declared) set(p parameter, s setting) (string, error) {
	if err := p.settable(); err != nil {
		return "", err
	}
	typ := d.written(p)
	if typ == "" {
		return "", errors.New("its type cannot be told from its default; declare it as var " + p.name + " TYPE = …")
	}
	value, err := s.expression(d, p, typ)
	if err != nil {
		return "", err
	}
	if p.spec.Type == nil && p.decl.Tok == token.CONST {
		// It stays untyped where it was, since code may rely on that.
		if basic, ok := p.typ.(*types.Basic); ok && basic.Info()&types.IsUntyped != 0 {
			return fmt.Sprintf("const %s = %s\n", p.name, untyped(basic, value)), nil
		}
	}
	return fmt.Sprintf("%s %s %s = %s\n", p.decl.Tok, p.name, typ, value), nil
}

// untyped returns a literal whose own kind is that of an untyped constant: 1.0 where a float is due, not 1.
func untyped(kind *types.Basic, value string) string {
	if kind.Kind() == types.UntypedFloat && !strings.ContainsAny(value, ".eEpP") {
		return value + ".0"
	}
	return value
}

// settable returns why a parameter cannot be declared anew alone, or nil: GoNB replaces whole declarations, so that the
// neighbours of a name would go with it.
func (p parameter) settable() error {
	switch {
	// Constants of a group may depend on one another by iota.
	case p.decl.Tok == token.CONST && len(p.decl.Specs) > 1:
		return errors.New("it is in a group of constants, which GoNB keeps together; " +
			"declare it as a variable, or alone")
	case len(p.spec.Names) > 1:
		return errors.New("it is declared together with others; declare it on a line of its own")
	}
	return nil
}

// expression checks that a text is a Go expression that a variable of a type can have, and returns it. Where the cell
// alone does not say, the compiler will.
func (d *declared) expression(typ, s string) (string, error) {
	if _, err := parser.ParseExpr(s); err != nil {
		return "", fmt.Errorf("%q is not a Go expression: %w", s, err)
	}
	own := 2 + strings.Count(d.src, "\n") // the line of the declaration that is checked
	for _, e := range check(d.src + "\nvar _ " + typ + " = " + s).errs {
		// A name or a package of another cell.
		if e.Fset.Position(e.Pos).Line >= own && !strings.Contains(e.Msg, "undefined: ") {
			return "", fmt.Errorf("%q is not of type %s: %s", s, typ, e.Msg)
		}
	}
	return s, nil
}
