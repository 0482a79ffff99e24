package run

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// source is a notebook of three code cells.
const source = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "source": "%%\n\nfirst()", "metadata": {"tags": ["parameters"]}},
{"cell_type": "code", "source": " "},
{"cell_type": "markdown", "source": "text"},
{"cell_type": "code", "source": "// a comment that is so long that it has to be cut off somewhere before its end\nx"},
{"cell_type": "code", "source": "last()\nbad(1)"}]}`

// parsed is the notebook of source.
func parsed(t *testing.T) *notebook.Notebook {
	t.Helper()
	nb, err := notebook.Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, false, parsed(t))
	p.begin(0)
	p.output("noise\n")
	p.done(0, 0.123, true)
	p.begin(3)
	p.done(3, 12, true)
	p.begin(4)
	p.done(4, 100.5, false)
	p.end()
	want := "[1/3] first()                                                     0.12 s\n" +
		"[2/3] // a comment that is so long that it has to be cut off …   12.00 s\n" +
		"[3/3] last()                                                    100.50 s  failed\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProgressOnTerminal(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, true, parsed(t))
	p.begin(0)
	p.output("step 1\r\x1b[1mstep 2\x1b[0m\n")
	p.output("too soon")
	p.done(0, 1, true)
	p.end()
	if got := out.String(); !strings.Contains(got, "… step 2") || strings.Contains(got, "too soon") ||
		!strings.Contains(got, "1.00 s\n") {
		t.Errorf("shown %q", got)
	}
}

func TestCellError(t *testing.T) {
	tests := []struct{ message, line string }{
		{"Panic  line 2 of this cell\nx", "line 2: bad(1)"},
		{"Panic  cell [2], line 9\nx\n    f  cell [2], line 9\n    main  line 1 of this cell", "line 1: last()"},
		{"CompileError  line 99 of this cell", "last()"},
		{"exit status 3", "last()"},
	}
	for _, test := range tests {
		err := cellError("n.ipynb", parsed(t), event{Index: 4, Error: test.message})
		var cell *CellError
		if !errors.As(err, &cell) || cell.Cell != 5 || cell.Line != test.line {
			t.Errorf("%q: %v; want cell 5, %q", test.message, err, test.line)
		}
		if !strings.Contains(err.Error(), test.message) || !strings.Contains(err.Error(), "n.ipynb: cell 5 failed") {
			t.Errorf("%q: said %v", test.message, err)
		}
	}
}

func TestNames(t *testing.T) {
	dir := t.TempDir()
	path := put(t, filepath.Join(dir, "n.ipynb"),
		`{"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code", "source": "var N = 0\nvar Runs = \"r\"",`+
			` "metadata": {"tags": ["parameters"]}}]}`)
	set := []notebook.Set{{Name: "N", Value: "1"}}
	tests := []struct {
		o                          Options
		target, page, runs, folder string // relative to dir
	}{
		{Options{HTML: true}, "n.executed.ipynb", "n.executed.html", "r/n.executed", "r/n.executed"},
		{Options{Out: filepath.Join(dir, "b")}, "b/n.executed.ipynb", "", "r/n.executed", "r/n.executed"},
		{Options{Inplace: true}, "n.ipynb", "", "", "r"},
		{Options{HTML: true, Sets: set}, "n.N=1.executed.ipynb", "n.N=1.executed.html", "r/n.N=1", "r/n.N=1"},
		{Options{Sets: []notebook.Set{{Name: "Runs", Value: "x"}}}, "n.Runs=x.executed.ipynb", "", "", "x"},
		{Options{Sets: []notebook.Set{{Name: "Runs", Value: "/x"}}}, "n.Runs=_x-4d30ca6c.executed.ipynb", "", "", "/x"},
	}
	for _, test := range tests {
		p, err := newPlan(path, test.o)
		if err != nil {
			t.Fatal(err)
		}
		for got, want := range map[string]string{p.target: test.target, p.page: test.page, p.folder: test.folder} {
			if want != "" && !filepath.IsAbs(want) {
				want = filepath.Join(dir, want)
			}
			if got != want {
				t.Errorf("%+v: %s, want %s", test.o, got, want)
			}
		}
		if p.runs != test.runs {
			t.Errorf("%+v: own folder %q, want %q", test.o, p.runs, test.runs)
		}
		source := p.nb.Cells[len(p.nb.Cells)-1].Source()
		if test.runs != "" && !strings.Contains(source, strconv.Quote(test.runs)) {
			t.Errorf("%+v: executes\n%s", test.o, source)
		}
		if len(test.o.Sets) == 0 && len(p.nb.Cells) != 1 {
			t.Errorf("%+v: %d cells", test.o, len(p.nb.Cells))
		}
	}
}

func TestLabArgs(t *testing.T) {
	lab := place.Lab{Dir: "/dir", Repo: "/repo"}
	tests := []struct {
		name      string
		o         LabOptions
		display   bool
		has, lack []string
	}{
		{"plain", LabOptions{Lab: lab}, true, []string{"--ip=127.0.0.1", "--ServerApp.root_dir=/repo/notebooks"},
			[]string{"--no-browser"}},
		{"no display", LabOptions{Lab: lab}, false, []string{"--no-browser"}, nil},
		{"container", LabOptions{Lab: lab, IP: "0.0.0.0", Port: 8888}, true,
			[]string{"--ip=0.0.0.0", "--port=8888", "--no-browser"}, nil},
		{"extra", LabOptions{Lab: lab, Extra: []string{"--debug"}}, true, []string{"--debug"}, nil},
		{"another folder", LabOptions{Lab: lab, Port: 1, Extra: []string{"--notebook-dir=/x", "--ServerApp.port=2"}},
			true,
			[]string{"--notebook-dir=/x", "--ServerApp.port=2", "--ip=127.0.0.1"},
			[]string{"--ServerApp.root_dir=/repo/notebooks", "--port=1"}},
	}
	for _, test := range tests {
		args := labArgs(test.o, test.display)
		for _, want := range test.has {
			if !slices.Contains(args, want) {
				t.Errorf("%s: %q lacks %s", test.name, args, want)
			}
		}
		for _, not := range test.lack {
			if slices.Contains(args, not) {
				t.Errorf("%s: %q has %s", test.name, args, not)
			}
		}
		for _, arg := range args {
			if strings.Contains(arg, "token=") || strings.Contains(arg, "password=") {
				t.Errorf("%s: the token is touched: %s", test.name, arg)
			}
		}
	}
}

func TestJupyterPath(t *testing.T) {
	lab := place.Lab{Dir: "/dir"}
	own := lab.JupyterPath()
	for env, want := range map[string]string{"": own, "/mine": own + ":/mine", own: own} {
		t.Setenv("JUPYTER_PATH", env)
		if got := before("JUPYTER_PATH", lab.JupyterPath()); got != want {
			t.Errorf("with %q: %s, want %s", env, got, want)
		}
	}
}

// standIn sets up a lab with the Go kernel's specification and a stand-in for Python that runs a shell script.
func standIn(t *testing.T, script string) (path string, o Options) {
	t.Helper()
	dir := t.TempDir()
	lab := place.Lab{Dir: filepath.Join(dir, "lab"), Repo: dir}
	python := filepath.Join(dir, "python")
	path = filepath.Join(dir, "n.ipynb")
	spec := filepath.Join(lab.Kernels(), setup.KernelGo, "kernel.json")
	for name, content := range map[string]string{python: "#!/bin/sh\nread order\n" + script, path: source,
		spec: `{"display_name": "D"}`} {
		if err := place.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return path, Options{Lab: lab, Python: python, Kernel: setup.KernelGo, Log: io.Discard}
}

// copies is shell that copies the input notebook to the output, as a driver that executes nothing would.
const copies = `in=$(echo "$order" | sed 's/.*"notebook":"\([^"]*\)".*/\1/')
out=$(echo "$order" | sed 's/.*"output":"\([^"]*\)".*/\1/')
else=$(echo "$order" | sed 's/.*"elsewhere":\["\([^"]*\)".*/\1/')
cp "$in" "$out" || { out=$else; cp "$in" "$out"; }
`

func TestNotebookDriverFaults(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"dies at once", "echo 'ModuleNotFoundError: nbclient' >&2; exit 1", "ModuleNotFoundError: nbclient"},
		{"dies while a cell runs", `echo '{"event":"cell","index":0}'; exit 1`, "ended early"},
		{"sends no JSON", "echo hello; cat >/dev/null", "sent no JSON"},
		{"kernel does not start",
			copies + `echo '{"event":"failed","error":"NoSuchKernel: x"}'; echo '{"event":"executed"}'; cat >/dev/null`,
			"NoSuchKernel: x"},
		{"a cell fails",
			copies +
				`echo '{"event":"done","index":4,"error":"Panic  line 2 of this cell"}'; ` +
				`echo '{"event":"executed"}'; cat >/dev/null`,
			"cell 5 failed at: line 2: bad(1)"},
		{"no result", `echo '{"event":"executed"}'; cat >/dev/null`, "no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path, o := standIn(t, test.script)
			_, err := Notebook(t.Context(), path, o)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if content, err := os.ReadFile(path); err != nil || string(content) != source {
				t.Errorf("the notebook was changed: %v", err)
			}
		})
	}
}

func TestNotebookRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(o *Options)
		want   string
	}{
		{"kernel", func(o *Options) { o.Kernel = "none" }, "kernel none is not installed"},
		{"parameter", func(o *Options) { o.Sets = []notebook.Set{{Name: "x", Value: "1"}} },
			"parameter x"},
		{"in place with parameters", func(o *Options) {
			o.Inplace, o.Sets = true,
				[]notebook.Set{{Name: "x", Value: "1"}}
		}, "--inplace"},
		{"python", func(o *Options) { o.Python = "/no/such/python" }, "starting the notebook runner"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path, o := standIn(t, "exit 1")
			test.change(&o)
			if _, err := Notebook(t.Context(), path, o); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// TestNotebookFailedInplace sees that a failed execution in place leaves the notebook and keeps its results beside it.
func TestNotebookFailedInplace(t *testing.T) {
	path,
		o := standIn(t,
		copies+`echo '{"event":"done","index":0,"error":"no"}'; echo '{"event":"executed"}'; cat >/dev/null`)
	o.Inplace = true
	// The result of an earlier run stays too.
	earlier := put(t, strings.TrimSuffix(path, ".ipynb")+executedEnd, "earlier")
	result, err := Notebook(t.Context(), path, o)
	var cell *CellError
	if !errors.As(err, &cell) || result.Notebook != strings.TrimSuffix(path, ".ipynb")+".failed"+executedEnd {
		t.Errorf("got %+v, %v", result, err)
	}
	if content, err := os.ReadFile(earlier); err != nil || string(content) != "earlier" {
		t.Errorf("the earlier result was changed: %v", err)
	}
	if _, err := notebook.Read(result.Notebook); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != source {
		t.Errorf("the notebook was changed: %v", err)
	}
}

// TestNotebookInterrupted sees that a cancelled context reaches the driver as a command, and that results are kept.
func TestNotebookInterrupted(t *testing.T) {
	path, o := standIn(t, copies+`echo '{"event":"cell","index":0}'
