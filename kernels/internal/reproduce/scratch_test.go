package reproduce

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/kernels/internal/notebook"
	"github.com/go-siamese/lab/kernels/internal/receipt"
)

// tree writes files with their names as content, below a new directory.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		at := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// contents returns the regular files below a directory with their contents.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		all[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The scratch folder has what lies beside the notebook and above it; what the notebook makes is not there, and
// whatever is written there leaves the user's files as they are.
func TestScratch(t *testing.T) {
	all := []string{"data/x.csv", "nb/a.ipynb", "nb/a.csv", "nb/big.bin", "nb/sub/b.csv", "nb/sub/c/d.csv", "nb/runs/m",
		"nb/out/m", "nb/sub/out/kept", "nb/model", "nb/config", "nb/.git/HEAD", "nb/.env", "nb/a.executed.ipynb",
		"nb/a.executed.html", "nb/.b.lock"}
	root := tree(t, all...)
	if err := os.Symlink("../data", filepath.Join(root, "nb", "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "nb", "dead")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../data/x.csv", filepath.Join(root, "nb", "x.csv")); err != nil {
		t.Fatal(err)
	}
	before := contents(t, filepath.Join(root, "nb", "sub"))
	nb, err := notebook.Parse([]byte(`{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
		{"cell_type": "code", "id": "a", "metadata": {"tags": ["parameters"]}, "outputs": [], "execution_count": 1,
		 "source": "var Runs = \"./out\""}]}`))
	if err != nil {
		t.Fatal(err)
	}
	nb.Cells[0].SetReceipt(&receipt.Cell{Read: []receipt.File{{Name: "config"}},
		Written: []receipt.File{{Name: "model"}, {Name: "config"}}})
	defer func(n int64) { largest = n }(largest)
	largest = int64(len("nb/sub/c/d.csv"))
	if err := os.WriteFile(filepath.Join(root, "nb", "big.bin"), make([]byte, largest+1), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := newScratch(filepath.Join(root, "nb"), madeBy(nb).leave)
	defer s.remove()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".env", "a.csv", "a.ipynb", "big.bin", "config", "sub/b.csv", "sub/c/d.csv", "sub/out/kept", "x.csv"}
	var got []string
	err = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if name, _ := filepath.Rel(s.dir, path); err == nil && !d.IsDir() && name != "linked" {
			got = append(got, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the folder (-want +got):\n%s", diff)
	}
	listed, err := names(filepath.Join(root, "nb"), madeBy(nb).leave)
	if err != nil || !slices.Contains(listed, "sub/b.csv") || slices.Contains(listed, "out") ||
		slices.Contains(listed, "model") {
		t.Errorf("listed %q, %v", listed, err)
	}
	for _, path := range []string{"../data/x.csv", "linked/x.csv"} {
		if content, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(path))); string(content) != "data/x.csv" {
			t.Errorf("%s: %q, %v", path, content, err)
		}
	}
	if info, err := os.Lstat(filepath.Join(s.dir, "big.bin")); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the large file is no link: %v, %v", info, err)
	}
	for _, name := range []string{"a.csv", "sub/b.csv", "x.csv", "runs"} {
		if err := os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(name)), []byte("other"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, contents(t, filepath.Join(root, "nb", "sub"))); diff != "" {
		t.Errorf("the user's files changed:\n%s", diff)
	}
	for _, name := range []string{"nb/a.csv", "data/x.csv"} {
		if content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name))); string(content) != name {
			t.Errorf("%s became %q, %v", name, content, err)
		}
	}
	if err := s.changed(); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "big.bin"), []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.changed(); err == nil {
		t.Error("a large file that was written is not told")
	}
	s.remove()
	if _, err := os.Stat(s.root); err == nil {
		t.Error("the folder is still there")
	}
	if _, err := os.Stat(filepath.Join(root, "data", "x.csv")); err != nil {
		t.Errorf("what was linked is gone: %v", err)
	}
}

// A folder of temporary files may hold the notebook: the scratch folder is not copied into itself.
func TestScratchInItself(t *testing.T) {
	root := tree(t, "a.ipynb", "b/c")
	t.Setenv("TMPDIR", root)
	s, err := newScratch(root, func(string, fs.DirEntry) bool { return false })
	defer s.remove()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.ipynb": "a.ipynb", "b/c": "b/c"}, contents(t, s.dir)); diff != "" {
		t.Errorf("the folder (-want +got):\n%s", diff)
	}
}

// What the user may not read is passed over: the notebook could not read it either.
func TestScratchUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	root := tree(t, "a.ipynb", "secret/b", "c")
	for _, name := range []string{"secret", "c"} {
		if err := os.Chmod(filepath.Join(root, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	defer os.Chmod(filepath.Join(root, "secret"), 0o700)
	s, err := newScratch(root, func(string, fs.DirEntry) bool { return false })
	defer s.remove()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(s.dir, "c")); err != nil {
		t.Error(err)
	}
}
