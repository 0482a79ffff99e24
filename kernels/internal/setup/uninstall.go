package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/plugin"
)

// ErrInUse is the error of an uninstallation while a kernel or JupyterLab runs from what it would remove.
var ErrInUse = errors.New("in use: end the kernels and JupyterLab that run, then try again")

// kept are the folders and files in the lab's directory that hold what was installed or kept while cells ran, beside
// those named after digests. Whatever else is there is somebody else's: the directory may be any.
var kept = []string{"checkouts", "plugin", "history", "log", "runtime", "session", "quick", "cells", "trust", "frames",
	"digests.json", "kernel.log", ".lock"}

// Uninstall removes what [Installer.Install] has put in place for the checkout, also kernels in other Jupyters, and says
// what. Programs, environments and plugins stay as long as another checkout that is there has kernels, unless all is
// set: then all goes, theirs too. The caches of Go and pip and the checkouts are left alone. It fails, having removed
// nothing shared, if something is in use.
func Uninstall(ctx context.Context, lab place.Lab, all bool, said func(format string, args ...any)) error {
	if _, err := os.Stat(lab.Dir); err != nil {
		said("nothing is installed in %s", lab.Dir)
		return nil
	}
	unlock, err := lab.Lock(ctx, func() { said("waiting for an installer to finish") })
	if err != nil {
		return err
	}
	defer unlock()
	in := &Installer{Lab: lab}
	checkouts := filepath.Join(lab.Dir, "checkouts")
	var others []string
	entries, err := os.ReadDir(checkouts)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		dir := filepath.Join(checkouts, e.Name())
		repo := readText(filepath.Join(dir, ownerFile))
		if repo != lab.Repo && place.IsCheckout(repo) && !all {
			others = append(others, repo)
			continue
		}
		in.Lab.Repo = repo
		for _, r := range readRegistrations(dir) {
			for _, removed := range in.unregister(r) {
				said("removed %s", removed)
			}
		}
		if !place.Remove(dir) {
			return fmt.Errorf("%s: %w", dir, ErrInUse)
		}
		said("removed %s", dir)
	}
	if len(others) > 0 {
		slices.Sort(others)
		said("kept %s, which is shared with %s; --all removes it too", lab.Dir, strings.Join(others, " and "))
		return nil
	}
	return removeShared(lab.Dir, said)
}

// removeShared removes what checkouts share in the lab's directory, and the directory if nothing else is in it.
func removeShared(dir string, said func(format string, args ...any)) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		ours := slices.Contains(kept, e.Name()) || strings.HasPrefix(e.Name(), ".tools-")
		for _, prefix := range digested {
			ours = ours || strings.HasPrefix(e.Name(), prefix)
		}
		if !ours {
			said("left %s, which is not of the lab", path)
			continue
		}
		if path == plugin.Folder(dir) {
			if err := removePlugins(path); err != nil {
				return err
			}
		}
		if !place.Remove(path) {
			return fmt.Errorf("%s: %w", path, ErrInUse)
		}
		said("removed %s", path)
	}
	if os.Remove(dir) == nil { // it is empty
		said("removed %s", dir)
	}
	return nil
}

// removePlugins removes plugins that nobody uses.
func removePlugins(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); e.IsDir() && !place.Remove(path) {
			return fmt.Errorf("%s: %w", path, ErrInUse)
		}
	}
	return nil
}
