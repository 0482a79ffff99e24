package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
	"github.com/go-siamese/lab/kernels/plugin"
)

// TestReceiptsOfOthers: a front end that knows nothing of receipts saves what the kernel executed, as VS Code and a Jupyter
// of the user's own do; check says so and names the line that gives it receipts; that line does, but not for what was
// edited since.
func TestReceiptsOfOthers(t *testing.T) {
	t.Parallel()
	o, _ := options(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "n.ipynb")
	const source = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "siamese-go", "display_name": "Go",
"language": "go"}}, "cells": [{"cell_type": "code", "id": "a", "execution_count": null, "metadata": {}, "outputs": [],
"source": "%%\nfmt.Println(\"one\\r\\ntwo\")"}, {"cell_type": "code", "id": "b", "execution_count": null, "metadata": {},
"outputs": [], "source": "%%\nfmt.Println(\"three\")"}]}`
	if err := os.WriteFile(path, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	history := filepath.Join(plugin.State(o.Lab.Dir), filepath.Base(o.Lab.History()))
	t.Cleanup(func() { // the folder's, since this front end does not tell the notebook's name
		for _, file := range []string{".receipts", ".jsonl"} {
			_ = os.Remove(filepath.Join(history, receipt.Digest([]byte(dir))[:24]+file))
		}
	})
	other := exec.CommandContext(t.Context(), o.Python, "-I", "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace",
		path)
	other.Env = append(os.Environ(), "JUPYTER_PATH="+o.Lab.JupyterPath(), "JPY_SESSION_NAME=", "HOME="+dir)
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	kernels := func(args ...string) (int, string) {
		var out bytes.Buffer
		status := run(t.Context(), append(args, "--dir", o.Lab.Dir), &out, &out)
		return status, out.String()
	}
	proven := func() int {
		nb, err := notebook.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		return nb.Proven()
	}
	if n := proven(); n != 0 {
		t.Fatalf("%d receipts were saved: this front end stands for those that save none", n)
	}
	if _, said := kernels("check", path); !strings.Contains(said, "2 more cells: go run ./kernels receipts ") {
		t.Errorf("check says %s", said)
	}
	if status, said := kernels("receipts", path); status != 0 || !strings.Contains(said, "all 2 cells") || proven() != 2 {
		t.Errorf("status %d, %d receipts: %s", status, proven(), said)
	}
	if _, said := kernels("check", path); strings.Contains(said, "receipt") {
		t.Errorf("check says %s", said)
	}
	// An output that is not what was executed gets none, and takes the notebook's place for no other.
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Replace(content, []byte(`"three\n"`), []byte(`"four\n"`), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, said := kernels("receipts", path); status != 1 || !strings.Contains(said, "1 of 2 cells") || proven() != 1 {
		t.Errorf("edited: status %d, %d receipts: %s", status, proven(), said)
	}
	// Of what no kernel of this lab executed there is nothing, and the file stays.
	elsewhere := filepath.Join(t.TempDir(), "m.ipynb")
	if err := os.WriteFile(elsewhere, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, said := kernels("receipts", elsewhere); status != 1 || !strings.Contains(said, "run --inplace") {
		t.Errorf("not executed: status %d: %s", status, said)
	}
	if same, err := os.ReadFile(elsewhere); err != nil || string(same) != source {
		t.Errorf("it was written: %v %s", err, same)
	}
}
