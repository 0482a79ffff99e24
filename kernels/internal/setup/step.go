// Package setup puts the Jupyter side in place and says what is there: Python packages, the kernel's tools, the XLA
// plugin and the kernelspecs. [New] and [Installer.Install] install, [Doctor] only looks.
//
// Everything is pinned, by a lock, a go.sum or a digest; what is there already is left alone. Each part has a marker or
// a record that is written when it is complete, with a digest of what it was made from: whatever was left half made, or
// was made from other pins, is made anew. Nothing outside of the lab's directory is changed but the caches of Go and
// pip, and the user's Jupyter if asked.
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
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proof"
)

// Options are the user's choices for an installation. The zero value installs what executing notebooks needs, for the
// best kernel there is. The fields with help are flags of every command that installs; the others are for the commands
// to set.
type Options struct {
	Python       string `placeholder:"PROGRAM" help:"Python to use (default: the first of 3.10 or newer in PATH)."`
	NoXLA        bool   `name:"no-xla" help:"Leave XLA out: use the pure-Go backend."`
	PluginSHA256 string `name:"plugin-sha256" placeholder:"DIGEST" help:"Use XLA's official release with this SHA-256."`
	PluginURL    string `name:"plugin-url" placeholder:"URL" help:"Where its archive is (default: its release page)."`

	// Register are directories of kernels outside of the lab's directory, those of other Jupyters, where the kernels are
	// registered too: see [UserKernels] and [PrefixKernels].
	Register []string `kong:"-"`
	// Name is what the kernels' names begin with there; "" = siamese or, where another checkout has that, one with the
	// name of the checkout's folder.
	Name string `kong:"-"`
	// Gopls also builds gopls, which completes code in JupyterLab; executing notebooks needs none, and it takes as long
	// to compile as all other tools.
	Gopls bool `kong:"-"`
	// Kernel is the kernel to compile cells' packages for; "" = the best one there is.
	Kernel string `kong:"-"`
	// Recompile compiles cells' packages even if they were compiled before: the checkout may have changed since.
	Recompile bool `kong:"-"`
	// Retry asks for the plugin again that could not be fetched the last time; a run does without it.
	Retry bool `kong:"-"`
	// Verify reads what is there and compares its bytes with what was installed, not only its sizes.
	Verify bool `kong:"-"`
	// Live = progress goes to a terminal.
	Live bool `kong:"-"`
}

// ErrPluginURL is the error of an address of a plugin without its digest.
var ErrPluginURL = errors.New("--plugin-url needs --plugin-sha256: a plugin that is not pinned is never used")

// Validate returns an error if the options do not go together. kong calls it after parsing, New for everybody else.
func (o Options) Validate() error {
	if o.PluginURL != "" && o.PluginSHA256 == "" {
		return ErrPluginURL
	}
	return nil
}

// Installer puts things in place. [New] makes it; the fields that are not exported are for tests, and their zero values
// are the defaults. Install runs two lanes at once, so that the methods only read the fields; the board locks itself.
type Installer struct {
	Lab     place.Lab
	Go      GoEnv
	Options Options
	*board

	// fetchWheel replaces pipDownload.
	fetchWheel func(ctx context.Context, python, dir string) (string, error)
	// goxla replaces the directories where go-xla installs plugins.
	goxla []string
	// limit is the largest plugin, in bytes; 0 = maxPlugin.
	limit int64
}

// digest returns the SHA-256 of several texts, each with its length, in hexadecimal. With the lengths "a", "bc" and
// "ab", "c" differ.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// marker is a file written last, when everything beside it is complete: what a killed installer left has none.
type marker struct {
	// Digest is of what the neighbours were made from.
	Digest string `json:"digest"`
	// Made says what made them, for people.
	Made string `json:"made"`
	// Files are the neighbours that have to stay as they were made, by name; nil = it is not known.
	Files map[string]proof.File `json:"files,omitempty"`
}

// readMarker returns a marker, or the zero marker when there is none or it cannot be read: either way things are made
// anew.
func readMarker(path string) marker {
	var m marker
	content, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(content, &m) != nil {
		return marker{}
	}
	return m
}

// writeMarker writes a marker, atomically.
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

// removeOthers removes what a killed installer left in a directory: the entries whose name begins with prefix, except
// one. What cannot be removed stays: it takes room and does no harm.
func removeOthers(dir, prefix, keep string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); strings.HasPrefix(e.Name(), prefix) && path != keep {
			os.RemoveAll(path)
		}
	}
}

// ErrPrerequisite marks errors about what the installer cannot install itself and the user must.
var ErrPrerequisite = errors.New("a prerequisite is missing")
