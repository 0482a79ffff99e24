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
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/go-siamese/lab/kernels/internal/place"
)

// Options are the user's choices for an installation.
type Options struct {
	Python       string // interpreter to make the environment with; empty: the first suitable one in PATH
	UserKernels  bool   // also register the kernels in the user's own Jupyter
	PluginURL    string // replaces the address of the official plugin release
	PluginSHA256 string // digest of the official release's archive; without it that source is passed over
	NoXLA        bool   // leave XLA out, even where it could be had
	Kernel       string // kernel to compile cells' packages for; empty: the best one there is
}

// Installer puts things in place. Lab, Go and Out must be set; the other fields are for tests and have defaults.
type Installer struct {
	Lab     place.Lab
	Go      GoEnv
	Options Options
	Out     io.Writer // progress lines

	fetchWheel func(ctx context.Context, python, dir string) (string, error) // default: pip download
	pluginDirs []string                                                      // default: where go-xla looks
	limit      int64                                                         // largest plugin, in bytes; default maxPlugin
}

// said prints one progress line: what was looked at, and what came of it.
func (in *Installer) said(what, format string, args ...any) {
	fmt.Fprintf(in.Out, "%-14s %s\n", what, fmt.Sprintf(format, args...))
}

// timed prints what is being done and, at the end, how long it took.
func (in *Installer) timed(what, doing string, do func() error) error {
	in.said(what, "%s …", doing)
	start := time.Now()
	if err := do(); err != nil {
		return err
	}
	in.said(what, "done in %.1f s", time.Since(start).Seconds())
	return nil
}

// digest returns the SHA-256 of several texts, each with its length, in hexadecimal.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// marker is a file written last, when everything beside it is complete.
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

// executable tells whether a path is a file that may be run, links followed.
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
