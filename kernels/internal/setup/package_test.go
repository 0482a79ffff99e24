package setup

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/siamese/version"
)

// TestPackages tries the lab's own Python package in real environments, each a copy of one: to make one takes seconds.
func TestPackages(t *testing.T) {
	base, _, err := FindPython(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(t.TempDir(), "venv")
	if _, err := isolated(base, "-m", "venv", venv).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	copying := filepath.Join(t.TempDir(), "python3")
	write(t, copying, fmt.Sprintf(`#!/bin/sh
case "$*" in
"-I -m venv "*) mkdir -p "$(dirname "$4")" && exec cp -a %q "$4" ;;
*) exec %q "$@" ;;
esac
`, venv, base), 0o755)
	t.Setenv("PIP_INDEX_URL", "http://127.0.0.1:1/") // nobody is there
	t.Setenv("PIP_FIND_LINKS", "")
	t.Run("mended", func(t *testing.T) { packageIsMended(t, copying) })
	t.Run("of checkouts", func(t *testing.T) { packagesOfCheckouts(t, copying) })
}

// packageIsMended: the lab's own Python package is put into an environment without a network and with the lab's version;
// what was changed or lost is put back, and what is there is left alone.
func packageIsMended(t *testing.T, base string) {
	t.Helper()
	in, out := newInstaller(t)
	source, err := filepath.Abs(filepath.Join("..", "..", "python"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(in.Lab.Python(), os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadDir(in.Lab.Python())
	if err != nil {
		t.Fatal(err)
	}
	venv := filepath.Join(t.TempDir(), "venv")
	if _, err := isolated(base, "-m", "venv", venv).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	python := filepath.Join(venv, "bin", "python")
	site, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages"))
	if err != nil || len(site) != 1 {
		t.Fatal(site, err)
	}
	module := filepath.Join(site[0], "siamese_lab", "papermill.py")
	steps := []struct {
		name  string
		do    func() error
		wrong bool // before it is mended
	}{
		{"new", func() error { return nil }, true},
		{"again", func() error { return nil }, false},
		{"changed", func() error { return os.WriteFile(module, []byte("pass"), 0o644) }, true},
		{"lost, and unknown to papermill", func() error {
			return errors.Join(os.Remove(module),
				os.RemoveAll(filepath.Join(site[0], "siamese_lab-"+version.Version+".dist-info")))
		}, true},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if err := checkOwnPackage(in.Lab, venv); (err != nil) != step.wrong {
			t.Errorf("%s: found %v", step.name, err)
		}
		out.Reset()
		in.ensurePackage(t.Context(), python)
		said := out.String()
		if err := checkOwnPackage(in.Lab, venv); err != nil || strings.Contains(said, "installed: siamese_lab") != step.wrong ||
			strings.Contains(said, "not installed") {
			t.Errorf("%s: afterwards %v, said %q", step.name, err, said)
		}
	}
	const ask = `import importlib.metadata as m
d = m.distribution("siamese-lab")
import siamese_lab
print(d.version, siamese_lab.__version__, [e.value for e in d.entry_points if e.group == "papermill.engine"])`
	said, err := exec.Command(python, "-c", ask).Output()
	want := version.Version + " " + version.Version + " ['siamese_lab.papermill:Engine']"
	if got := strings.TrimSpace(string(said)); err != nil || got != want {
		t.Errorf("%v: the package says %q, want %q", err, got, want)
	}
	if after, err := os.ReadDir(in.Lab.Python()); err != nil || len(after) != len(before) {
		t.Errorf("the checkout's folder has %v, and had %v (%v)", after, before, err)
	}
}

// TestNoPackage: what cannot be installed is told and stops nothing, and a checkout without the package needs none.
func TestNoPackage(t *testing.T) {
	in, out := newInstaller(t)
	path := filepath.Join(t.TempDir(), "bin", "python")
	python(t, path, "3.12", true, 0)
	in.ensurePackage(t.Context(), path)
	if out.Len() > 0 {
		t.Errorf("without a package: said %q", out)
	}
	write(t, filepath.Join(in.Lab.Python(), "siamese_lab", "__init__.py"), "", 0o644)
	for status, word := range []string{"damaged", "Could not fetch"} { // pip does nothing; pip fails
		python(t, path, "3.12", true, status)
		_, err := in.installPackage(t.Context(), path)
		wantError(t, err, word)
		out.Reset()
		in.ensurePackage(t.Context(), path)
		if said := out.String(); !strings.Contains(said, "not installed: siamese_lab") || !strings.Contains(said, word) {
			t.Errorf("said %q", said)
		}
	}
}

// packagesOfCheckouts: checkouts whose own packages differ have environments beside each other in one lab: after the
// first time each, switching between them installs nothing.
func packagesOfCheckouts(t *testing.T, base string) {
	t.Helper()
	one, out := newInstaller(t)
	one.Options.Python = base
	source, err := filepath.Abs(filepath.Join("..", "..", "python"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(one.Lab.Python(), os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	write(t, one.Lab.Requirements(), "", 0o644)
	lab := one.Lab
	lab.Repo = t.TempDir()
	if err := os.CopyFS(lab.Repo, os.DirFS(one.Lab.Repo)); err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(lab.Python(), ownPackage, "papermill.py")
	content, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	write(t, module, string(content)+"# of another commit\n", 0o644)
	other := &Installer{Lab: lab, Go: one.Go, Options: one.Options, board: one.board}
	pythons := map[*Installer]string{}
	for round := range 3 {
		for _, in := range []*Installer{one, other} {
			out.Reset()
			python, err := in.ensureVenv(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			in.ensurePackage(t.Context(), python)
			if err := checkOwnPackage(in.Lab, filepath.Dir(filepath.Dir(python))); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			made := strings.Contains(out.String(), "installed: "+ownPackage)
			if there := strings.Contains(out.String(), "already there"); made == there || made != (round == 0) {
				t.Errorf("round %d said %s", round, out)
			}
			if before := pythons[in]; before != "" && before != python {
				t.Errorf("round %d: the environment is %s, and was %s", round, python, before)
			}
			pythons[in] = python
		}
	}
	if pythons[one] == pythons[other] {
		t.Errorf("both have %s", pythons[one])
	}
}
