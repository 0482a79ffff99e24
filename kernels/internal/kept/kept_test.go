package kept

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// write writes a file below a directory.
func write(t *testing.T, content string, path ...string) string {
	t.Helper()
	at := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return at
}

// parse returns a notebook of code cells with the given sources, executed without outputs.
func parse(t *testing.T, sources ...string) *notebook.Notebook {
	t.Helper()
	var cells []any
	for i, s := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "id": string(rune('a' + i)), "source": s,
			"metadata": map[string]any{}, "execution_count": i + 1, "outputs": []any{}})
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 5, "metadata": map[string]any{},
		"cells": cells})
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// Only cells whose outputs follow from what a key and a receipt say are kept.
func TestFit(t *testing.T) {
	const lab = `import "github.com/go-siamese/lab/`
	tests := []struct {
		name    string
		sources []string
		unfit   int // the cell, 0 = fit
	}{
		{"plain", []string{"import \"fmt\"", "%%\nfmt.Println(1)"}, 0},
		{"fmt by goimports", []string{"%%\nfmt.Println(1)"}, 0},
		{"the lab", []string{lab + `data/table"`, "func f() { table.Open(\"a.csv\") }", "%%\nf()"}, 0},
		{"a folder", []string{"import \"os\"", "%%\nos.MkdirAll(\"runs\", 0o755)"}, 0},
		{"a file", []string{"import \"os\"", "%%\nos.ReadFile(\"a\")"}, 2},
		{"a file by another name", []string{"import x \"os\"", "%%\nx.ReadFile(\"a\")"}, 2},
		{"a file as a value", []string{"import \"os\"", "var open = os.Open"}, 2},
		{"a file by goimports", []string{"%%\nos.ReadFile(\"a\")"}, 1},
		{"a file by all names", []string{"import . \"os\""}, 1},
		{"the environment", []string{"import \"os\"", "func f() string { return os.Getenv(\"A\") }"}, 2},
		{"the network", []string{"import \"net/http\""}, 1},
		{"the network by goimports", []string{"%%\nhttp.Get(\"x\")"}, 1},
		{"chance", []string{"import \"math/rand/v2\""}, 1},
		{"chance by goimports", []string{"%%\nprintln(rand.Int())"}, 1},
		{"the clock", []string{"%%\nprintln(time.Now())"}, 1},
		{"a time", []string{"%%\nprintln(time.Second)"}, 0},
		{"input", []string{"%%\nvar s string\nfmt.Scanln(&s)"}, 1},
		{"standard input", []string{"import \"os\"", "%%\nfmt.Fscan(os.Stdin)"}, 2},
		{"a shell", []string{"!ls"}, 1},
		{"a magic", []string{"%cd runs"}, 1},
		{"a script", []string{"%%bash\nls"}, 1},
		{"a widget", []string{lab + `kernels/widget"`}, 1},
		{"another module", []string{`import "gonum.org/v1/gonum/mat"`}, 1},
		{"another module by goimports", []string{"%%\nmat.NewDense(1, 1, nil)"}, 1},
		{"C", []string{`import "C"`}, 1},
		{"a variable called as a package", []string{"%%\nos := struct{ Exit int }{}\nprintln(os.Exit)"}, 0},
		{"a variable of another cell", []string{"var http struct{ Get int }", "%%\nprintln(http.Get)"}, 0},
		{"a method", []string{"type os struct{}\nfunc (os) Get() {}", "%%\nvar x os\nx.Get()"}, 0},
		{"a file above", []string{"var a = \"../a.csv\""}, 1},
		{"a file of the machine", []string{"var a = " + `"/` + "tmp" + `"`}, 1},
		{"a file at home", []string{"var a = \"~/a.csv\""}, 1},
		{"the end of a path", []string{"var a = \"runs\" + \"/split.json\""}, 0},
		{"no Go", []string{"%%\nif {"}, 1},
		{"lines of lab", []string{"n := 4\nitems := lab.Builtin(n)", "items.Describe()",
			"if items.N < 1 {\n\tcell.Fail(errors.New(\"few\"), \"\")\n}"}, 0},
		{"what a session lists", []string{"lab.Values()"}, 1},
		{"a run by its name", []string{"items := lab.Builtin(4)", "items.Split().Run(\"mine\")"}, 2},
		{"a run as a value", []string{"f := lab.Builtin(4).Split().Run", "lab.Builtin(4)"}, 1},
		{"a run's model", []string{"split := lab.Builtin(4).Split()", "split.Model(\"mine\")"}, 2},
		{"a search's model", []string{"found := lab.Builtin(4).Search()", "found.Model()"}, 0},
		{"a field", []string{"found := lab.Builtin(4).Search()",
			"fmt.Println(found.Result.Runs[0].Score, len(found.Result.Runs))"}, 0},
		{"a session's handle", []string{"lab.Builtin(4).Session()"}, 1},
		{"a session", []string{"s, _ := session.Connect(context.Background())"}, 1},
		{"a session by import", []string{lab + `siamese/session"`, "var open = session.Connect"}, 2},
		{"a session's worker", []string{lab + `siamese/session/worker"`}, 1},
		{"memory", []string{lab + `data/memory"`}, 1},
		{"what was known", []string{"found := lab.Builtin(4).Search()", "fmt.Println(found.Known())"}, 2},
		{"what was known, otherwise", []string{"found := lab.Builtin(4).Search()",
			"if found.Known() {\n\tcell.Fail(errors.New(\"it was\"), \"\")\n}"}, 2},
		{"what was known, told", []string{"found := lab.Builtin(4).Search()",
			"if !found.Known() {\n\tfmt.Println(\"trained\")\n}"}, 2},
		{"what was known, in two", []string{"found := lab.Builtin(4).Search()",
			"if !found.Known() {\n\tcell.Fail(errors.New(\"no\"), \"\")\n} else {\n\tfmt.Println(1)\n}"}, 2},
		{"what has to be known", []string{"found := lab.Builtin(4).Search()",
			"if !found.Known() {\n\tcell.Fail(errors.New(\"it was trained\"), \"\")\n}"}, 0},
		{"when it was made", []string{"items := lab.Builtin(4)", "items.Item(\"a\").Made"}, 2},
		{"a time in a field", []string{"type a struct{ Seconds float64 }", "var x a", "fmt.Println(x.Seconds)"}, 3},
		{"a file that is written", []string{"items := lab.Builtin(4)", "os.WriteFile(\"a\", nil, 0o644)"}, 0},
		{"a picture that is written", []string{"pictures, _ := builtin.Images()\n" +
			"f, _ := os.Create(\"a.png\")\npng.Encode(f, pictures.Items[0].Std())\nf.Close()"}, 0},
		{"when a file was written", []string{"f, _ := os.Create(\"a\")\nf.Stat()"}, 1},
		{"a file of a plain cell", []string{"items := lab.Builtin(4)", "os.Open(\"a\")"}, 2},
		{"a panel's table", []string{"items := lab.Builtin(4)", "items.Split().Panel()"}, 0},
	}
	for _, test := range tests {
		err := Fit(parse(t, test.sources...))
		var unfit *Unfit
		if at := 0; errors.As(err, &unfit) {
			if at = unfit.Cell; at != test.unfit {
				t.Errorf("%s: cell %d is unfit, want %d: %v", test.name, at, test.unfit, err)
			}
		} else if err != nil || test.unfit != 0 {
			t.Errorf("%s: %v, want cell %d unfit", test.name, err, test.unfit)
		}
	}
}

