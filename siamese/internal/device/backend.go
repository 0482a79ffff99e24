package device

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"

	"github.com/go-siamese/lab/kernels/plugin"
)

// Backend runs compiled graphs. It is GoMLX's backend with the reason it was chosen, and keeps a few compiled graphs that
// later runs and models of the same shape use again; Finalize frees them with it.
type Backend struct {
	compute.Backend
	Why string // one line: which backend this is, and why it was chosen
}

// Open returns the backend called name; siamese.OpenBackend tells which there are.
func Open(name string) (*Backend, error) {
	why := "asked for by name"
	if name == "" {
		if name = os.Getenv(compute.ConfigEnvVar); name != "" {
			why = compute.ConfigEnvVar + " names it"
		}
	}
	kind, path, options, err := cutName(name)
	if err != nil {
		return nil, fmt.Errorf("backend %q (%s): %w", name, why, err)
	}
	switch kind {
	case "go":
		return openGo(why)
	case "xla":
		return openXLA(path, options, why)
	case "":
		backend, err := openXLA(path, options, "")
		if err != nil {
			return openGo(err.Error())
		}
		return backend, nil
	}
	return nil, fmt.Errorf("backend %q (%s) is not known: use \"xla\", \"xla:/path/to/plugin.so\" or \"go\"", name, why)
}

// opened returns backend with a cache of what is compiled for it.
func opened(backend compute.Backend, why string) *Backend {
	ExecCaches.Store(backend, &ExecCache{})
	return &Backend{Backend: backend, Why: why}
}

// Plain returns GoMLX's own backend, without the reason it was chosen.
func Plain(backend compute.Backend) (compute.Backend, error) {
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
	if !SIMDEnabled {
		simd = "without SIMD, about 5 times slower: build with GOEXPERIMENT=simd"
	}
	return opened(backend, fmt.Sprintf("backend: pure Go, %s (%s)", simd, why)), nil
}

// xlaOptions are what follows the plugin in a backend's name.
type xlaOptions struct {
	devices int    // that the processor is shown as; 0 = not said
	rest    string // for go-xla
}

// cutName cuts a backend's name, KIND[:PLUGIN][,OPTION]…, into its parts.
func cutName(name string) (kind, path string, options xlaOptions, err error) {
	name, all, _ := strings.Cut(name, ",")
	kind, path, _ = strings.Cut(name, ":")
	var rest []string
	for option := range strings.SplitSeq(all, ",") {
		key, value, _ := strings.Cut(option, "=")
		if key != "devices" {
			rest = append(rest, option)
			continue
		}
		if options.devices, err = strconv.Atoi(value); err != nil || options.devices < 1 {
			return "", "", options, fmt.Errorf("%q: want a number of devices, 1 or more", option)
		}
	}
	options.rest = strings.Join(rest, ",")
	if all != "" && kind != "xla" {
		return "", "", options, fmt.Errorf("options (%s) are for xla", all)
	}
	return kind, path, options, nil
}

// openXLA opens the plugin at path, or of that name; "" is the one that [plugin.Find] chooses. why says why XLA; "" = because
// that plugin is there.
func openXLA(path string, options xlaOptions, why string) (*Backend, error) {
	if err := XLAAvailable(); err != nil {
		return nil, err
	}
	dir, err := plugin.Dir()
	if path == "" {
		if err != nil {
			return nil, err
		}
		found, err := plugin.Find(dir)
		if err != nil {
			return nil, err
		}
		path, why = found.Path, strings.TrimPrefix(why+"; ", "; ")+found.Why
	}
	if filepath.IsAbs(path) { // anything else is the name of one of go-xla's plugins
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("backend xla (%s): plugin: %w: run `go run ./kernels install`, or name another", why, err)
		}
	}
	recorded, err := plugin.Recorded(dir)
	installed := err == nil && path == recorded.Path
	if installed && options.devices == 0 {
		options.devices = min(runtime.GOMAXPROCS(0), MaxCPUDevices)
	}
	tuneMalloc()
	restore := []func(){setXLAFlags(installed), setWorkers()}
	backend, err := newXLA(path+","+withoutTF32(options.rest), options.devices)
	for _, restore := range restore {
		restore()
	}
	if err != nil {
		return nil, fmt.Errorf("backend xla (%s): plugin %s does not load: %w: run `go run ./kernels install`, or use the backend \"go\"", why, path, err)
	}
	ReleaseCode() // loading is over
	return opened(backend, fmt.Sprintf("backend: XLA through %s (%s)", filepath.Base(path), why)), nil
}

// MaxCPUDevices is as many devices as the plugin shows a processor as by its own default. It has a worker a device at least, and
// more workers than cores cost 5 % of training (siamese bench, in turn, on 2 cores).
const MaxCPUDevices = 4

// setWorkers has XLA compute with no more threads than Go may run at once: GOMAXPROCS knows a container's share of the
// processor, which XLA does not.
func setWorkers() (restore func()) {
	most := runtime.GOMAXPROCS(0)
	if most >= runtime.NumCPU() || os.Getenv("NPROC") != "" || os.Getenv("PJRT_NPROC") != "" { // XLA reads both
		return func() {}
	}
	return setVariable("PJRT_NPROC", strconv.Itoa(most))
}

// withoutTF32 returns options of go-xla with TF32 off unless they name it: go-xla has it on where the plugin is CUDA's, and
// float32 would not be float32.
func withoutTF32(options string) string {
	switch {
	case options == "":
		return "tf32=false"
	case strings.Contains(options, "tf32"):
		return options
	}
	return options + ",tf32=false"
}
