package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/setup"
)

// TestTwelveLines goes from a file of pandas to an answer in the twelve lines of package lab's doc, a cell each: nothing
// is imported, and a cell uses what those before it have made.
func TestTwelveLines(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	path, err := filepath.Abs(fixture("lab/items.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ code, want string }{
		{"items := lab.Open(\"" + path + "\", lab.Domain(\"source\"))\nitems", "a-1"},
		{"items.Describe()", "items"},
		{"split := items.Split(lab.Seed(42))\nsplit", "leak"},
		{"model := split.Train(lab.Set(\"Layers\", []int{16}), lab.Set(\"Epochs\", 2), lab.Set(\"PairsPerEpoch\", 512), lab.Set(\"ValPairs\", 100))", ""},
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
	t.Parallel()
	k := startKernel(t)
	for _, step := range []struct {
		code, name string // of the error, "" = none
		want       string // in the outputs, or the error
	}{
		{"1 + 2", "", "display: 3"},
		{"n := 20\nfmt.Println(\"made\")", "", "stdout: made"},
		{"n = 21\nn", "", "display: 21"},
		{"%%\nfmt.Println(n)", "", "stdout: 21"},
		{"cfg := lab.Config()\ncfg.Epochs = n", "", ""},
		{"cfg", "", "epochs"},
		{"fmt.Sprint(cfg.Epochs, n)", "", "display: 21 21"},
		{"n += 1\nn", "", "display: 22"}, // which is no plain value: it ends n, and what was made with it
		{"n", "CompileError", "undefined: n"},
		{"cfg.Epochs", "CellError", "cfg was made with n"},
		{"cfg := lab.Config()\ncfg.Epochs = 5", "", ""},
		{"for range 3 {\n\tcfg.Epochs++\n}\ncfg.Epochs", "", "display: 8"},
		{"cfg.Epochs", "CompileError", "undefined: cfg"},
		{"old := lab.Config()", "", ""},
		{"mine := old\nmine.Epochs", "", "display: 12"}, // it shares what old was made of
		{"old.Epochs", "CompileError", "undefined: old"},
		{"var Epochs = 3", "", ""},
		{"cfg := lab.Config()\nlab.Set(\"Epochs\", Epochs)(&cfg)\ncfg.Epochs", "", "display: 3"},
		{"cfg.Epochs", "CompileError", "undefined: cfg"}, // others had its address
		{"mine := lab.Set(\"Epochs\", Epochs)", "", ""},
		{"var Epochs = 4", "", ""},
		{"mine", "CellError", "mine was made with Epochs, which is declared anew"},
		{"var Base = 2", "", ""},
		{"var Rate = Base * 2", "", ""},
		{"mine := lab.Set(\"Epochs\", Rate)", "", ""},
		{"var Base = 3", "", ""},
		{"mine", "CellError", "mine was made with Base, which is declared anew"},
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

// TestNewNotebook: %new writes a notebook for pictures, which runs to its end without a browser, has its receipts, and is
// reproduced; new pictures are put through its model.
func TestNewNotebook(t *testing.T) {
	t.Parallel()
	k := startKernel(t)
	dir := t.TempDir()
	for _, class := range []string{"across", "upright"} {
		if err := os.MkdirAll(filepath.Join(dir, "photos", class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			stripes(t, filepath.Join(dir, "photos", class, strconv.Itoa(i)+".png"), class == "upright", i)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	stripes(t, filepath.Join(dir, "new", "fresh.png"), true, 99)
	if o := k.run("%cd \""+dir+"\"\n%new photos", false); o.status != "ok" || !strings.Contains(strings.Join(o.outputs, ""),
		"written: photos.ipynb") {
		t.Fatalf("%s %s %v", o.name, o.value, o.outputs)
	}
	path := filepath.Join(dir, "photos.ipynb")
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The line for new pictures is a comment where there are none.
	content = bytes.Replace(content, []byte(`// model.SimilarTo`), []byte(`model.SimilarTo`), 1)
	content = bytes.Replace(content, []byte(`Epochs = 12`), []byte(`Epochs = 2`), 1)
	for _, less := range []string{`Layers\", []int{16}`, `PairsPerEpoch\", 512`, `BatchPairs\", 32`, `ValPairs\", 100`} {
		const epochs = `lab.Set(\"Epochs\", Epochs)`
		if !bytes.Contains(content, []byte(epochs)) {
			t.Fatalf("the notebook has no %s:\n%s", epochs, content)
		}
		content = bytes.Replace(content, []byte(epochs), []byte(epochs+`, lab.Set(\"`+less+`)`), 1)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"run", "--inplace", "--kernel", setup.KernelGo, path}, &out, t.Output()); code != 0 {
		t.Fatalf("exit status %d: %s", code, out.String())
	}
	if content, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"nearest to fresh.png", "image/png", `"receipt"`, "MAP@R"} {
		if !strings.Contains(string(content), want) {
			t.Errorf("the notebook lacks %q", want)
		}
	}
	out.Reset()
	if code := run(t.Context(), []string{"reproduce", "--kernel", setup.KernelGo, path}, &out, t.Output()); code != 0 {
		t.Errorf("reproduce: exit status %d: %s", code, out.String())
	}
}

// stripes writes a picture.
func stripes(t *testing.T, path string, upright bool, seed int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(seed), 1))
	shift := rng.IntN(6)
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	for y := range 28 {
		for x := range 28 {
			at := y
			if upright {
				at = x
			}
			m.SetGray(x, y, color.Gray{Y: uint8((at+shift)/3%2*200 + rng.IntN(40))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
