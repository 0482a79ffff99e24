package setup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/kernels/internal/proc"
	"github.com/go-siamese/lab/kernels/internal/proof"
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
	out, err := isolated(python, "-c", probePlugin, path).Run(ctx)
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
		if err := (proof.File{Size: p.Size, SHA256: p.SHA256}).Read(p.Path); err != nil {
			return "", err
		}
	}
	if python == "" {
		return "", fmt.Errorf("%s cannot be tried before the environment is installed", p.Path)
	}
	api, err := ProbePlugin(ctx, python, p.Path)
	if err != nil {
		return "", err
	}
	if err := fits(api); err != nil {
		return "", fmt.Errorf("%s: %w", p.Path, err)
	}
	state := fmt.Sprintf("%s (%s), PJRT %s, go-xla's is %s", p.Path, p.Why, api, pjrtAPI)
	if p.SHA256 != "" {
		state += fmt.Sprintf(", %s %s, sha256 %s", p.Source, p.Version, p.SHA256)
	}
	return state, nil
}

// pjrtAPI is the version of the PJRT interface that go-xla is written for: that of its header.
const pjrtAPI = "0.104"

// fits returns an error if a plugin's version of the interface is not one that go-xla can use: a newer one of the same
// major version adds to it, an older one lacks some of it, and another major version is another interface.
func fits(api string) error {
	var major, minor, wantMajor, wantMinor int
	if n, err := fmt.Sscanf(api, "%d.%d", &major, &minor); n != 2 {
		return fmt.Errorf("its version of PJRT is %q: %w", api, err)
	}
	if n, err := fmt.Sscanf(pjrtAPI, "%d.%d", &wantMajor, &wantMinor); n != 2 {
		return err
	}
	if major != wantMajor || minor < wantMinor {
		return fmt.Errorf("it speaks PJRT %s, and go-xla %s: use a plugin of the same major version that is not older", api,
			pjrtAPI)
	}
	return nil
}