// The repository's own notebooks are kept.
func TestFitOwn(t *testing.T) {
	all, err := filepath.Glob("../../../notebooks/*.ipynb")
	if err != nil || len(all) < 7 {
		t.Fatal(all, err)
	}
	for _, path := range all {
		nb, err := notebook.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := Fit(nb); err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}

// world is a lab, a checkout and a notebook's folder.
type world struct {
	lab    place.Lab
	folder string
	plugin string
	nb     *notebook.Notebook // executed
	names  []string
	made   map[string]string
}

// newWorld returns one in which the notebook's second cell has read a.csv, of the folder, and what the first has
// written, and the third one of the checkout.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{lab: place.Lab{Dir: t.TempDir(), Repo: t.TempDir()}, folder: t.TempDir(), names: []string{"a.csv"}}
	write(t, "module "+place.ModulePath+"\n", w.lab.Repo, "go.mod")
	write(t, "x v1.0.0 h1:a\n", w.lab.Repo, "go.sum")
	write(t, "package lab\n", w.lab.Repo, "lab.go")
	write(t, "module tools\n", w.lab.ToolsMod())
	write(t, "b", w.lab.Repo, "data", "b.csv")
	w.plugin = write(t, "plugin", t.TempDir(), "plugin.so")
	w.spec(t, setup.KernelXLA)
	w.spec(t, setup.KernelGo)
	write(t, "a", w.folder, "a.csv")
	w.nb = parse(t, "import \"fmt\"", "%%\nfmt.Println(1)", "%%\nfmt.Println(2)")
	file := func(name, content string) receipt.File {
		return receipt.File{Name: name, Bytes: int64(len(content)), SHA: receipt.Digest([]byte(content))}
	}
	for i, r := range []receipt.Cell{{Written: []receipt.File{file("runs/m", "m")}},
		{Read: []receipt.File{file("a.csv", "a"), file("runs/m", "m")}},
		{Read: []receipt.File{file("data/b.csv", "b")}}} {
		sign(w.nb.Cells[i], &r)
	}
	return w
}

