package siamese

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend" // always there: the pure-Go backend
)

// Backend runs compiled graphs. It is GoMLX's backend with the reason it was chosen.
type Backend struct {
	compute.Backend
	Why string // one line: which backend this is, and why it was chosen
}

// OpenBackend returns the backend called name, and is the one place that chooses it:
//
//   - "go": GoMLX's pure-Go backend, which runs everywhere;
//   - "xla": XLA on the CPU through its PJRT plugin, found in the lab's directory or where GoMLX keeps it;
//     "xla:/path/to/plugin.so" names the plugin, a CUDA one included. "xla:/path/to/plugin.so,tf32" lets an NVIDIA GPU round
//     the factors of float32 products to TF32, of training and of embedding; without it they stay what they are;
//   - "": what the environment variable GOMLX_BACKEND names; without one, XLA if its plugin is there, else Go.
//
// It never downloads anything: `go run ./kernels install` does. It returns an error when the named backend
// cannot be had; only "" falls back to Go, and says so in [Backend.Why].
func OpenBackend(name string) (*Backend, error) {
	why := "asked for by name"
	if name == "" {
		if name = os.Getenv(compute.ConfigEnvVar); name != "" {
			why = compute.ConfigEnvVar + " names it"
		}
	}
	kind, plugin, _ := strings.Cut(name, ":")
	switch kind {
	case "go":
		return openGo(why)
	case "xla":
		if plugin == "" {
			var err error
			if plugin, err = findPlugin(); err != nil {
				return nil, err
			}
		}
		return openXLA(plugin, why)
	case "":
		plugin, err := findPlugin()
		if err != nil {
			return openGo(err.Error())
		}
		backend, err := openXLA(plugin, "its plugin is installed")
		if err != nil {
			return openGo(err.Error())
		}
		return backend, nil
	}
	return nil, fmt.Errorf("backend %q (%s) is not known: use \"xla\", \"xla:/path/to/plugin.so\" or \"go\"", name, why)
}

// plain returns GoMLX's own backend, without the reason it was chosen.
func plain(backend compute.Backend) (compute.Backend, error) {
	if b, ok := backend.(*Backend); ok && b != nil {
		backend = b.Backend
	}
	if b, ok := backend.(*Backend); ok && b == nil || backend == nil {
		return nil, errors.New("the backend is nil: open one with OpenBackend")
	}
	return backend, nil
}

func openGo(why string) (*Backend, error) {
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		return nil, fmt.Errorf("backend go: %w", err)
	}
	simd := "with SIMD"
	if !simdEnabled {
		simd = "without SIMD, about 5 times slower: build with GOEXPERIMENT=simd"
	}
	return &Backend{Backend: backend, Why: fmt.Sprintf("backend: pure Go, %s (%s)", simd, why)}, nil
}

func openXLA(plugin, why string) (*Backend, error) {
	if err := xlaAvailable(); err != nil {
		return nil, err
	}
	if path, _, _ := strings.Cut(plugin, ","); filepath.IsAbs(path) { // options follow a comma
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("backend xla (%s): plugin: %w: run `go run ./kernels install`, or name another", why, err)
		}
	}
	tuneMalloc()
	restore := setXLAFlags()
	backend, err := compute.NewWithConfig("xla:" + withoutTF32(plugin))
	restore()
	if err != nil {
		return nil, fmt.Errorf("backend xla (%s): plugin %s does not load: %w: run `go run ./kernels install`, or use the backend \"go\"", why, plugin, err)
	}
	dropCode() // loading is over
	return &Backend{Backend: backend, Why: fmt.Sprintf("backend: XLA through %s (%s)", filepath.Base(plugin), why)}, nil
}

// withoutTF32 returns the plugin and its options with TF32 off unless they name it: go-xla has it on where the plugin is CUDA's,
// and float32 would not be float32.
func withoutTF32(plugin string) string {
	if _, options, _ := strings.Cut(plugin, ","); strings.Contains(options, "tf32") {
		return plugin
	}
	return plugin + ",tf32=false"
}

var errNoPlugin = errors.New("XLA's plugin is not installed: `go run ./kernels install` does it")

// LabDir returns the directory that `go run ./kernels install` fills: $SIAMESE_LAB_DIR, or siamese-lab in the
// user's cache directory.
func LabDir() (string, error) {
	if dir := os.Getenv("SIAMESE_LAB_DIR"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache directory: %w: set SIAMESE_LAB_DIR", err)
	}
	return filepath.Join(cache, "siamese-lab"), nil
}

// findPlugin returns the path of XLA's CPU plugin: the one `kernels install` recorded in the lab's directory,
// else one where go-xla keeps its own.
func findPlugin() (string, error) {
	dir, err := LabDir()
	if err != nil {
		return "", err
	}
	record := filepath.Join(dir, "plugin", "plugin.json")
	content, err := os.ReadFile(record)
	if errors.Is(err, fs.ErrNotExist) {
		return systemPlugin()
	}
	var plugin struct {
		Path string `json:"path"`
	}
	if err == nil {
		err = json.Unmarshal(content, &plugin)
	}
	if err == nil && plugin.Path == "" {
		err = errors.New("it names no path")
	}
	if err != nil {
		return "", fmt.Errorf("XLA's plugin: %s: %w: run `go run ./kernels install`", record, err)
	}
	return plugin.Path, nil
}
