package cells_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestKeep has cells that went well, and says of the last what of the others is put before it: a part of it, "" = nothing,
// "refused" = a trap.
func TestKeep(t *testing.T) {
	const split = "items := lab.Builtin(4)\nn := 42\nsplit := items.Split(lab.Seed(n))"
	for _, test := range []struct {
		cells      []string
		last, want string
	}{
		{[]string{split}, "split", "items.Split(lab.Seed(n))"},
		{[]string{"cfg := lab.Config()\ncfg.Epochs = 3"}, "cfg", "cfg.Epochs = 3"},
		{[]string{split, "m := split.Train(lab.Set(\"Layers\", []int{64, n}))"}, "m", "[]int{64, n}"},
		{[]string{split, "w := []int{64}\nm := split.Train(lab.Set(\"Layers\", w))"}, "m", ""},
		{[]string{split, "m := split.Train(lab.Set(\"Layers\", []int{rand.IntN(9)}))"}, "m", ""},
		{[]string{"type int string", split, "m := split.Train(lab.Set(\"Layers\", []int{4}))"}, "m", ""},
		{[]string{"cmd := exec.Cmd{}", "err := cmd.Run()"}, "err", ""},
		{[]string{"c := http.Client{}"}, "c", ""},
		{[]string{split, "n := len(os.Args)"}, "split", "refused"},
		{[]string{split, "var n = 7"}, "split", "refused"},
		{[]string{split, "n++"}, "split", "refused"},
		{[]string{split, "n := len(os.Args)"}, "n", ""},
		{[]string{"var N = 5", "N = 7\ns := lab.Seed(N)"}, "s", ""},
		{[]string{"var N = 5", "s := lab.Seed(N)"}, "s", "lab.Seed(N)"},
		{[]string{"var N = rand.IntN(9)", "s := lab.Seed(N)"}, "s", ""},
		{[]string{"ids := []string{\"a\"}"}, "ids", ""},
		{[]string{"items := lab.Builtin(4)\nif items.N < 9 { return }\nm := items.Split().Train()"}, "m", ""},
		{[]string{"os.Exit(0)\nn := 5"}, "n", ""},
		{[]string{"n := 5\nset := func() { n = 6 }"}, "n", ""},
		{[]string{"m := lab.Builtin(4)", "m2 := m"}, "m", ""},
		{[]string{"c := lab.Config()", "c.Layers[0] = 8"}, "c", ""},
		{[]string{"m := lab.Builtin(4)\nb, err := m.Data().Block(\"x\")"}, "b", ""},
		{[]string{split + "\nm := split.Model(\"best\")"}, "m", ""},
		{[]string{split, "for n := 0; n < 3; n++ {\n}"}, "split", "lab.Seed(n)"},
		{[]string{split, "%cd x"}, "split", ""},
		{[]string{split, "m := split.Train()\nnear := m.Similar(\"a\", n)", "m.Rerank(20).Similar(near.List[0].ID, 8)"}, "near",
			"m.Similar(\"a\", n)"},
		{[]string{split, "m := split.Train()\nnear := m.Similar(\"a\", n)", "m.Named(near.Query).SaveIndex(near.Query)"}, "near",
			"m.Similar(\"a\", n)"},
		{[]string{split, "m := split.Train()\nnear := m.Similar(\"a\", n)", "other.Named(\"b\").Sort(near)"}, "near", ""},
	} {
		var m cells.Memory
		for _, code := range test.cells {
			c := cells.Parse(code)
			m.Add(c)
			m.Keep(c)
		}
		got, trap := m.Program(cells.Parse(test.last), nil)
		if (trap != nil) != (test.want == "refused") {
			t.Errorf("%q %q: %v", test.cells, test.last, trap)
		} else if trap == nil && (!strings.Contains(got, test.want) || test.want == "" && strings.Contains(got, "_ =")) {
			t.Errorf("%q %q: %s", test.cells, test.last, got)
		}
	}
	var m cells.Memory
	m.Keep(cells.Parse("n := 5"))
	m.Fail(cells.Parse("n := 6\npanic(1)"))
	if got, _ := m.Program(cells.Parse("n"), nil); strings.Contains(got, "n := 5") {
		t.Errorf("after a failure: %s", got)
	}
}

// TestChanged: what is known of declarations is looked up anew after each change of them.
func TestChanged(t *testing.T) {
	var m cells.Memory
	for i, step := range []struct {
		code  string
		shown bool
	}{
		{"func f() int { return 1 }", true}, {"%rm f", false}, {"func f() {}", false}, {"func f() int { return 2 }", true},
		{"%reset", false}, {"var f = func() int { return 3 }\nfunc g() int { return 4 }", false},
		{"func f() int { return 5 }", true},
	} {
		m.Add(cells.Parse(step.code))
		got, trap := m.Program(cells.Parse("f()"), nil)
		if trap != nil || strings.Contains(got, cells.Alias+".Value(f())") != step.shown {
			t.Errorf("step %d: %v\n%s", i, trap, got)
		}
	}
	if names := m.Names(); len(names) != 2 {
		t.Errorf("%v", names)
	}
	m.Names()["h"] = cells.Func // the caller's own
	if names := m.Names(); len(names) != 2 {
		t.Errorf("%v", names)
	}
	m.Add(cells.Parse("n := 5\nf := lab.Seed(n)"))
	m.Keep(cells.Parse("var N = 3"))
	m.Add(cells.Parse("var N = 3"))
	m.Keep(cells.Parse("s := lab.Seed(N)"))
	if got, trap := m.Program(cells.Parse("s"), nil); trap != nil || !strings.Contains(got, "s := lab.Seed(N)") {
		t.Errorf("%v\n%s", trap, got)
	}
	m.Add(cells.Parse("var N = 4"))
	if _, trap := m.Program(cells.Parse("s"), nil); trap == nil {
		t.Error("the parameter was declared anew")
	}
}

// passing are what package lab has that does not stay, with the reason.
var passing = map[string]string{
	"Value": "shows", "Values": "lists what is there now", "Refused": "tries", "Session": "the session's own handle",
	"At": "of Explore, which shows", "Judged": "of Explore, which shows", "Save": "writes", "SavePage": "writes",
	"SavePicture": "writes", "SaveEmbeddings": "writes", "SaveIndex": "writes", "String": "a text", "Display": "shows",
	"Panel": "shows", "Explore": "shows", "Run": "another one tomorrow", "Runs": "what there is now",
	"Known": "what there is now", "Metric": "a number with its interval", "Hardest": "shows", "Reliability": "shows",
	"Thresholds": "shows", "Class": "ids", "IDs": "ids", "Digest": "a text", "Data": "can be changed",
}

// TestLab: what package lab has either stays for later cells or has a reason why not.
func TestLab(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "siamese", "lab", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			found[f.Name.Name] = true
			stays := cells.Stays(f.Name.Name, f.Recv != nil)
			if reason := passing[f.Name.Name]; stays == (reason != "") {
				t.Errorf("%s: stays %v, reason %q", f.Name.Name, stays, reason)
			}
		}
	}
	for name := range passing {
		if !found[name] {
			t.Errorf("package lab has no %s", name)
		}
	}
}
