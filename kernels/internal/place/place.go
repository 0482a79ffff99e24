// Package place knows where things of the Jupyter side live: the checkout whose packages notebooks import, and the
// directory where the installer keeps what it puts in place. It also writes files atomically and locks the directory.
// It installs nothing.
package place

import (
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/kernels/plugin"
)

// ModulePath is the module path that a checkout's go.mod must carry.
const ModulePath = "github.com/go-siamese/lab"

// Lab holds the two directories that everything else is derived from. Both are absolute, since kernels start elsewhere.
// Its methods only build paths, and say nothing about whether something is there; Lock is the exception.
type Lab struct {
	Dir  string // where the installer keeps its things
	Repo string // root of the checkout
}

// Find returns the Lab for a working directory.
//
// dir is the installer's directory; empty means [plugin.Dir]. from is the directory to look for the checkout in, and
// above; empty means the current one.
// It fails if from is not inside a checkout ([ErrNoCheckout]), or if no cache directory is known.
func Find(dir, from string) (Lab, error) {
	repo, err := findRepo(from)
	if err != nil {
		return Lab{}, err
	}
	if dir == "" {
		if dir, err = plugin.Dir(); err != nil {
			return Lab{}, fmt.Errorf("%w, or give --dir", err)
		}
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return Lab{}, fmt.Errorf("installer's directory %s: %w", dir, err)
	}
	return Lab{Dir: dir, Repo: repo}, checkDir(dir)
}

// ErrNoCheckout is the error of a search for the checkout in a directory that is in none.
var ErrNoCheckout = errors.New("not inside a checkout of " + ModulePath)

// findRepo walks up from a directory to the go.mod of this module. A go.mod of another module on the way is passed
// over: a notebook may have one beside it.
func findRepo(from string) (string, error) {
	start, err := filepath.Abs(from)
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		content, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && declares(string(content)):
			return at, nil
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("looking for the checkout: %w", err)
		case filepath.Dir(at) == at:
			return "", fmt.Errorf("%s is %w: run this in its root", start, ErrNoCheckout)
		}
	}
}

// declares reports whether a go.mod text is that of this module.
func declares(text string) bool {
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return strings.Trim(strings.TrimSpace(name), `"`) == ModulePath
		}
	}
	return false
}

// History is the directory of what was executed in notebooks.
func (l Lab) History() string { return filepath.Join(l.Dir, "history") }

// Log is the file that the kernel of a headless run writes its own messages to. result is the absolute path of the run's
// result, without ending: no two runs at once have the same.
func (l Lab) Log(result string) string {
	name := fmt.Sprintf("%s-%08x.log", filepath.Base(result), crc32.ChecksumIEEE([]byte(result)))
	return filepath.Join(l.Dir, "log", name)
}

// Requirements is the lock of Python packages in the checkout.
func (l Lab) Requirements() string { return filepath.Join(l.Repo, "kernels", "requirements.txt") }

// Python is the folder of the lab's own Python package in the checkout.
func (l Lab) Python() string { return filepath.Join(l.Repo, "kernels", "python") }

// ToolsMod is the modfile that pins the kernel's tools.
func (l Lab) ToolsMod() string { return filepath.Join(l.Repo, "kernels", "tools.mod") }

// Notebooks is the directory of the checkout's notebooks.
func (l Lab) Notebooks() string { return filepath.Join(l.Repo, "notebooks") }
