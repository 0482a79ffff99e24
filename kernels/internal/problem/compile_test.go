package problem

import (
	"path/filepath"
	"strings"
	"testing"
)

// compileTests are cells that do not compile: what newcomers write. place is the line of the cell with the mark below
// its column; "" = it has none. value and hint are parts of what is said.
var compileTests = []struct {
	name, earlier, code, kind, place, value, hint string
}{
	{"no main line", "", "import \"cell/table\"\nframe := table.Open(\"x\")\n_ = frame\n", "CompileError", "2:10",
		"assignment mismatch: 1 variable but table.Open returns 2 values", "frame, err := "},
	{"call at top", "", "import \"fmt\"\n\nfmt.Println(1, x)\n", "CompileError", "3:16", "undefined: x", ""},
	{"above the main line", "", "x := 1\n%%\nprintln(x)\n", "SyntaxError", "1:1", "expected declaration", "below the line %%"},
	{"other cell", "import \"cell/table\"\n%%\nframe, _ := table.Open(\"x\")\n_ = frame\n", "%%\nprintln(frame)\n",
		"CompileError", "2:9", "undefined: frame", "cell [1] makes frame, which has not stayed"},
	{"other cell, var", "%%\nvar a int\nfor i, v := range []int{} { _, _, a = i, v, 1 }\n", "%%\nprintln(v)\n", "CompileError",
		"2:9", "undefined: v", "cell [1] makes v"},
	{"two results", "", "import \"cell/table\"\n%%\nframe := table.Open(\"x\")\n_ = frame\n", "CompileError", "3:10",
		"assignment mismatch: 1 variable but table.Open returns 2 values",
		"table.Open returns an error too: write frame, err := …, or frame := show.Must(table.Open(…))"},
	{"two results as argument", "", "import (\n\t\"cell/show\"\n\t\"cell/table\"\n)\n%%\nshow.Table(table.Open(\"x\"))\n",
		"CompileError", "", "too many arguments in call to show.Table", "returns an error too: put show.Must(…)"},
	{"one result", "", "import \"strings\"\n%%\na, err := strings.ToUpper(\"a\")\nprintln(a, err)\n", "CompileError", "3:11",
		"assignment mismatch: 2 variables", "strings.ToUpper returns one value"},
	{"not used", "", "%%\nx := 3\n", "CompileError", "2:1", "declared and not used: x", "use x, delete it, or write _ = x"},
	{"import not used", "", "import \"os\"\n%%\nprintln(1)\n", "CompileError", "1:8", `"os" imported and not used`, "delete the import"},
	{"first cause", "", "%%\nx := 3\ny := undefinedThing\n", "CompileError", "3:6", "undefined: undefinedThing", ""},
	{"uint64", "", "import \"cell/siamese\"\n%%\nseed := 3\nprintln(siamese.Config{Seed: seed}.Rate)\n", "CompileError", "4:30",
		"cannot use seed", "convert it: uint64(…)"},
	{"mismatched", "", "%%\na, b := 1, 2.5\nprintln(a * b)\n", "CompileError", "3:9", "mismatched types int and float64",
		"convert one, such as float64(…)"},
	{"number in quotes", "", "import \"cell/siamese\"\n%%\nprintln(siamese.Config{Epochs: \"3\"}.Rate)\n", "CompileError", "3:32",
		"cannot use \"3\"", "numbers stand without quotes"},
	{"fraction", "", "import \"cell/siamese\"\n%%\nprintln(siamese.Config{Epochs: 1.5}.Rate)\n", "CompileError", "3:32", "1.5",
		"it is a whole number"},
	{"unexported", "", "import \"cell/table\"\n%%\nf, _ := table.Open(\"\")\nprintln(f.hidden)\n", "CompileError", "4:11",
		"hidden", "small first letter"},
	{"field misspelled", "", "import \"cell/siamese\"\n%%\nprintln(siamese.Config{Epoch: 3}.Rate)\n", "CompileError", "3:24",
		"unknown field Epoch", "did you mean Epochs?"},
	{"function misspelled", "", "import \"cell/table\"\n%%\nf, err := table.Opne(\"\")\nprintln(f, err)\n", "CompileError", "3:17",
		"undefined: table.Opne", "did you mean table.Open?"},
	{"method misspelled", "", "import \"cell/table\"\n%%\nf, _ := table.Open(\"\")\nprintln(f.Descibe())\n", "CompileError", "4:11",
		"Descibe undefined", "did you mean Describe?"},
	{"small letter", "", "import \"cell/table\"\n%%\nf, _ := table.Open(\"\")\nprintln(f.describe())\n", "CompileError", "4:11",
		"describe", "did you mean Describe?"},
	{"own function misspelled", "func Double(x int) int { return 2 * x }", "%%\nprintln(Duoble(2))\n", "CompileError", "2:9",
		"undefined: Duoble", "did you mean Double?"},
	{"own method misspelled", "", "type T struct{ Name string }\n%%\nprintln(T{}.Namme)\n", "CompileError", "3:13", "Namme",
		"did you mean Name?"},
	{"missing return", "", "func f() int {\n\tprintln(1)\n}\n%%\nf()\n", "CompileError", "3:1", "missing return", "ends in a return"},
	{"missing brace", "", "func f() {\n\tif true {\n\t\tprintln(1)\n}\n", "SyntaxError", "4:2", "expected '}', found 'EOF'",
		"the { of line 1 is not closed"},
	{"import below", "", "%%\nimport \"os\"\n", "SyntaxError", "2:1", "expected statement, found 'import'", "above the line %%"},
	{"missing brace below", "func f() {\n}\n", "%%\nfor i := range 3 {\n\tprintln(i)\n", "SyntaxError", "", "found 'EOF'",
		"the { of line 2 is not closed"},
	{"brace too many", "", "func f() {\n}\n}\n", "SyntaxError", "3:1", "expected declaration, found '}'", "one } too many"},
	{"True", "", "%%\nx := True\n_ = x\n", "CompileError", "2:6", "undefined: True", "Go writes true and false"},
	{"None", "", "%%\nvar x any = None\n_ = x\n", "CompileError", "2:13", "undefined: None", "Go writes nil"},
	{"import as", "", "import numpy as np\n", "SyntaxError", "1:14", "import path must be a string", `import name "path/of/package"`},
	{"from import", "", "from numpy import array\n", "SyntaxError", "1:6", "expected ';', found numpy",
		`import name "path/of/package"`},
	{"hash", "", "%%\n# a comment\nprintln(1)\n", "SyntaxError", "2:1", "illegal character U+0023 '#'", "comments start with //"},
	{"f-string", "", "%%\nx := 3\nprintln(f\"{x}\")\n", "SyntaxError", "3:10", "missing ','", "fmt.Sprintf"},
	{"single quotes", "", "%%\nprintln('text')\n", "SyntaxError", "2:9", "illegal rune literal",
		`double quotes`},
	{"for in", "", "%%\nfor x in values:\n    print(x)\n", "SyntaxError", "2:7", "expected", "for _, x := range values"},
	{"if colon", "", "%%\nx := 3\nif x == 3:\n    println(x)\n", "SyntaxError", "3:10", "illegal label", "between { and }"},
	{"def", "", "def f(x):\n    return x\n", "SyntaxError", "1:5", "expected ';', found f", "func f(x float64)"},
	{"assigned without declaring", "", "%%\ntotal = 3\nprintln(total)\n", "CompileError", "2:1", "undefined: total", "total := …"},
	{"shown by name", "", "%%\nx := 3\nx\n", "CompileError", "3:1", "is not used", "fmt.Println(x)"},
	{"string not terminated", "", "%%\nprintln(\"abc)\n", "SyntaxError", "2:9", "string literal not terminated", "no end"},
	{"comma", "", "%%\nx := []int{\n\t1,\n\t2\n}\n_ = x\n", "SyntaxError", "4:3", "missing ','", "a comma at the end of each"},
	{"again :=", "", "%%\nx := 1\nx := 2\n_ = x\n", "CompileError", "3:3", "no new variables", "write = in place of :="},
	{"in an earlier cell", "func g() int { return f() }\nfunc f() int { return 1 }\n", "func h() {}\nfunc i() int { return \"\" }\n%%\nh()\n",
		"CompileError", "2:23", `cannot use ""`, ""},
	{"var", "", "var  x   = 3 + \"a\"\n%%\nprintln(x)\n", "CompileError", "1:12", "mismatched types", ""},
	{"lines that look alike", "func a() {\n\tprintln(1)\n}\n", "func b() {\n\tprintln(1)\n}\nfunc c() {\n\tprintln(1)\n\treturn 1\n}\n%%\nb()\n",
		"CompileError", "6:9", "too many return values", "as many values"},
	{"umlaut and tab", "", "%%\n\tprintln(\"äöü\", y)\n", "CompileError", "2:17", "undefined: y", ""},
	{"command lines", "", "!echo hello\n%%\n%env A 1\nprintln(z)\n", "CompileError", "4:9", "undefined: z", ""},
	{"while", "", "%%\nx := 3\nwhile x > 1:\n    x--\n", "SyntaxError", "3:", "", "Go writes for condition { … }"},
	{"and", "", "%%\nx := 3\nif x > 1 and x < 5 {\n}\n", "SyntaxError", "3:", "expected", "Go writes && for and"},
	{"no package of this name", "", "%%\npd.Read(\"x\")\n", "CompileError", "2:1", "undefined: pd", "no package pd is imported"},
}

