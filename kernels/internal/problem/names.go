package problem

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

var (
	undefinedName = regexp.MustCompile(`^undefined: (\w+)$`)
	undefinedIn   = regexp.MustCompile(`^undefined: (\w+)\.(\w+)$`)
	undefinedOf   = regexp.MustCompile(`^\S+\.(\w+) undefined \(type (.+?) has no field or method \w+\)`)
	unknownField  = regexp.MustCompile(`^unknown field (\w+) in struct literal of type (\S+)$`)
)

// undefined returns the hint for a name that the compiler does not know, or "".
func (c Context) undefined(f fault) string {
	if m := undefinedIn.FindStringSubmatch(f.text); m != nil {
		return didYouMean(m[1]+".", nearest(m[2], exported(f.file, m[1], "")))
	}
	if m := undefinedOf.FindStringSubmatch(f.text); m != nil {
		return c.member(f, m[1], m[2])
	}
	if m := unknownField.FindStringSubmatch(f.text); m != nil {
		return c.member(f, m[1], m[2])
	}
	m := undefinedName.FindStringSubmatch(f.text)
	if m == nil {
		return ""
	}
	name := m[1]
	for i := len(c.Earlier) - 1; i >= 0; i-- {
		if cell := c.Earlier[i]; slices.Contains(made(cell.Code), name) {
			return fmt.Sprintf("cell [%d] makes %s, which has not stayed: what stays is made from package lab or of plain "+
				"values, in a cell that went well, and changed by plain assignments alone. Make it here too, or declare it at "+
				"the beginning of that cell (var %s = …)", cell.Number, name, name)
		}
	}
	if matches(`^\s*`+name+`\s*=[^=]`, f.at.text()) {
		return "declare it first: " + name + " := …"
	}
	names := []string{"len", "append", "string", "float64", "float32", "error", "println"}
	for _, cell := range append([]Cell{c.Cell}, c.Earlier...) {
		names = append(names, declared(cell.Code)...)
	}
	names = append(names, made(c.Cell.Code)...)
	if near := nearest(name, names); near != "" && !slices.Contains([]string{"True", "False", "None"}, name) {
		return didYouMean("", near)
	}
	if matches(`\b`+name+`\.[A-Z]`, f.at.text()) {
		return fmt.Sprintf("no package %s is imported, and none of this name is known: import \"path/of/%s\"", name, name)
	}
	return ""
}

// member returns the hint for a field or method that a type does not have.
func (c Context) member(f fault, name, of string) string {
	of = strings.TrimLeft(of, "*[]")
	of, _, _ = strings.Cut(of, "[")
	if pkg, typ, ok := strings.Cut(of, "."); ok {
		return didYouMean("", nearest(name, exported(f.file, pkg, typ)))
	}
	var names []string
	for _, cell := range append([]Cell{c.Cell}, c.Earlier...) {
		if file := parsed(top(cell.Code)); file != nil {
			names = append(names, members(file, of)...)
		}
	}
	return didYouMean("", nearest(name, names))
}

// didYouMean returns a hint with the name that is meant; "" for none.
func didYouMean(before, name string) string {
	if name == "" {
		return ""
	}
	return "did you mean " + before + name + "?"
}

// made returns the variables that the main body of a cell makes, in it or in blocks of it.
func made(code string) []string {
	_, body, found := split(code)
	if !found {
		return nil
	}
	file := parsed("package p\nfunc main() {\n" + body + "\n}\n")
	if file == nil {
		return nil
	}
	var names []string
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			names = append(names, id.Name)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					add(e)
				}
			}
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				add(n.Key)
				add(n.Value)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				add(id)
			}
		}
		return true
	})
	return names
}

// declared returns what a cell declares above its main body.
func declared(code string) []string {
	if file := parsed(top(code)); file != nil {
		return topNames(file)
	}
	return nil
}

// top returns the declarations of a cell as a file.
func top(code string) string {
	before, _, _ := split(code)
	return "package p\n" + before
}

// split cuts a cell at the line that opens its main, without lines for the kernel.
func split(code string) (before, body string, found bool) {
	var parts [2]strings.Builder
	at, n, loose := 0, -1, -1
	if c := cells.Parse(code); c.Plain() {
		loose = c.Loose
	}
	for line := range strings.Lines(code) {
		n++
		if n == loose {
			at = 1
		}
		switch {
		case mainLine.MatchString(line):
			at = 1
		case !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "!"):
			parts[at].WriteString(line)
		}
	}
	return parts[0].String(), parts[1].String(), at == 1
}

// parsed returns a file as far as it can be read; nil if it cannot.
func parsed(text string) *ast.File {
	file, _ := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution) // as far as it goes
	return file
}

// nearest returns the one of names that is most like a name, or "" if none is like it.
func nearest(name string, names []string) string {
	best, at := max(1, len(name)/3)+1, ""
	for _, other := range names {
		// Names of other lengths are not like it, and very long ones would take long.
		if len(other) > len(name)+best || len(name) > len(other)+best || len(name) > 100 {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(other)); d < best && other != name {
			best, at = d, other
		}
	}
	return at
}

// distance returns how many letters must be added, removed, changed or exchanged with their neighbour to make b of a.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
