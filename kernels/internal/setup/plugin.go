package setup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/place"
	"github.com/go-siamese/lab/kernels/internal/proc"
)

// officialVersion is the release of the official CPU plugin that go-xla v0.4.1 is made for.
const officialVersion = "v0.114.0"

// pluginFile is the name our copy of the plugin has: go-xla takes the part between "api_" and "_plugin" for its name.
const pluginFile = "pjrt_c_api_cpu_plugin.so"

// Plugin is a PJRT plugin for CPUs: the library through which XLA compiles and runs a graph.
type Plugin struct {
	Path    string `json:"path"`    // absolute path of the library
	Source  string `json:"source"`  // where it came from, in words
	Version string `json:"version"` // of the source; empty for a plugin that was found
	Archive string `json:"archive"` // SHA-256 of the archive it was taken from; empty for a plugin that was found
	SHA256  string `json:"sha256"`  // of the library; empty for a plugin that was found
	Size    int64  `json:"size"`    // of the library, in bytes
	Ours    bool   `json:"-"`       // whether the installer put it there
}

// pluginRecord is the file that describes our plugin; it is written after the library.
func pluginRecord(lab place.Lab) string { return filepath.Join(lab.Plugins(), "plugin.json") }

// ownPlugin returns the plugin the installer put in place.
func ownPlugin(lab place.Lab) (Plugin, error) {
	content, err := os.ReadFile(pluginRecord(lab))
	if err != nil {
		return Plugin{}, err
	}
	p := Plugin{}
	if err := json.Unmarshal(content, &p); err != nil {
		return Plugin{}, fmt.Errorf("%s: %w", pluginRecord(lab), err)
	}
	info, err := os.Stat(p.Path)
	if err != nil {
		return Plugin{}, err
	}
	if info.Size() != p.Size {
		return Plugin{}, fmt.Errorf("%s has %d bytes, %d were installed", p.Path, info.Size(), p.Size)
	}
	p.Ours = true
	return p, nil
}

// FindPlugin returns the CPU plugin that is there already, looked for in this order: the one named by $GOMLX_BACKEND
// ("xla:/path"), the directories of $PJRT_PLUGIN_LIBRARY_PATH, ours, and the places go-xla installs to.
func FindPlugin(lab place.Lab) (Plugin, bool) {
	return findPlugin(lab, defaultPluginDirs())
}

// findPlugin is FindPlugin with go-xla's places given.
func findPlugin(lab place.Lab, dirs []string) (Plugin, bool) {
	if path, ok := strings.CutPrefix(os.Getenv("GOMLX_BACKEND"), "xla:"); ok {
		path, _, _ = strings.Cut(path, ",") // options follow a comma
		if filepath.IsAbs(path) && isFile(path) {
			return found(path, "named by GOMLX_BACKEND"), true
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("PJRT_PLUGIN_LIBRARY_PATH")) {
		if path := pluginIn(dir); path != "" {
			return found(path, "in PJRT_PLUGIN_LIBRARY_PATH"), true
		}
	}
	if p, err := ownPlugin(lab); err == nil {
		return p, true
	}
	for _, dir := range dirs {
		if path := pluginIn(dir); path != "" {
			return found(path, "installed by go-xla"), true
		}
	}
	return Plugin{}, false
}

// found describes a plugin that somebody else installed.
func found(path, source string) Plugin {
	p := Plugin{Path: path, Source: source}
	if info, err := os.Stat(path); err == nil {
		p.Size = info.Size()
	}
	return p
}

// pluginIn returns the path of a CPU plugin in a directory: the release that go-xla is made for, else the unversioned
// name. Other versions are passed over, since they may not fit.
func pluginIn(dir string) string {
	if !filepath.IsAbs(dir) {
		return ""
	}
	for _, name := range []string{"pjrt_c_api_cpu_" + officialVersion + "_plugin", "pjrt_c_api_cpu_plugin"} {
		for _, ext := range []string{".so", ".dylib"} {
			if path := filepath.Join(dir, name+ext); isFile(path) {
				return path
			}
		}
	}
	return ""
}

// defaultPluginDirs are the places go-xla installs plugins to.
func defaultPluginDirs() []string {
	dirs := []string{"/usr/local/lib/go-xla"}
	home, err := os.UserHomeDir()
	if err != nil {
		return dirs
	}
	if runtime.GOOS == "darwin" {
		return append([]string{filepath.Join(home, "Library", "Application Support", "go-xla")}, dirs...)
	}
	return append([]string{filepath.Join(home, ".local", "lib", "go-xla")}, dirs...)
}

// isFile tells whether a path is a regular file that is not empty, links followed.
func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

// probePlugin loads the library and prints the version of the PJRT interface it offers. The version sits in the
// structure that GetPjrtApi returns, after its size, a pointer, and the version's own size and pointer.
const probePlugin = `import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
lib.GetPjrtApi.restype = ctypes.c_void_p
at = lib.GetPjrtApi() + 2 * ctypes.sizeof(ctypes.c_size_t) + 2 * ctypes.sizeof(ctypes.c_void_p)
print("%d.%d" % (ctypes.c_int.from_address(at).value, ctypes.c_int.from_address(at + ctypes.sizeof(ctypes.c_int)).value))`

// ProbePlugin loads a plugin in a process of its own (python is an interpreter) and returns the version of the PJRT
// interface it offers, such as "0.115". It fails if the library does not load here, for instance because it is of
// another processor or wants a newer C library.
func ProbePlugin(ctx context.Context, python, path string) (string, error) {
	out, err := proc.Cmd{Name: python, Args: []string{"-c", probePlugin, path}}.Run(ctx)
	if err != nil {
		return "", fmt.Errorf("%s does not load: %w", path, errors.New(proc.Tail(err.Error(), 1)))
	}
	return strings.TrimSpace(out), nil
}
