package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// ready returns why cells of a notebook in dir cannot be built with the code of the checkout workspace, and what to do;
// "" = they can. A kernel is of one checkout: it would be wrong without a word where that is gone, or where the notebook
// is another checkout's.
func ready(workspace, dir string) (why, hint string) {
	if workspace == "" {
		return "", ""
	}
	if !place.IsCheckout(workspace) {
		return fmt.Sprintf("the checkout that this kernel builds cells in is gone: %q", workspace),
			"choose the kernel of another, or run `go run ./kernels install --user` in one that is there"
	}
	lab, err := place.Find(os.TempDir(), dir)
	if err != nil || same(lab.Repo, workspace) {
		return "", "" // the notebook is in no checkout, or in this one
	}
	// What reproduces a notebook makes folders that stand for those above it, with links to what they have.
	if same(filepath.Join(lab.Repo, "go.mod"), filepath.Join(workspace, "go.mod")) {
		return "", ""
	}
	return fmt.Sprintf("this notebook is in the checkout %q, and this kernel builds cells with the code of %q", lab.Repo,
			workspace),
		"choose the kernel of the notebook's checkout: in " + lab.Repo + " run `go run ./kernels lab`, or " +
			"`go run ./kernels install --user` for a Jupyter of your own"
}

// same reports whether two paths are of one file or directory.
func same(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// inUse says that the kernel's programs are in use, so that no other checkout's installer removes them.
func inUse(gopls string) {
	if self, err := os.Executable(); err == nil {
		place.Use(filepath.Dir(self))
	}
	if _, err := os.Stat(gopls); err == nil {
		place.Use(filepath.Dir(gopls))
	}
	// Those of the kernelspec's environment: the shims, and the plugin if the lab has installed it.
	if shell := os.Getenv("BASH_ENV"); strings.HasPrefix(filepath.Base(filepath.Dir(shell)), "shims-") {
		place.Use(filepath.Dir(shell))
	}
	if path, ok := strings.CutPrefix(os.Getenv(plugin.BackendEnv), "xla:"); ok {
		if _, err := os.Stat(plugin.Beside(path)); err == nil {
			place.Use(filepath.Dir(path))
		}
	}
}
