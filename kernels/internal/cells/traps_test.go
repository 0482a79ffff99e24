package cells_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/cells"
)

// TestTraps has cells of which GoNB 0.11.3 makes something else: each was run through it.
func TestTraps(t *testing.T) {
	for _, test := range []struct {
		earlier, code string
		lines         []int
		what          string // a part of the first
	}{
		{"", "const (\n\ta, b = iota, iota + 10 // 0 and 10; GoNB: 0 and 11\n\tc, d\n)", []int{1}, "iota"},
		{"", "const (\n\ta = iota\n\tb\n)\nconst c, d = 1, 2", nil, ""},
		{"", "%%\nx := 1\npackagex(&x)", []int{3}, "begins with package"},
		{"", "%%\n packagex(1)", nil, ""},
		{"", "package main // so it is\n%%\nx()", nil, ""},
		{"", "var x = `a\n!rm -r b\nc`", []int{2}, "GoNB runs this line, since it begins with !"},
		{"", "/*\n%env A 1\n*/\n%%\nx()", []int{2}, "begins with %"},
		{"", "var x = `a\npackage main\n`", []int{2}, "leaves this line out of the text"},
		{"", "var t = `\n%%\n`", []int{2}, "GoNB runs this line"},
		{"", "var x = `a`\n!ls\nvar y = `b`", nil, ""},
		{"", "!echo `ls\n%%\nx()\n!echo ok`", nil, ""},
		{"", "%%\nif a &&\n!b {\n}", []int{3}, "GoNB runs this line"},
		{"", "%%\nf(a, // all\n!b)", []int{3}, "GoNB runs this line"},
		{"", "%%\nx := []bool{a,\n !b,\n}", nil, ""},
		{"", "func f() {\n!ls\n}\n!ls\nvar (\n!ls\nx = 1\n)\n!ls", nil, ""},
		{"", "% ", []int{1}, "alone"},
		{"", "%load_ext autoreload\n%autoreload 2", []int{1, 2}, "GoNB has no %load_ext"},
		{"", "var x = 1\n%evn A=1", []int{2}, "GoNB has no %evn"},
		{"", "%%timeit\nx()", []int{1}, "GoNB has no %%timeit"},
		{"", "//gonb:%matplotlib inline", []int{1}, "GoNB has no %matplotlib"},
		{"", "%help\n%version\n%env A=1\n%cd .\n%goflags\n%autoget\n%noautoget\n%ls\n%list\n%rm x\n%remove x\n%args a\n" +
			"%capture x\n%track\n%untrack x\n%with_inputs\n%with_password\n%reset\n%goworkfix\n%test", nil, ""},
		{"", "x()\n%%bash", nil, ""}, // GoNB refuses it itself
		{"", "%%\nx()\n! \t", []int{3}, "alone"},
		{"", "%%\nx()\n%% a\ny()", []int{3}, "a second time"},
		{"", "func main() { x() }\n%%\ny()", []int{2}, "a second time"},
		{"", "func f() {}\n%exec f", nil, ""},
		{"", "func two() int { return 1 }\nvar a = 1\nfunc two() int { return 2 }", []int{3}, "two is declared twice"},
		{"", "var v = 1\nvar v, w = 2, 3", []int{2}, "v is declared twice"},
		{"", "type T int\nfunc (T) A() {}\nfunc (T) A() {}", []int{3}, "T.A is declared twice"},
		{"", "func init() {}\nfunc init() {}", []int{2}, "one init"},
		{"func two() {}\nvar v = 1", "func two() {}\nvar v = 2", nil, ""},
		{"", "var _ = f()\nvar _ = g()", nil, ""},
		{"", "import (\n\t_ \"image/png\"\n\t_ \"image/jpeg\"\n)", []int{3}, "image/png would be lost"},
		{"import _ \"image/png\"", "import _ \"image/jpeg\"", []int{1}, "image/png would be lost"},
		{"import _ \"image/png\"", "import _ \"image/png\"", nil, ""},
		{"", "import \"math/rand/v2\"\nimport \"example.org/x/v2\"", []int{2}, "math/rand/v2 and example.org/x/v2"},
		{"import \"math/rand/v2\"", "import \"example.org/x/v2\"", []int{1}, "math/rand/v2 and example.org/x/v2"},
		{"import \"text/template\"", "import \"html/template\"", nil, ""}, // the later one is meant
		{"import \"math/rand/v2\"", "import \"math/rand/v2\"\nimport x \"example.org/x/v2\"", nil, ""},
		{"", "type A[T any] []T\ntype B[T any] []T\nfunc (a A[T]) Len() int { return 1 }\n" +
			"func (b B[T]) Len() int { return 2 }", []int{4}, "methods Len of A and of B"},
		{"type A[T any] []T\nfunc (a A[T]) Len() int { return 1 }",
			"type B[T any] []T\nfunc (b B[T]) Len() int { return 2 }", []int{2}, "methods Len of A and of B"},
		{"type A[T any] []T\nfunc (a A[T]) Len() int { return 1 }", "func (a A[T]) Len() int { return 2 }", nil, ""},
		{"", "func (a *A[T]) Len() int { return 1 }\nfunc (b *B[T]) Len() int { return 2 }", nil, ""},
		{"", "const (\n\t_ = iota\n\tA\n)\nconst (\n\t_ = iota\n\tB\n)", []int{5}, "one constant called _"},
		{"", "const (\n\t_ = iota\n\tA\n\t_\n\tB\n)", []int{1}, "one constant called _"},
		{"const (\n\t_ = iota\n\tA\n)", "const (\n\t_ = iota\n\tA\n)", nil, ""},
		{"const (\n\t_ = iota\n\tA\n)", "const (\n\t_ = iota\n\tB\n)", []int{1}, "one constant called _"},
		{"", "//go:embed a.txt\nvar text string", []int{2}, "go:embed"},
		{"", "var (\n\t//go:embed a.txt\n\ttext string\n)", []int{3}, "go:embed"},
		{"", "%%bash\n%%\n% \npackage", nil, ""},
	} {
		var m cells.Memory
		m.Add(cells.Parse(test.earlier))
		var lines []int
		traps := m.Traps(cells.Parse(test.code))
		for _, trap := range traps {
			lines = append(lines, trap.Line)
			if trap.Mend == "" {
				t.Errorf("%q: how to mend %q?", test.code, trap.What)
			}
		}
		if !slices.Equal(lines, test.lines) || len(traps) > 0 && !strings.Contains(traps[0].What, test.what) {
			t.Errorf("%q: %+v, want lines %v, %q", test.code, traps, test.lines, test.what)
		}
	}
}

// TestNoTraps finds none in the lab's own notebooks.
func TestNoTraps(t *testing.T) {
	paths, err := filepath.Glob("../../../notebooks/*.ipynb")
	if err != nil || len(paths) < 3 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var nb struct {
			Cells []struct {
				Type   string   `json:"cell_type"`
				Source []string `json:"source"`
			} `json:"cells"`
		}
		if err := json.Unmarshal(text, &nb); err != nil {
			t.Fatal(err)
		}
		var m cells.Memory
		for _, cell := range nb.Cells {
			if cell.Type != "code" {
				continue
			}
			c := cells.Parse(strings.Join(cell.Source, ""))
			if traps := m.Traps(c); len(traps) > 0 || len(c.Errors) > 0 {
				t.Errorf("%s: %+v, %v in\n%s", path, traps, c.Errors, c.Code)
			}
			m.Add(c)
		}
	}
}