read command; case "$command" in *interrupt*) ;; *) exit 9 ;; esac
echo '{"event":"done","index":0}'; echo '{"event":"executed","interrupted":true}'; cat >/dev/null`)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result, err := Notebook(ctx, path, o)
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("error %v, want ErrInterrupted", err)
	}
	if _, err := notebook.Read(result.Notebook); err != nil {
		t.Error(err)
	}
}

func TestLab(t *testing.T) {
	dir := t.TempDir()
	python := filepath.Join(dir, "python")
	const script = `#!/bin/sh
echo "$JUPYTER_PATH $*"
[ "$FAIL" != 1 ] || exit 1
[ -z "$WAIT" ] || exec sleep 60
`
	if err := os.WriteFile(python, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JUPYTER_PATH", "")
	var out bytes.Buffer
	o := LabOptions{Lab: place.Lab{Dir: "/dir", Repo: dir}, Python: python, Out: &out}
	if err := Lab(t.Context(), o); err != nil || !strings.HasPrefix(out.String(), o.Lab.JupyterPath()+" -I -c "+startLab+" ") {
		t.Errorf("%v, ran %q", err, out.String())
	}
	t.Setenv("FAIL", "1")
	if err := Lab(t.Context(), o); err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("failure: %v", err)
	}
	t.Setenv("FAIL", "")
	t.Setenv("WAIT", "1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Lab(ctx, o); err != nil {
		t.Errorf("stopped as asked: %v", err)
	}
}
