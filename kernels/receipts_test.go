package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/jupyterlab"
	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/siamese/version"
)

// TestReceipts: an executed notebook says how its outputs were made; Jupyter's own library saves it as it is, and check
// finds a number that was edited since.
func TestReceipts(t *testing.T) {
	t.Parallel()
	o, log := options(t)
	o.Out, o.Inplace = "", true
	dir := t.TempDir()
	path := filepath.Join(dir, "n.ipynb")
	content, err := os.ReadFile(fixture("receipts.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.csv"), []byte("a,b\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := jupyter.Notebook(t.Context(), path, o); err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	wantFit(t, path, "executed")
	nb, err := notebook.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := nb.Receipt()
	code, err := receipt.Code(o.Lab.Repo)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := receipt.GoSum(o.Lab.Repo)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Lab.Code != code.Code || whole.Lab.Version != version.Version || whole.GoSum != sum || whole.Kernel != o.Kernel ||
		whole.GoNB != "v0.11.3" || (whole.Backend == "xla") != (whole.Plugin != nil) || len(whole.Parameters) > 0 {
		t.Errorf("the notebook's receipt: %+v", whole)
	}
	if diff := cmp.Diff(receipt.Machine(), whole.Processor); diff != "" {
		t.Errorf("processor (-want +got):\n%s", diff)
	}
	in := receipt.File{Name: "in.csv", Bytes: 8, SHA: receipt.Digest([]byte("a,b\n1,2\n"))}
	out := receipt.File{Name: "sub/out.txt", Bytes: 4, SHA: receipt.Digest([]byte("made"))}
	got := nb.Cells[2].Receipt()
	want := receipt.Cell{Code: got.Code, Outputs: got.Outputs, Seconds: got.Seconds, Read: []receipt.File{in},
		Written: []receipt.File{out}, Volatile: []string{"0.12 s"}, Facts: map[string][]string{"seed": {"7"}}}
	if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("the cell's receipt (-want +got):\n%s", diff)
	}
	// A line for the shell tells too.
	if got := nb.Cells[3].Receipt(); got == nil || !cmp.Equal(got.Facts["shell"], []string{"yes"}) {
		t.Errorf("the shell's receipt: %+v", got)
	}

	saved := filepath.Join(dir, "saved.ipynb")
	python(t, o, "import nbformat, sys\nnbformat.write(nbformat.read(sys.argv[1], 4), sys.argv[2])", path, saved)
	before, _ := os.ReadFile(path)
	after, err := os.ReadFile(saved)
	if diff := cmp.Diff(string(before), string(after)); diff != "" || err != nil {
		t.Errorf("saved by Jupyter: %v (-before +after):\n%s", err, diff)
	}
	edited := strings.Replace(string(before), ".820", ".999", 1)
	if err := os.WriteFile(saved, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	findings, err := notebook.CheckFile(saved)
	if err != nil || len(findings) != 1 || findings[0].Cell != 3 || !strings.Contains(findings[0].Text, "outputs are not those") {
		t.Errorf("an edited number: %v, %v", findings, err)
	}
}

// wantFit fails the test if a notebook is not fit to be committed.
func wantFit(t *testing.T, path, what string) {
	t.Helper()
	findings, err := notebook.CheckFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Errorf("%s: %s", what, f)
	}
}

// python runs a program in the environment of JupyterLab.
func python(t *testing.T, o jupyter.Options, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), o.Python, append([]string{"-c", program}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// saver is Jupyter's server with the lab's settings, without its doors. For every line [config, path, widgets] that it
// reads it is made anew, saves the notebook, and prints what it warns of as one JSON text.
const saver = `import json, logging, os, sys, nbformat
from jupyter_server.serverapp import ServerApp
def save(config, path, widgets, said):
    home = os.path.dirname(path)
    os.environ.update(HOME=home, JUPYTER_CONFIG_DIR=home, JUPYTER_RUNTIME_DIR=home, JUPYTER_CONFIG_PATH=os.path.dirname(config))
    app = ServerApp(log_level=logging.WARNING, root_dir=home)
    app.initialize(argv=[], find_extensions=False, new_httpserver=False)
    for handler in list(app.log.handlers):
        app.log.removeHandler(handler)
    class Said(logging.Handler):
        def emit(self, record): said.append(record.getMessage())
    app.log.addHandler(Said(logging.WARNING))
    model = {"type": "notebook", "content": dict(nbformat.read(path, 4))}
    if widgets is not None:
        model["content"]["metadata"]["widgets"] = widgets
    hooks = app.contents_manager._pre_save_hooks
    if len(hooks) != 1 or app.contents_manager.pre_save_hook is not None:
        said.append("hooks: %s %s" % (hooks, app.contents_manager.pre_save_hook))
    app.contents_manager.run_pre_save_hooks(model, os.path.basename(path))
    nbformat.write(nbformat.from_dict(model["content"]), path)
    if widgets is not None:
        said.append(json.dumps(model["content"]["metadata"].get("widgets")))
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever else prints
for line in sys.stdin:
    said = []
    save(*json.loads(line), said)
    ServerApp.clear_instance()
    print(json.dumps("\n".join(said)), file=answers, flush=True)
`

// startSaver starts a saver and returns how to have it save: with a configuration, a notebook and the state of its
// widgets in JSON, "null" for none.
func startSaver(t *testing.T, o jupyter.Options) (save func(config, path, widgets string) (said string)) {
	t.Helper()
	c := exec.Command(o.Python, "-c", saver) // which ends with its input
	var errOut bytes.Buffer
	c.Stderr = &errOut
	lines, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = lines.Close()
		if err := c.Wait(); err != nil || errOut.Len() > 0 {
			t.Errorf("the server ended with %v: %s", err, &errOut)
		}
	})
	decoder := json.NewDecoder(answers)
	return func(config, path, widgets string) (said string) {
		t.Helper()
		job, err := json.Marshal([]any{config, path, json.RawMessage(widgets)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lines.Write(append(job, '\n')); err != nil {
			t.Fatal(err)
		}
		if err := decoder.Decode(&said); err != nil {
			t.Fatal(err)
		}
		return said
	}
}

// TestSaved: what JupyterLab saves has the receipts that its kernel has kept, of what is still as it was executed. Where
// they cannot be had it is saved as it is.
func TestSaved(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	path := filepath.Join(t.TempDir(), "n.ipynb")
	content, err := os.ReadFile(fixture("receipts.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	nb, err := notebook.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	nb.Clean("", "")
	if err := nb.Write(path); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(jupyterlab.ConfigPath(o.Lab), "jupyter_server_config.py")
	save := startSaver(t, o)
	if said := save(config, path, "null"); said != "" {
		t.Errorf("the log: %s", said)
	}
	bare, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(bare), "siamese\"") {
		t.Errorf("nothing was executed: %v\n%s", err, bare)
	}
	// The state of widgets stays, where there are some, but for passwords.
	const kind = `{"application/vnd.jupyter.widget-state+json": {"state": `
	for given, want := range map[string]string{
		kind + `{}, "version_major": 2}}`: "null", `{"other": 1}`: `{"other": 1}`,
		kind + `{"a": {"model_name": "PasswordModel", "state": {"value": "secret", "x": 1}}, "b": {"model_name": "TextModel", "state": {"value": "y"}}}}}`: kind +
			`{"a": {"model_name": "PasswordModel", "state": {"x": 1}}, "b": {"model_name": "TextModel", "state": {"value": "y"}}}}}`,
	} {
		if got := save(config, path, given); got != want {
			t.Errorf("widgets %s are saved as %s, want %s", given, got, want)
		}
	}
	if err := nb.Write(path); err != nil {
		t.Fatal(err)
	}
	journal := receipt.NewJournal(o.Lab.History(), path)
	t.Cleanup(func() {
		sum := receipt.Digest([]byte(path))
		if err := os.Remove(filepath.Join(o.Lab.History(), sum[:24]+".receipts")); err != nil {
			t.Error(err)
		}
	})
	around := receipt.Notebook{Format: receipt.Format, Lab: receipt.Lab{Version: version.Version, Code: "x"}}
	for i, c := range nb.Cells {
		outputs := c.OutputsDigest()
		if i == 2 {
			outputs = "others"
		}
		if c.Type() != "code" {
			continue
		}
		entry := receipt.Entry{ID: c.CodeDigest(), Cell: receipt.Cell{Code: c.CodeDigest(), Outputs: outputs}, Notebook: around}
		if err := journal.Add(entry); err != nil {
			t.Fatal(err)
		}
	}
	if said := save(config, path, "null"); said != "" {
		t.Errorf("the log: %s", said)
	}
	after, err := notebook.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if whole := after.Receipt(); whole == nil || whole.Lab.Code != "x" || whole.Kernel != nb.Kernel() || after.Version() != version.Version {
		t.Errorf("the notebook's receipt: %+v of %s", whole, after.Version())
	}
	for i, want := range []bool{false, true, false, true} {
		if has := after.Cells[i].Receipt() != nil; has != want {
			t.Errorf("cell %d has a receipt: %t", i+1, has)
		}
	}
	// A program that is not there costs nothing but the receipts.
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), filepath.Base(config))
	gone := regexp.MustCompile(`"[^"]*/siamese-kernel"`).ReplaceAll(text, []byte(`"/nowhere/kernel"`))
	if err := os.WriteFile(broken, gone, 0o644); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if said := save(broken, path, "null"); !strings.Contains(said, "saved without new receipts") {
		t.Errorf("the log: %q", said)
	}
	if same, _ := os.ReadFile(path); string(same) != string(before) {
		t.Error("it was not saved as it was")
	}
}

// TestReceiptsOfFailure: what was executed until a cell failed says how, the failed cell too; what follows says nothing.
func TestReceiptsOfFailure(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	path := filepath.Join(t.TempDir(), "n.ipynb")
	content, err := os.ReadFile(fixture("receipts.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	// Without its input the program does not end well.
	content = bytes.Replace(content, []byte(`"provenance.Read(\"in.csv\")\n"`),
		[]byte(`"provenance.Note(\"seed\", \"8\")\n", "os.Exit(3)\n"`), 1)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	o.Sets = []notebook.Set{{Name: "N", Value: "5"}}
	result, err := jupyter.Notebook(t.Context(), path, o)
	if failed := new(jupyter.CellError); !errors.As(err, &failed) {
		t.Fatalf("error %v", err)
	}
	nb, err := notebook.Read(result.Notebook)
	if err != nil {
		t.Fatal(err)
	}
	if whole := nb.Receipt(); whole == nil || !cmp.Equal(whole.Parameters, map[string]string{"N": "5"}) {
		t.Errorf("the notebook's receipt: %+v", whole)
	}
	for i, c := range nb.Cells {
		r := c.Receipt()
		if c.Count() == 0 {
			if r != nil {
				t.Errorf("cell %d was not executed and has a receipt", i+1)
			}
			continue
		}
		if r == nil || r.Code != c.CodeDigest() || r.Outputs != c.OutputsDigest() {
			t.Errorf("cell %d has the receipt %+v", i+1, r)
		} else if c.Failure() != "" && !cmp.Equal(r.Facts["seed"], []string{"8"}) {
			t.Errorf("the failed cell's receipt: %+v", r)
		}
	}
}
