package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// linkedLab makes a lab's directory that shares the files of the tests' one, but for what is a checkout's own.
func linkedLab(t *testing.T, dir string) {
	t.Helper()
	o, _ := options(t)
	spec, err := setup.ReadSpec(o.Lab, setup.KernelGo)
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{filepath.Dir(spec.Argv[0]), filepath.Dir(filepath.Dir(o.Python))} {
		root := filepath.Join(dir, filepath.Base(from))
		err := filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			to := filepath.Join(root, strings.TrimPrefix(path, from))
			switch {
			case d.IsDir():
				return os.MkdirAll(to, 0o755)
			case d.Type()&os.ModeSymlink != 0:
				target, err := os.Readlink(path)
				if err != nil {
					return err
				}
				return os.Symlink(target, to)
			case d.Name() == ".used", strings.HasSuffix(d.Name(), ".seen"), strings.HasSuffix(d.Name(), ".pyc"):
				return nil // written anew
			}
			return os.Link(path, to)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestOddPlaces: a lab's directory and a checkout whose paths have blanks, quotes, brackets and (the former) a comma, in a shell with
// wrong settings of Python, Go and GoMLX and without HOME: what is there is found, and a notebook runs.
func TestOddPlaces(t *testing.T) {
	root, err := os.MkdirTemp("", "odd-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	lab := smallCheckout(t, `it's [a] lab "one" %d $HOME`)
	lab.Dir = filepath.Join(root, `a lab's "folder", [x]`)
	linkedLab(t, lab.Dir)
	env, err := setup.ReadGoEnv(t.Context(), lab.Repo)
	if err != nil {
		t.Fatal(err)
	}
	wrong := t.TempDir() // modules that end whatever imports them
	for _, name := range []string{"zmq", "nbclient", "nbformat", "json", "sitecustomize"} {
		if err := place.WriteFile(filepath.Join(wrong, name+".py"), []byte("raise SystemExit('wrong "+name+"')\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{"PYTHONPATH": wrong, "PYTHONHOME": "/no/such/python", "PYTHONSTARTUP": wrong,
		"GOCACHE": env.GOCACHE, "GOMODCACHE": env.GOMODCACHE, "GOPATH": env.GOPATH, "HOME": "",
		"GOFLAGS": "-mod=mod -nonsense", "GOWORK": "/no/such/go.work", "GOEXPERIMENT": "nonsense", "GOMLX_BACKEND": "nonsense",
		"GOTOOLCHAIN": "local", "PIP_INDEX_URL": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"} {
		t.Setenv(name, value)
	}
	var said bytes.Buffer
	in, err := setup.New(t.Context(), lab, setup.Options{}, &said)
	if err != nil {
		t.Fatal(err)
	}
	got, err := in.Install(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if got.Kernel != setup.KernelGo || !strings.Contains(got.Why, "comma") {
		t.Errorf("kernel %s, %s", got.Kernel, got.Why)
	}
	for _, what := range []string{"python", "tools"} {
		if !strings.Contains(said.String(), what+strings.Repeat(" ", 14-len(what))+" already there") {
			t.Errorf("%s was not left alone:\n%s", what, &said)
		}
	}
	result, err := jupyter.Notebook(t.Context(), filepath.Join(lab.Notebooks(), "which.ipynb"), jupyter.Options{Lab: lab,
		Python: got.Python, Kernel: got.Kernel, Out: root, Log: io.Discard})
	if err != nil || strings.TrimSpace(result.Results) != filepath.Base(lab.Repo) {
		log, _ := os.ReadFile(lab.Log("which.ipynb"))
		t.Errorf("%q, %v\n%s", result.Results, err, log)
	}
}
