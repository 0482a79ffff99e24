package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/plugin"
)

// pluginFile is the name our copy of the plugin has: go-xla takes the part between "api_" and "_plugin" for its name.
const pluginFile = "pjrt_c_api_cpu_plugin.so"

// origin returns in a few words where a plugin came from and why it is the one that is used.
func origin(p plugin.Plugin) string {
	// Source and Version are known of our own plugin only; of others the path says most.
	if source := strings.TrimSpace(p.Source + " " + p.Version); source != "" {
		return source + ", " + p.Why
	}
	return p.Path + ", " + p.Why
}

// outdated reports whether the plugin that we installed comes from another wheel than the pinned one. Plugins of others
// are their own affair.
func outdated(p plugin.Plugin) bool {
	return p.Installed() && strings.HasPrefix(p.Source, wheelPackage) && p.Archive != wheelSHA256
}

// probePlugin loads the library and prints the version of the PJRT interface it offers. The version sits in the
// structure that GetPjrtApi returns, after its size, a pointer, and the version's own size and pointer.
const probePlugin = `import ctypes, sys
lib = ctypes.CDLL(sys.argv[1])
lib.GetPjrtApi.restype = ctypes.c_void_p
at = lib.GetPjrtApi() + 2 * ctypes.sizeof(ctypes.c_size_t) + 2 * ctypes.sizeof(ctypes.c_void_p)
major, minor = (ctypes.c_int.from_address(at + i * ctypes.sizeof(ctypes.c_int)).value for i in range(2))
print("%d.%d" % (major, minor))`

// ProbePlugin loads a plugin in a process of its own (python is an interpreter) and returns the version of the PJRT
// interface it offers, such as "0.115". It fails if the library does not load here, for instance because it is of
// another processor or wants a newer C library. A library that crashes takes that process with it, not this one.
func ProbePlugin(ctx context.Context, python, path string) (string, error) {
	out, err := proc.Cmd{Name: python, Args: []string{"-c", probePlugin, path}}.Run(ctx)
	if err != nil {
		return "", fmt.Errorf("%s does not load: %w", path, errors.New(proc.Tail(err.Error(), 1)))
	}
	return strings.TrimSpace(out), nil
}

// describe looks closely at a plugin, whether it is as it was installed and whether it loads, and describes it in
// words. python is an interpreter, "" = there is none yet, which is an error. It reads the whole library, 200 MB, to
// hash it; that is why [plugin.Find], which every run calls, compares the size only.
func describe(ctx context.Context, python string, p plugin.Plugin) (string, error) {
	// Plugins of others have no digest to compare with.
	if p.SHA256 != "" {
		sum, err := fileSHA256(p.Path)
		if err != nil {
			return "", err
		}
		if sum != p.SHA256 {
			return "", fmt.Errorf("%s is damaged: remove it first (sha256 %s, %s was installed)", p.Path, sum, p.SHA256)
		}
	}
	if python == "" {
		return "", fmt.Errorf("%s cannot be tried before the environment is installed", p.Path)
	}
	api, err := ProbePlugin(ctx, python, p.Path)
	if err != nil {
		return "", err
	}
	state := fmt.Sprintf("%s (%s), PJRT %s", p.Path, p.Why, api)
	if p.SHA256 != "" {
		state += fmt.Sprintf(", %s %s, sha256 %s", p.Source, p.Version, p.SHA256)
	}
	return state, nil
}