// sign sets the receipt of a cell as it is.
func sign(c *notebook.Cell, r *receipt.Cell) {
	r.Code, r.Outputs = c.CodeDigest(), c.OutputsDigest()
	c.SetReceipt(r)
}

// spec writes a kernelspec.
func (w *world) spec(t *testing.T, kernel string, argv ...string) {
	t.Helper()
	text, err := json.Marshal(setup.Spec{Argv: argv, Env: map[string]string{"GOMLX_BACKEND": "xla:" + w.plugin}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, string(text), w.lab.Kernels(), kernel, "kernel.json")
}

// load returns what a new store has for the notebook as the world is now. Of files whose size and times are the same
// it knows the digests: changes here are of another size or time.
func (w *world) load(t *testing.T, kernel string) (*Kept, error) {
	t.Helper()
	s := NewStore(w.lab)
	around, err := s.Surroundings(t.Context(), kernel)
	if err != nil {
		t.Fatal(err)
	}
	return s.Load(t.Context(), Key(around, w.nb, w.names), w.folder)
}

// ran is when it was executed.
var ran = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// save keeps the world's notebook.
func (w *world) save(t *testing.T) error {
	t.Helper()
	s := NewStore(w.lab)
	around, err := s.Surroundings(t.Context(), setup.KernelXLA)
	if err != nil {
		t.Fatal(err)
	}
	return s.Save(t.Context(), Key(around, w.nb, w.names), w.folder, &Kept{w.nb, ran, true, w.made})
}

// What is kept comes back as it was, and whatever it follows from changes, it does not.
func TestNeverStale(t *testing.T) {
	changes := []struct {
		name   string
		change func(t *testing.T, w *world)
		kernel string
	}{
		{"a source", func(t *testing.T, w *world) { w.nb = parse(t, "import \"fmt\"", "%%\nfmt.Println(1)", "%%\n") }, ""},
		{"another cell more", func(t *testing.T, w *world) {
			w.nb = parse(t, "import \"fmt\"", "%%\nfmt.Println(1)", "%%\nfmt.Println(2)", "%%\n")
		}, ""},
		{"a tag", func(t *testing.T, w *world) {
			text, err := w.nb.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			with := strings.Replace(string(text), `"metadata": {`, `"metadata": {"tags": ["skip-execution"], `, 1)
			if w.nb, err = notebook.Parse([]byte(with)); err != nil || !w.nb.Cells[0].HasTag("skip-execution") {
				t.Fatal(err, with)
			}
		}, ""},
		{"the kernel", func(*testing.T, *world) {}, setup.KernelGo},
		{"the kernel's environment", func(t *testing.T, w *world) { w.spec(t, setup.KernelXLA, "kernel") }, ""},
		{"code", func(t *testing.T, w *world) { write(t, "package other\n", w.lab.Repo, "lab.go") }, ""},
		{"a new file of code", func(t *testing.T, w *world) { write(t, "package x", w.lab.Repo, "x", "x.go") }, ""},
		{"modules", func(t *testing.T, w *world) { write(t, "x v1.0.1 h1:b\n", w.lab.Repo, "go.sum") }, ""},
		{"tools", func(t *testing.T, w *world) { write(t, "module tools // other\n", w.lab.ToolsMod()) }, ""},
		{"the plugin", func(t *testing.T, w *world) { write(t, "Plugin", w.plugin) }, ""},
		{"the environment", func(t *testing.T, _ *world) { t.Setenv("XLA_FLAGS", "--xla_cpu_max_isa=AVX2") }, ""},
		{"the lab's variables", func(t *testing.T, _ *world) { t.Setenv("SIAMESE_PORTABLE", "1") }, ""},
		{"the compiler", func(t *testing.T, _ *world) { t.Setenv("CC", "clang") }, ""},
		{"a library that is put before others", func(t *testing.T, _ *world) { t.Setenv("LD_PRELOAD", "x.so") }, ""},
		{"a file beside", func(_ *testing.T, w *world) { w.names = append(w.names, "labels.csv") }, ""},
		{"data", func(t *testing.T, w *world) { write(t, "A", w.folder, "a.csv") }, ""},
		{"data of the checkout", func(t *testing.T, w *world) { write(t, "B", w.lab.Repo, "data", "b.csv") }, ""},
		{"data that is gone", func(t *testing.T, w *world) {
			if err := os.Remove(filepath.Join(w.folder, "a.csv")); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"data that is two files", func(t *testing.T, w *world) { write(t, "b", w.folder, "data", "b.csv") }, ""},
		{"a damaged file of the store", func(t *testing.T, w *world) {
			found, err := filepath.Glob(filepath.Join(w.lab.Dir, "cells", "*"+suffix))
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			content, err := os.ReadFile(found[0])
			if err != nil {
				t.Fatal(err)
			}
			content[len(content)/2] ^= 4
			write(t, string(content), found[0])
		}, ""},
		{"another notebook's file", func(t *testing.T, w *world) {
			found, err := filepath.Glob(filepath.Join(w.lab.Dir, "cells", "*"+suffix))
			if err != nil || len(found) != 1 {
				t.Fatal(found, err)
			}
			w.nb = parse(t, "import \"fmt\"", "%%\nfmt.Println(1)", "%%\nfmt.Println(3)")
			for _, c := range w.nb.Cells {
				sign(c, &receipt.Cell{})
			}
			if err := w.save(t); err != nil {
				t.Fatal(err)
			}
			all, err := filepath.Glob(filepath.Join(w.lab.Dir, "cells", "*"+suffix))
			if err != nil || len(all) != 2 {
				t.Fatal(all, err)
			}
			for _, path := range all {
				if path != found[0] {
					if err := os.Rename(found[0], path); err != nil {
						t.Fatal(err)
					}
				}
			}
		}, ""},
		{"forgotten", func(t *testing.T, w *world) {
			if err := NewStore(w.lab).Clear(); err != nil {
				t.Fatal(err)
			}
		}, ""},
	}
	for _, test := range changes {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.load(t, setup.KernelXLA); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("nothing was kept: %v", err)
			}
			if err := w.save(t); err != nil {
				t.Fatal(err)
			}
			got, err := w.load(t, setup.KernelXLA)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := w.nb.Bytes()
			if have, _ := got.Notebook.Bytes(); string(have) != string(want) || !got.Ran.Equal(ran) || !got.Fresh {
				t.Errorf("kept is, of %v, fresh %v\n%s\nwant\n%s", got.Ran, got.Fresh, have, want)
			}
			test.change(t, w)
			kernel := test.kernel
			if kernel == "" {
				kernel = setup.KernelXLA
			}
			if _, err := w.load(t, kernel); err == nil {
				t.Error("stale cells are served")
			}
		})
	}
}

