// Package plugin says where the lab keeps its things and which PJRT plugin runs XLA. The installer and the model both
// ask here, so that they never choose different plugins, and none is loaded that is not the one that was installed
// ([Check]).
//
// A plugin is looked for in this order, and the first one found is used:
//
//  1. the one that GOMLX_BACKEND names ("xla:/path/to/plugin.so"): the user asked for it;
//  2. the directories of PJRT_PLUGIN_LIBRARY_PATH: the user, or a container's maker, put one there;
//  3. the one that `kernels install` recorded: pinned and checked. Plugins of other checkouts may lie beside it;
//  4. where go-xla installs its own: of the release it was made for, or of no version.
package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proof"
)

// Environment variables that are read.
const (
	DirEnv     = "SIAMESE_LAB_DIR"          // the lab's directory
	BackendEnv = "GOMLX_BACKEND"            // GoMLX's backend; "xla:/path" names a plugin
	PathsEnv   = "PJRT_PLUGIN_LIBRARY_PATH" // directories of plugins, as in PATH

	// PortableEnv, set to 1, makes every backend portable that is opened, as the option portable in its name does: for
	// notebooks, whose cells and sessions inherit it.
	PortableEnv = "SIAMESE_PORTABLE"
)

// Release is the official release of the CPU plugin that go-xla v0.4.1 is made for.
const Release = "v0.114.0"

// The pinned plugin as PyPI carries it: package, version, and the digests of its only wheel and of the library in it.
const (
	Package = "lammps-jax-pjrt-cpu"
	Version = "0.11.2"
	Wheel   = "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1"
	Library = "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2"
)

// Outdated reports whether this is a plugin of the package that the lab pins, but another than the pinned one.
func (p Plugin) Outdated() bool { return p.Source == Package && p.Archive != Wheel }

// ErrNone is the error of a search that found no plugin.
var ErrNone = errors.New("XLA's plugin is not installed: run `go run ./kernels install`")

// Plugin is a PJRT plugin for CPUs: the library through which XLA compiles and runs a graph. Its JSON form is the
// installer's record. Of a plugin that somebody else installed only Path, Size and Why are known.
type Plugin struct {
	Path    string `json:"path"`    // of the library: absolute; in a record seen from its folder
	Source  string `json:"source"`  // where the installer got it
	Version string `json:"version"` // of the source
	Archive string `json:"archive"` // SHA-256 of the archive it was taken from
	SHA256  string `json:"sha256"`  // of the library
	Size    int64  `json:"size"`    // of the library, in bytes
	Why     string `json:"-"`       // why this one was chosen, in a few words
}

// installed is why a recorded plugin is chosen.
const installed = "installed by `kernels install`"

// Installed reports whether this is the plugin that `kernels install` recorded.
func (p Plugin) Installed() bool { return p.Why == installed }

// Dir returns the lab's directory, which `kernels install` fills: $SIAMESE_LAB_DIR, or siamese-lab in the user's cache
// directory. It fails where neither is known.
func Dir() (string, error) {
	if dir := os.Getenv(DirEnv); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("the lab's directory: %w: set %s", err, DirEnv)
	}
	return filepath.Join(cache, "siamese-lab"), nil
}

// Folder is where the lab's directory dir holds its plugins.
func Folder(dir string) string { return filepath.Join(dir, "plugin") }

// Record is the file in the lab's directory dir that describes the plugin that was installed last. There is one like it
// beside each library, see [Beside]. Both are written after the library.
func Record(dir string) string { return filepath.Join(Folder(dir), record) }

// Beside is the file that describes the installed plugin at path.
func Beside(path string) string { return filepath.Join(filepath.Dir(path), record) }

// record is the name of records.
const record = "plugin.json"

// Find returns the plugin to use, for the lab's directory dir. See the package for the order and the reasons.
// It returns an error when GOMLX_BACKEND names a path without a plugin, and one that matches [ErrNone] when there is
// none; a record that is damaged is passed over, and named in that error.
func Find(dir string) (Plugin, error) { return FindIn(dir, GoXLA()) }

