package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/go-siamese/lab/kernels/internal/place"
	jupyter "github.com/go-siamese/lab/kernels/internal/run"
	"github.com/go-siamese/lab/kernels/internal/setup"
)

// whichNotebook has a cell that says in which checkout it was built.
const whichNotebook = `{"cells": [{"cell_type": "code", "execution_count": null, "id": "which", "metadata": {"tags": ["results"]},
"outputs": [], "source": ["import \"github.com/go-siamese/lab/data/which\"\n", "%%\n", "fmt.Println(which.Name)"]}],
"metadata": {"kernelspec": {"display_name": "Go", "language": "go", "name": "siamese-go"}}, "nbformat": 4, "nbformat_minor": 5}`

// smallCheckout makes a checkout that has what the kernel's tools are built from, as this one has it, and a package with
// the checkout's name. It returns it with the lab's directory of the tests.
func smallCheckout(t *testing.T, name string) place.Lab {
	t.Helper()
	o, _ := options(t)
	lab := place.Lab{Dir: o.Lab.Dir, Repo: filepath.Join(t.TempDir(), name)}
	args := []string{"-C", o.Lab.Repo, "ls-files", "--cached", "--others", "--exclude-standard", "go.mod", "go.sum", "kernels"}
	out, err := exec.Command("git", append(args, setup.OwnSources...)...).Output()
	if err != nil {
		t.Fatalf("listing the checkout's files: %v", err)
	}
	for file := range strings.FieldsSeq(string(out)) {
		content, err := os.ReadFile(filepath.Join(o.Lab.Repo, file))
		if os.IsNotExist(err) { // removed, and not yet committed
			continue
		}
		if err == nil {
			err = place.WriteFile(filepath.Join(lab.Repo, file), content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	which := "// Package which names its checkout.\npackage which\n\n// Name is the checkout's.\nconst Name = " + strconv.Quote(name) + "\n"
	for file, text := range map[string]string{"data/which/which.go": which, "notebooks/which.ipynb": whichNotebook} {
		if err := place.WriteFile(filepath.Join(lab.Repo, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.RemoveAll(lab.Checkout()) })
	return lab
}

// installSmall installs for such a checkout, and returns what it said.
func installSmall(t *testing.T, lab place.Lab) (python, said string) {
	t.Helper()
	var out bytes.Buffer
	in, err := setup.New(t.Context(), lab, setup.Options{NoXLA: true, Kernel: setup.KernelGo}, &out)
	if err != nil {
		t.Fatal(err)
	}
	result, err := in.Install(t.Context())
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	return result.Python, out.String()
}

// TestTwoCheckouts: checkouts that share a lab's directory each run their own code, by turns and at once, also in a
// kernel that was started before the other installed; neither makes the other build or fetch anything again.
func TestTwoCheckouts(t *testing.T) {
	t.Parallel()
	labs := []place.Lab{smallCheckout(t, "one"), smallCheckout(t, "two")}
	python, _ := installSmall(t, labs[0])
	first := startKernelOf(t, labs[0])
	installSmall(t, labs[1])
	for _, lab := range labs { // the second time nothing is left to do
		_, said := installSmall(t, lab)
		for _, done := range []string{"building", "fetching", "installing", "written", "to be"} {
			if strings.Contains(said, done) {
				t.Errorf("installing again in %s:\n%s", lab.Repo, said)
			}
		}
	}
	which := func(ctx context.Context, lab place.Lab) error {
		path := filepath.Join(lab.Notebooks(), "which.ipynb")
		out, err := os.MkdirTemp("", "which-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(out)
		got, err := jupyter.Notebook(ctx, path, jupyter.Options{Lab: lab, Python: python, Kernel: setup.KernelGo, Out: out,
			Log: io.Discard})
		if want := filepath.Base(lab.Repo); err == nil && strings.TrimSpace(got.Results) != want {
			err = fmt.Errorf("the run in %s executed the code of %q", want, got.Results)
		}
		return err
	}
	for i := range 3 { // by turns
		if err := which(t.Context(), labs[i%2]); err != nil {
			t.Error(err)
		}
	}
	both, ctx := errgroup.WithContext(t.Context())
	for _, lab := range labs { // and at once
		both.Go(func() error { return which(ctx, lab) })
	}
	if err := both.Wait(); err != nil {
		t.Error(err)
	}
	cell := "import \"github.com/go-siamese/lab/data/which\"\n%%\nfmt.Println(which.Name)"
	if got := first.run(cell, false); got.status != "ok" || strings.Join(got.outputs, "") != "stdout: one\n" {
		t.Errorf("the kernel that was there before: %+v", got)
	}
	if err := os.Rename(labs[0].Repo, labs[0].Repo+"-moved"); err != nil {
		t.Fatal(err)
	}
	if got := first.run(cell, false); got.name != "KernelError" || !strings.Contains(got.value, "is gone") {
		t.Errorf("without its checkout: %+v", got)
	}
}

// startKernelOf starts the Go kernel of a checkout.
func startKernelOf(t *testing.T, lab place.Lab) *realKernel {
	t.Helper()
	k, _ := startKernelIn(t, lab, nil, nil, "--gopls=", "--history=")
	return k
}

// TestKernelKeepsItsTools: what a kernel uses is not removed, however old it is.
func TestKernelKeepsItsTools(t *testing.T) {
	t.Parallel()
	lab := smallCheckout(t, "keeps")
	installSmall(t, lab)
	startKernelOf(t, lab)
	spec, err := setup.ReadSpec(lab, setup.KernelGo)
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Dir(spec.Argv[0])
	if time.Since(place.LastUsed(bin)) > time.Hour {
		t.Errorf("used last %v", place.LastUsed(bin))
	}
	if place.Remove(bin) {
		t.Error("the tools of a kernel that runs were removed")
	}
}