// What cannot be found again, or is not known, is not kept.
func TestUnfit(t *testing.T) {
	tests := map[string]func(w *world){
		"no receipt": func(w *world) { w.nb.Cells[1].SetReceipt(nil) },
		"a value that was mended": func(w *world) {
			sign(w.nb.Cells[1], &receipt.Cell{Session: true, Facts: map[string][]string{"session": {"mended"}}})
		},
		"made, and not as it was read": func(w *world) {
			w.read("x.csv", "a")
			w.made = map[string]string{"x.csv": receipt.Digest([]byte("b"))}
		},
		"a file elsewhere":        func(w *world) { w.read("x.csv", "a") },
		"a file that has changed": func(w *world) { w.read("a.csv", "b") },
		"a file not known": func(w *world) {
			sign(w.nb.Cells[1], &receipt.Cell{Read: []receipt.File{{Name: "a.csv"}}})
		},
		"other than was written": func(w *world) { w.read("runs/m", "n") },
		"written later": func(w *world) {
			r := w.nb.Cells[0].Receipt()
			sign(w.nb.Cells[0], &receipt.Cell{})
			sign(w.nb.Cells[2], r)
		},
	}
	for name, change := range tests {
		w := newWorld(t)
		change(w)
		var unfit *Unfit
		if err := w.save(t); !errors.As(err, &unfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a session had kept is what it would compute, and a file that cells have made need not be there.
func TestSession(t *testing.T) {
	w := newWorld(t)
	w.read("runs/x.csv", "a")
	r := w.nb.Cells[1].Receipt()
	r.Session = true
	sign(w.nb.Cells[1], r)
	w.made = map[string]string{"runs/x.csv": receipt.Digest([]byte("a"))}
	if err := w.save(t); err != nil {
		t.Fatal(err)
	}
	k, err := w.load(t, setup.KernelXLA)
	if err != nil || !k.Notebook.Cells[1].Receipt().Session {
		t.Errorf("%+v, %v", k, err)
	}
}

// read has the second cell read a file.
func (w *world) read(name, content string) {
	sign(w.nb.Cells[1], &receipt.Cell{Read: []receipt.File{{Name: name, SHA: receipt.Digest([]byte(content))}}})
}

// The store has a bound, and what was used least recently goes first.
func TestBound(t *testing.T) {
	w := newWorld(t)
	if err := w.save(t); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(w.lab.Dir, "cells", "*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	info, err := os.Stat(found[0])
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for i, name := range []string{"older", "oldest"} {
		at := write(t, strings.Repeat("x", int(info.Size())), w.lab.Dir, "cells", name+suffix)
		when := old.Add(-time.Duration(i) * time.Hour)
		if err := os.Chtimes(at, when, when); err != nil {
			t.Fatal(err)
		}
	}
	defer func(n int64) { mostBytes = n }(mostBytes)
	mostBytes = 2*info.Size() + info.Size()/2
	sign(w.nb.Cells[0], &receipt.Cell{Written: w.nb.Cells[0].Receipt().Written, Read: []receipt.File{}, Seconds: 9})
	if err := w.save(t); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"older": true, "oldest": false} {
		if _, err := os.Stat(filepath.Join(w.lab.Dir, "cells", name+suffix)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
}
