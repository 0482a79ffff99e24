package cells_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// golden is what GoNB made of a cell: see testdata/gonb/golden.sh.
type golden struct {
	Name, Code                                      string
	Script                                          bool
	Skipped                                         []int
	Failed                                          bool
	Imports, Constants, Types, Variables, Functions []string
	Main                                            string
}

// TestAsGoNB runs cells one after the other and finds the same as GoNB itself in each: which lines are for the kernel,
// which cells do not parse, what is remembered under which key, and what the program of the cell declares.
func TestAsGoNB(t *testing.T) {
	text, err := os.ReadFile("testdata/gonb/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []golden
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) < 25 {
		t.Fatalf("%d golden cells", len(want))
	}
	var m cells.Memory
	for _, w := range want {
		c := cells.Parse(w.Code)
		if got := c.Script != ""; got != w.Script {
			t.Errorf("%s: script %v, GoNB says %v", w.Name, got, w.Script)
		}
		skipped := []int{}
		for _, command := range c.Commands {
			for i := range 1 + strings.Count(command.Text, "   two") { // the one that is continued
				skipped = append(skipped, command.Line+i)
			}
		}
		if !w.Script && !slices.Equal(skipped, w.Skipped) {
			t.Errorf("%s: lines for the kernel %v, GoNB says %v", w.Name, skipped, w.Skipped)
		}
		if got := len(c.Errors) > 0; got != w.Failed {
			t.Errorf("%s: errors %v, GoNB failed: %v", w.Name, c.Errors, w.Failed)
		}
		if w.Main == "" {
			m.Tried(c)
		} else {
			m.Add(c)
		}
		keys := m.Keys()
		for kind, names := range map[cells.Kind][]string{cells.Import: w.Imports, cells.Const: w.Constants,
			cells.Type: w.Types, cells.Var: w.Variables, cells.Func: w.Functions} {
			got := slices.DeleteFunc(keys[kind], func(key string) bool { return strings.HasPrefix(key, "_~") })
			if diff := cmp.Diff(names, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: keys of kind %d (-GoNB +ours):\n%s", w.Name, kind, diff)
			}
		}
		if w.Main == "" {
			continue
		}
		composed := m.Compose(cells.Parse(""), nil)
		if diff := cmp.Diff(declared(t, w.Main), declared(t, composed.Remembered.Text())); diff != "" {
			t.Errorf("%s: the program (-GoNB +ours):\n%s", w.Name, diff)
		}
		// A new GoNB that runs what is to be replayed is where the old one was.
		var again cells.Memory
		for _, code := range m.Declarations() {
			again.Add(cells.Parse(code))
		}
		replayed := again.Compose(cells.Parse(""), nil).Remembered.Text()
		if diff := cmp.Diff(declared(t, w.Main), declared(t, replayed)); diff != "" {
			t.Errorf("%s: replayed (-GoNB +ours):\n%s", w.Name, diff)
		}
	}
}

// declared returns what a Go file declares, with the texts of functions; main is left out.
func declared(t *testing.T, src string) []string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ParseComments)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	text := func(n ast.Node) string { return src[n.Pos()-1 : n.End()-1] }
	var out []string
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.Name != "main" {
				out = append(out, text(decl)+decl.Doc.Text())
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					out = append(out, "import "+text(spec))
				case *ast.TypeSpec:
					out = append(out, "type "+text(spec))
				case *ast.ValueSpec:
					// GoNB puts names of one specification of constants on lines of their own.
					for i, name := range spec.Names {
						line := decl.Tok.String() + " " + name.Name
						if spec.Type != nil {
							line += " " + text(spec.Type)
						}
						if len(spec.Values) == 1 {
							line += " = " + text(spec.Values[0])
						} else if i < len(spec.Values) {
							line += " = " + text(spec.Values[i])
						}
						out = append(out, line)
					}
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