// TestCompile has the real toolchain compile cells, and sees that the problem says where and what to do.
func TestCompile(t *testing.T) {
	dir := newModule(t)
	said := map[int]string{}
	contexts := make([]Context, len(compileTests))
	for i, test := range compileTests {
		contexts[i] = Context{Cell: Cell{Number: 2, Code: test.code}}
		if test.earlier != "" {
			contexts[i].Earlier = []Cell{{Number: 1, Code: test.earlier}}
		}
		path := filepath.Join(caseDir(t, dir, i), "main.go")
		if said[i] = parsing(t, contexts[i], path); said[i] != "" {
			moveAway(t, path)
		}
	}
	built := build(t, dir)
	for i, test := range compileTests {
		t.Run(test.name, func(t *testing.T) {
			output := said[i]
			if output == "" {
				output = built[filepath.Base(caseName(i))]
			} else {
				moveBack(t, filepath.Join(dir, caseName(i), "main.go"))
			}
			if output == "" {
				t.Fatal("it compiles")
			}
			p := contexts[i].Compile(output, dir)
			t.Logf("%s\n%s\n%s", output, p.Value, shown(p))
			if p.Name != test.kind || !strings.Contains(p.Value, test.value) {
				t.Errorf("%s: %s; want %s: %s", p.Name, p.Value, test.kind, test.value)
			}
			lines := strings.Split(p.Value, "\n")
			hint := ""
			if len(lines) > 1 {
				hint = lines[len(lines)-1]
			}
			if !strings.Contains(hint, test.hint) || test.hint == "" && len(lines) > 1 {
				t.Errorf("hint %q, want %q", hint, test.hint)
			}
			if got := placeOf(p); !strings.HasPrefix(got, test.place) {
				t.Errorf("at %s, want %s", got, test.place)
			}
		})
	}
}
