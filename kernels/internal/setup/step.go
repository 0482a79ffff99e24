// Package setup puts the Jupyter side in place and says what is there: Python packages, the kernel's tools,
// the XLA plugin and the kernelspecs. Everything is pinned; what is there already is left alone.
package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Options are the user's choices for an installation.
type Options struct {
	Python       string `placeholder:"PROGRAM" help:"Python to use (default: the first of 3.10 or newer in PATH)."`
	NoXLA        bool   `name:"no-xla" help:"Leave XLA out: use the pure-Go backend."`
	PluginSHA256 string `name:"plugin-sha256" placeholder:"DIGEST" help:"Use XLA's official release with this SHA-256."`
	PluginURL    string `name:"plugin-url" placeholder:"URL" help:"Where its archive is (default: its release page)."`

	UserKernels bool `kong:"-"` // also register the kernels in the user's own Jupyter
	// also build gopls, which completes code in JupyterLab; executing notebooks needs none
	Gopls     bool   `kong:"-"`
	Kernel    string `kong:"-"` // kernel to compile cells' packages for; empty: the best one there is
	Recompile bool   `kong:"-"` // compile cells' packages even if they were: the checkout may have changed since
	Live      bool   `kong:"-"` // progress goes to a terminal
}

// ErrPluginURL is the error of an address of a plugin without its digest.
var ErrPluginURL = errors.New("--plugin-url needs --plugin-sha256: a plugin that is not pinned is never used")

// Validate returns an error if the options do not go together.
func (o Options) Validate() error {
	if o.PluginURL != "" && o.PluginSHA256 == "" {
		return ErrPluginURL
	}
	return nil
}

// Installer puts things in place. Lab, Go and board must be set; the other fields are for tests and have defaults.
type Installer struct {
	Lab     place.Lab
	Go      GoEnv
	Options Options
	*board

	fetchWheel func(ctx context.Context, python, dir string) (string, error) // default: pip download
	goxla      []string                                                      // default: where go-xla installs plugins
	// largest plugin, in bytes; default maxPlugin
	limit int64
}

// digest returns the SHA-256 of several texts, each with its length, in hexadecimal.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// marker is a file written last, when everything beside it is complete: what a killed installer left has none.
type marker struct {
	Digest string `json:"digest"` // of what the neighbours were made from
	Made   string `json:"made"`   // human-readable: what made them
}

// readMarker returns a marker, or the zero marker when there is none or it cannot be read.
func readMarker(path string) marker {
	var m marker
	content, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(content, &m) != nil {
		return marker{}
	}
	return m
}

// writeMarker writes a marker.
func writeMarker(path string, m marker) error {
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return place.WriteFile(path, append(content, '\n'), 0o644)
}

// executable reports whether a path is a file that may be run, links followed.
func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// removeOthers removes the siblings that match a pattern in a directory, except one. What cannot be removed stays:
// it takes room and does no harm.
func removeOthers(dir, pattern, keep string) {
	paths, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return
	}
	for _, path := range paths {
		if path != keep {
			os.RemoveAll(path)
		}
	}
}

// ErrPrerequisite marks errors about what the installer cannot install itself and the user must.
var ErrPrerequisite = errors.New("a prerequisite is missing")
