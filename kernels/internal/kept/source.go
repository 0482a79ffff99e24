package kept

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/cells"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
)

// pure are the packages of the standard library whose results follow from their arguments.
var pure = []string{"bytes", "cmp", "container/heap", "container/list", "container/ring", "encoding/base64",
	"encoding/hex", "encoding/json", "errors", "fmt", "html", "image", "image/color", "image/draw", "image/gif",
	"image/jpeg", "image/png", "iter", "maps", "math",
	"math/bits", "math/cmplx", "path", "regexp", "slices", "sort", "strconv", "strings", "text/tabwriter", "time", "unicode",
	"unicode/utf16", "unicode/utf8"}

// parts are what may be used of packages that have more than is kept. Files that are written follow from the cells; who
// reads one tells it.
var parts = map[string][]string{"os": {"MkdirAll", "RemoveAll", "WriteFile", "Create", "Stdout", "Stderr"},
	"context":                          {"Background", "TODO", "Context", "WithCancel", "Canceled", "CancelFunc"},
	place.ModulePath + "/kernels/cell": {"Fail", "Value"}}

// unnamed returns the path of a package of the lab that the kernel finds for cells without imports, "" = it is none.
func unnamed(name string) string {
	for _, at := range []string{"siamese/lab", "siamese/session", "siamese/config", "siamese/show", "siamese/history",
		"siamese/report", "siamese/stats", "siamese/evaluate", "siamese/embedding", "siamese/study/space", "siamese/study/found",
		"kernels/cell", "data", "data/builtin", "data/table", "data/images", "data/split", "data/describe", "data/features"} {
		if path.Base(at) == name {
			return place.ModulePath + "/" + at
		}
	}
	return ""
}

// impure are what pure packages have that is not: the clock, standard input, and what a session has kept.
var impure = map[string][]string{
	"fmt":                                 {"Scan", "Scanf", "Scanln"},
	place.ModulePath + "/siamese/lab":     {"Session", "Values"},
	place.ModulePath + "/siamese/session": {"Connect", "ConnectWith"},
	"time": {"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "LoadLocation",
		"Local"},
}

// changing are packages of the lab whose results are others at another time.
var changing = []string{"/data/memory", "/siamese/session/launch", "/siamese/session/starter", "/siamese/session/worker"}

// Unfit is why a notebook's cells are not kept.
type Unfit struct {
	Cell int    // counted from 1; 0 = the notebook as a whole
	Why  string // what the cell does
}

// Error says why.
func (u *Unfit) Error() string {
	if u.Cell == 0 {
		return "its cells are not kept: " + u.Why
	}
	return fmt.Sprintf("its cells are not kept: cell %d %s", u.Cell, u.Why)
}

// Fit returns an *[Unfit] if the outputs of a notebook's code cells may depend on more than a key and a receipt say.
// That is so unless every cell uses the lab's packages alone, and of Go's what reads no files, no clock and no
// network; nil = they may be kept. In doubt they are not.
func Fit(nb *notebook.Notebook) error {
	var memory cells.Memory
	for i, c := range nb.Cells {
		if c.Type() != "code" || c.Empty() {
			continue
		}
		cell := cells.Parse(c.Source())
		why := unfit(&memory, cell)
		if c.HasTag("raises-exception") {
			why = "is meant to fail"
		}
		if why != "" {
			return &Unfit{i + 1, why}
		}
		memory.Add(cell)
		memory.Keep(cell)
	}
	return nil
}

// unfit returns why a cell on top of those before it is not kept; "" = it may be.
func unfit(memory *cells.Memory, cell cells.Cell) string {
	if cell.Script != "" {
		return "is a script"
	}
	for _, command := range cell.Commands {
		if text := strings.TrimSpace(command.Text); text != "%%" && text != "%main" {
			return "has a line for the kernel or the shell: " + text
		}
	}
	if len(cell.Errors) > 0 {
		return "is no Go: " + cell.Errors[0].Msg
	}
	whole, trap := memory.Program(cell, nil) // with what it uses of earlier cells
	if trap != nil {
		return "uses what is no more: " + trap.What
	}
	cell = cells.Parse(whole)
	file, err := parser.ParseFile(token.NewFileSet(), "", memory.Compose(cell, nil).Edited.Text(), 0)
	if err != nil {
		return "is no Go: " + err.Error()
	}
	imports := map[string]string{}
	for _, spec := range file.Imports {
		at, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return "has an import that cannot be read"
		}
		if !known(at) {
			return "imports " + at
		}
		name := path.Base(at)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			return "imports the names of " + at
		}
		imports[name] = at
	}
	open := map[*ast.Ident]bool{} // names that the cell does not declare
	earlier := memory.Names()
	for _, name := range file.Unresolved {
		if _, declared := earlier[name.Name]; !declared {
			open[name] = true
		}
	}
	why := ""
	var in []ast.Node // what the present node is in, from the file down
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			in = in[:len(in)-1]
			return false
		}
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && open[x] {
				why = cmp.Or(why, member(imports[x.Name], x.Name, n.Sel.Name))
			} else if ask(n, in) {
				why = cmp.Or(why, "uses what depends on the time or on a session: ."+n.Sel.Name)
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && why == "" && outside(text) {
				why = "names a path outside: " + n.Value
			}
		}
		in = append(in, n)
		return true
	})
	return why
}

// known reports whether a package may be imported.
func known(at string) bool {
	if at == place.ModulePath || strings.HasPrefix(at, place.ModulePath+"/") {
		// Widgets and input have values of a user.
		return (!strings.HasPrefix(at, place.ModulePath+"/kernels/") || parts[at] != nil) &&
			!slices.ContainsFunc(changing, func(of string) bool { return strings.HasPrefix(at, place.ModulePath+of) })
	}
	return slices.Contains(pure, at) || parts[at] != nil
}

// member returns why a name of a package is not for cells that are kept; "" = it is. at is the package's path, ""
// where the cell does not import it: goimports finds one for it.
func member(at, name, of string) string {
	if at == "" {
		switch {
		case unnamed(name) != "":
			at = unnamed(name)
		case slices.Contains(pure, name) || parts[name] != nil:
			at = name
		default:
			i := slices.IndexFunc(pure, func(p string) bool { return path.Base(p) == name })
			if i < 0 {
				return "uses " + name + "." + of + " without an import"
			}
			at = pure[i]
		}
	}
	if only := parts[at]; only != nil && !slices.Contains(only, of) || slices.Contains(impure[at], of) {
		return "uses " + name + "." + of
	}
	return ""
}

// outside reports whether a text may be a path that leads out of the notebook's folder: files there have no names by
// which they could be found again.
func outside(text string) bool {
	if strings.HasPrefix(text, "~") || slices.Contains(strings.Split(filepath.ToSlash(text), "/"), "..") {
		return true
	}
	if !filepath.IsAbs(text) || strings.Trim(text, `/\`) == "" {
		return false
	}
	_, err := os.Stat(text)
	return err == nil
}
