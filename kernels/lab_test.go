package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTwelveLines goes from a file of pandas to an answer in the twelve lines of package lab's doc, a cell each: nothing
// is imported, and a cell uses what those before it have made.
func TestTwelveLines(t *testing.T) {
	k := startKernel(t)
	path, err := filepath.Abs(fixture("lab/items.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ code, want string }{
		{"items := lab.Open(\"" + path + "\", lab.Domain(\"source\"))\nitems", "a-1"},
		{"items.Describe()", "items"},
		{"split := items.Split(lab.Seed(42))\nsplit", "leak"},
		{"model := split.Train(lab.Set(\"Epochs\", 2), lab.Set(\"PairsPerEpoch\", 512), lab.Set(\"ValPairs\", 100))", ""},
		{"model", "epoch"},
		{"model.Evaluate()", "MAP@R"},
		{"model.Score(\"a-17\", \"a-20\")", "cosine"},
		{"model.Similar(\"a-17\", 5)", "nearest to a-17"},
	} {
		o := k.run(step.code, false)
		text := strings.Join(o.outputs, "\n")
		if o.status != "ok" || !strings.Contains(text, step.want) {
			t.Fatalf("%s\n%s %s: %s\n%s\noutputs: %s, want %q in them", step.code, o.status, o.name, o.value, o.trace, text, step.want)
		}
		t.Logf("%s\n%s", step.code, text)
	}
}

// TestPlainCells: statements run without "%%", what they make of the lab and of plain values stays as a person expects who
// knows other notebooks, and what stays not is no other value in silence.
func TestPlainCells(t *testing.T) {
	k := startKernel(t)
	for _, step := range []struct {
		code, name string // of the error, "" = none
		want       string // in the outputs, or the error
	}{
		{"1 + 2", "", "display: 3"},
		{"n := 20\nfmt.Println(\"made\")", "", "stdout: made"},
		{"n += 1\nn", "", "display: 21"},
		{"%%\nfmt.Println(n)", "", "stdout: 21"},
		{"cfg := lab.Config()\ncfg.Epochs = n", "", ""},
		{"cfg", "", "epochs"},
		{"old := cfg\ncfg.Epochs = 5\ncfg.Seed = 9", "", ""},
		{"fmt.Sprint(old.Epochs, cfg.Epochs, cfg.Seed)", "", "display: 21 5 9"},
		{"n := \"text\"\nlen(n)", "", "display: 4"},
		{"fmt.Sprint(cfg.Epochs, old.Epochs, n)", "", "display: 5 21text"},
		{"for range 3 {\n\tcfg.Epochs++\n}\ncfg.Epochs", "", "display: 8"},
		{"cfg.Epochs", "CompileError", "undefined: cfg"},
		{"old.Epochs", "CompileError", "undefined: old"}, // it shares what cfg was made of
		{"var Epochs = 3", "", ""},
		{"cfg := lab.Config()\nlab.Set(\"Epochs\", Epochs)(&cfg)\ncfg.Epochs", "", "display: 3"},
		{"cfg.Epochs", "CompileError", "undefined: cfg"}, // others had its address
		{"mine := lab.Set(\"Epochs\", Epochs)", "", ""},
		{"var Epochs = 4", "", ""},
		{"mine", "CellError", "mine was made with Epochs, which is declared anew"},
		{"func twice(x int) int { return 2 * x }", "", ""},
		{"x := twice(4)\nx", "", "display: 8"},
		{"x", "CompileError", "makes x, which has not stayed"},
		{"a := 1\nlab.Set(\"Epochs\", \"two\")(&config.Config{})", "LabError", "line 2: lab.Set(\"Epochs\", two): it is an integer, not string"},
		{"a", "CompileError", "undefined: a"}, // a cell that failed leaves nothing
		{"lab.Open(\"nowhere.parquet\")", "LabError", "line 1: "},
		{"errors.New(\"this is wrong\")", "LabError", "line 1: this is wrong"},
		{"lab.Open(\n\t\"nowhere.parquet\",\n)", "LabError", "nowhere.parquet"},
		{"items := lab.Builtin(4)\nsplit := items.Split(lab.Seed(-1))", "LabError", "line 2: lab.Seed(-1): it is not negative"},
		{"for i := range 3 {", "SyntaxError", "the { of line 1 is not closed"},
		{"fmt.Println(\"end\")", "", "stdout: end\n"},
	} {
		o := k.run(step.code, false)
		text := strings.Join(o.outputs, "\n")
		if step.name != "" {
			text = o.value
		}
		if o.name != step.name || !strings.Contains(text, step.want) {
			t.Errorf("%q: %s %s, want %s %s\n%s", step.code, o.name, text, step.name, step.want, o.trace)
		}
		if step.name == "LabError" && (strings.Contains(o.trace, "goroutine") || strings.Contains(o.trace, ".go:")) {
			t.Errorf("%q: a stack: %s", step.code, o.trace)
		}
		if step.name == "" && strings.HasPrefix(step.want, "stdout: end") && text != step.want {
			t.Errorf("%q shows %s", step.code, text)
		}
	}
}
