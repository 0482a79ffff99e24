package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// mustRunners is the variable with which TestRunners runs, as it does in continuous integration.
const mustRunners = "SIAMESE_RUNNERS"

// runnersPython returns the interpreter of an environment with the runners that testdata/runners pins. It is made
// once, in the lab's directory.
func runnersPython(t *testing.T) string {
	t.Helper()
	o, _ := options(t)
	lock := filepath.Join("testdata", "runners", "requirements.txt")
	content, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	dir := filepath.Join(o.Lab.Dir, "runners-"+hex.EncodeToString(sum[:])[:12])
	python, complete := filepath.Join(dir, "bin", "python"), filepath.Join(dir, "complete")
	unlock, err := o.Lab.Lock(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := os.Stat(complete); err == nil && exec.Command(python, "-c", "").Run() == nil {
		return python
	}
	if err := os.RemoveAll(dir); err != nil { // half made, or its Python is gone
		t.Fatal(err)
	}
	base, version, err := setup.FindPython(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "runners        papermill, nbmake, nbval, jupytext, with Python %s, in %s …\n", version, dir)
	if _, err := (proc.Cmd{Name: base, Args: []string{"-I", "-m", "venv", dir}}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	pip := []string{"-I", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1",
		"--require-hashes", "--no-deps", "-r", lock}
	if _, err := (proc.Cmd{Name: python, Args: pip}).Run(t.Context()); err != nil {
		t.Fatalf("the other runners: %v", err)
	}
	if err := os.WriteFile(complete, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return python
}

// runners returns the interpreter of the other runners, and the variables with which their commands run: they find the
// runners' programs, the lab's own Python package made from the checkout, and the kernels.
func runners(t *testing.T) (python string, env []string) {
	t.Helper()
	o, _ := options(t)
	python = runnersPython(t)
	packages, own := t.TempDir(), t.TempDir()
	pip := proc.Cmd{Name: python, Env: []string{"PYTHONDONTWRITEBYTECODE=1"}, Args: []string{"-I", "-m", "pip", "install",
		"--quiet", "--no-input", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation",
		"--target", packages, o.Lab.Python()}}
	if _, err := pip.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return python, append(os.Environ(),
		"PATH="+filepath.Dir(python)+string(filepath.ListSeparator)+os.Getenv("PATH"), "PYTHONPATH="+packages, "PYTHONHOME=",
		"PYTHONDONTWRITEBYTECODE=1", "PYTHONWARNINGS=ignore", "PYTHONUTF8=1", "PYTEST_ADDOPTS=-p no:cacheprovider",
		"JUPYTER_PATH="+o.Lab.JupyterPath(), "JUPYTER_CONFIG_DIR="+own, "JUPYTER_DATA_DIR="+own,
		"JUPYTER_RUNTIME_DIR="+own, "IPYTHONDIR="+own, "JUPYTER_NO_CONFIG=1")
}

// section returns a section of the README by its title.
func section(t *testing.T, title string) string {
	t.Helper()
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(content), "\n## "+title+"\n")
	if !found {
		t.Fatalf("the README has no section %q", title)
	}
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// TestRunners runs the README's lines for other runners, and the tests of each runner in testdata/runners.
func TestRunners(t *testing.T) {
	if os.Getenv(mustRunners) == "" {
		t.Skip("it fetches papermill and others, and takes two minutes: " + mustRunners + "=1 runs it")
	}
	t.Parallel()
	python, env := runners(t)
	t.Run("README", func(t *testing.T) { runnersLines(t, env) })
	t.Run("pytest", func(t *testing.T) {
		cmd := exec.CommandContext(t.Context(), python, "-m", "pytest", "-q", "--color=no", "--durations=5", "runners")
		cmd.Dir, cmd.Env = "testdata", env
		out, err := cmd.CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Errorf("tests in testdata/runners: %v", err)
		}
	})
	t.Run("quickstart", func(t *testing.T) {
		dir := t.TempDir()
		o, _ := options(t)
		cmd := exec.CommandContext(t.Context(), python, "-m", "papermill", "--no-progress-bar", "--cwd", dir, "-k", o.Kernel,
			filepath.Join(o.Lab.Notebooks(), "quickstart.ipynb"), filepath.Join(dir, "out.ipynb"), "-p", "PerClass", "30",
			"-p", "Epochs", "2", "-p", "PairsPerEpoch", "3000", "-p", "MinROCAUC", "0.9", "-p", "MinLead", "-1")
		cmd.Env = env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		nb, err := notebook.Read(filepath.Join(dir, "out.ipynb"))
		if err != nil {
			t.Fatal(err)
		}
		if rows := resultRow.FindAllString(nb.Results(), -1); len(rows) != 4 {
			t.Errorf("%d rows of results, want 4:\n%s", len(rows), nb.Results())
		}
		models, err := filepath.Glob(filepath.Join(dir, "runs", "quickstart", "PerClass=30,*", "*.safetensors"))
		if err != nil || len(models) != 1 {
			t.Errorf("models %q (%v), want one in the run's own folder", models, err)
		}
	})
}

// runnersLines runs the README's lines as they stand, where notebooks/5-tune.ipynb is a small notebook with the
// same parameter.
func runnersLines(t *testing.T, env []string) {
	o, _ := options(t)
	// What a line is known by, and a sign that it did what it says: a file that it writes, with a text in it, or a text
	// that it prints.
	type check struct{ line, file, text string }
	checks := []check{
		{"papermill notebooks/", "tune-8.ipynb", `hello hello hello hello hello hello hello hello  0.25`},
		{"papermill --help-notebook", "", "Share: float64 (default 0.5)    of what; 1 = all"},
		{"pytest --nbmake", "", "1 passed"},
		{"pytest --nbval", "", "4 passed"},
		{"jupyter execute", "notebooks/tune-executed.ipynb", "hello hello  0.25"},
		{"jupyter nbconvert --execute --to html", "5-tune.html", "hello hello  0.25"},
		{"jupyter nbconvert --execute --to notebook", "tune-copy.ipynb", "hello hello  0.25"},
		{"jupytext --to md", "notebooks/5-tune.md", "```go tags=[\"parameters\"]"},
		{"jupytext --to ipynb", "tune-again.ipynb", "hello hello  0.25"},
	}
	_, block, _ := strings.Cut(section(t, "Other runners"), "```sh\n")
	block, _, _ = strings.Cut(block, "```")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "kernels", "python"), os.DirFS(o.Lab.Python())); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join("testdata", "runners", "good.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "notebooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notebooks", "5-tune.ipynb"), content, 0o644); err != nil {
		t.Fatal(err)
	}
	// One after the other: jupytext's second line reads what its first has written.
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		i := slices.IndexFunc(checks, func(c check) bool { return strings.HasPrefix(line, c.line) })
		if i < 0 {
			t.Errorf("the README's line %q is not tested", line)
			continue
		}
		check := checks[i]
		checks = slices.Delete(checks, i, i+1)
		cmd := exec.CommandContext(t.Context(), "bash", "-c", line)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		text := string(out)
		if check.file != "" {
			written, readErr := os.ReadFile(filepath.Join(dir, check.file))
			err = errors.Join(err, readErr)
			text = string(written)
		}
		if err != nil || !strings.Contains(text, check.text) {
			t.Errorf("%s: %v; %q is missing:\n%s", line, err, check.text, out)
		}
	}
	for _, check := range checks {
		t.Errorf("the README has no line %q", check.line)
	}
	nb, err := notebook.Read(filepath.Join(dir, "tune-8.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if at := slices.IndexFunc(nb.Cells, func(c *notebook.Cell) bool { return c.HasTag(notebook.TagInjected) }); at < 0 ||
		nb.Cells[at].Source() != "// Parameters\nvar Epochs int = 8\n" {
		t.Error("papermill injected no cell, or another one")
	}
}