// FindIn is [Find] with the directories where go-xla installs plugins.
func FindIn(dir string, goxla []string) (Plugin, error) {
	if path, ok := strings.CutPrefix(os.Getenv(BackendEnv), "xla:"); ok {
		path, _, _ = strings.Cut(path, ",") // options follow a comma
		if filepath.IsAbs(path) {
			return existing(path, BackendEnv+" names it")
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv(PathsEnv)) {
		if p, ok := inDir(dir, "found in "+PathsEnv); ok {
			return p, nil
		}
	}
	recorded, err := Recorded(dir)
	if err == nil {
		return recorded, nil
	}
	for _, dir := range goxla {
		if p, ok := inDir(dir, "installed by go-xla"); ok {
			return p, nil
		}
	}
	if errors.Is(err, fs.ErrNotExist) && recorded.Path == "" { // never installed
		return Plugin{}, ErrNone
	}
	return Plugin{}, fmt.Errorf("%w (%w)", ErrNone, err)
}

// Recorded returns the plugin that `kernels install` recorded in the lab's directory dir: the one that was installed
// last or, where that is of another checkout's version, the pinned one. It fails if there is no record, or the library
// is not as long as it was; the error matches [fs.ErrNotExist] when either file is missing. Of the library's bytes it
// looks at none: see [Check].
func Recorded(dir string) (Plugin, error) {
	last, err := read(Record(dir))
	if last.Path != "" && !last.Outdated() {
		return last, err
	}
	folders, listErr := os.ReadDir(Folder(dir))
	if listErr != nil {
		return last, err // there is no plugin
	}
	for _, folder := range folders {
		p, otherErr := read(filepath.Join(Folder(dir), folder.Name(), record))
		if otherErr == nil && p.Archive == Wheel {
			return p, nil
		}
	}
	return last, err
}

// read returns the plugin that a record describes.
func read(record string) (Plugin, error) {
	content, err := os.ReadFile(record)
	if err != nil {
		return Plugin{}, err
	}
	p := Plugin{Why: installed}
	if err := json.Unmarshal(content, &p); err != nil {
		return Plugin{}, fmt.Errorf("%s: %w", record, err)
	}
	if p.Path == "" {
		return Plugin{}, fmt.Errorf("%s names no path", record)
	}
	if !filepath.IsAbs(p.Path) { // so that a lab's directory can be moved
		p.Path = filepath.Join(filepath.Dir(record), p.Path)
	}
	info, err := os.Stat(p.Path)
	if err != nil {
		return p, err
	}
	if info.Size() != p.Size {
		return p, fmt.Errorf("%s has %d bytes, %d were installed: %w", p.Path, info.Size(), p.Size, proof.ErrDamaged)
	}
	return p, nil
}

// Check returns nil if the library at path is as `kernels install` recorded it beside it, by its SHA-256, or if it was
// installed by somebody else, of whose bytes nothing is known. Else the error matches [proof.ErrDamaged], or says why
// the library or its record cannot be read. It is called before a plugin is loaded; what has been found right once is
// read again only when the file has changed since.
func Check(path string) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	content, err := os.ReadFile(Beside(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var p Plugin
	if err == nil {
		err = json.Unmarshal(content, &p)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", Beside(path), err)
	case filepath.Base(p.Path) != filepath.Base(path):
		return nil // a library that somebody put there
	case p.Archive == Wheel && p.SHA256 != Library:
		return fmt.Errorf("%s is not the record of the pinned plugin: %w", Beside(path), proof.ErrDamaged)
	}
	return proof.File{Size: p.Size, SHA256: p.SHA256}.Check(path)
}

// GoXLA are the directories that go-xla installs plugins to.
func GoXLA() []string {
	dirs := []string{"/usr/local/lib/go-xla"}
	home, err := os.UserHomeDir()
	if err != nil {
		return dirs
	}
	own := filepath.Join(home, ".local", "lib", "go-xla")
	if runtime.GOOS == "darwin" {
		own = filepath.Join(home, "Library", "Application Support", "go-xla")
	}
	return append([]string{own}, dirs...)
}

// existing describes a plugin that somebody else installed. It fails unless path is a file that holds something.
func existing(path, why string) (Plugin, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Plugin{}, fmt.Errorf("XLA's plugin (%s): %w", why, err)
	}
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return Plugin{}, fmt.Errorf("XLA's plugin (%s): %s is not a library", why, path)
	}
	return Plugin{Path: path, Size: info.Size(), Why: why}, nil
}

// inDir returns the CPU plugin of a directory: the release that go-xla is made for, else the unversioned one. Other
// versions are passed over, since they may not fit; so are relative directories, since a kernel runs elsewhere.
func inDir(dir, why string) (Plugin, bool) {
	if !filepath.IsAbs(dir) {
		return Plugin{}, false
	}
	for _, name := range []string{"pjrt_c_api_cpu_" + Release + "_plugin", "pjrt_c_api_cpu_plugin"} {
		for _, ext := range []string{".so", ".dylib"} {
			if p, err := existing(filepath.Join(dir, name+ext), why); err == nil {
				return p, true
			}
		}
	}
	return Plugin{}, false
}
