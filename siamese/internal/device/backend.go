// Package device opens backends and runs compiled graphs on one or several of their devices.
//
// [Open] returns a [Backend], which caches compiled graphs: [TakeExec] takes one from the cache or builds it. A
// [ParallelExec] runs one on several devices, with inputs that [Upload] splits over them or replicates. The package
// also keeps the process small: what compiling and loading XLA leave in memory is returned to the system ([Settle]).
//
// It knows nothing of encoders or losses. Its memory on devices is not garbage-collected in time: what is uploaded must
// be freed with [Finalize].
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

	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/kernels/plugin"
)

// Backend is GoMLX's backend with the reason for its choice. It keeps a few compiled graphs for later runs and models
// of the same shapes; Finalize frees them too. What goes to GoMLX or into a cache is the backend inside, see [Plain],
// so that callers may pass either.
type Backend struct {
	compute.Backend
	Why string // one line: the backend, and why it was chosen
}

// Open returns the backend called name; siamese.OpenBackend documents the names. An error names the backend and what
// chose it: the caller or the environment.
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
	asked, err := plugin.WantsPortable()
	if err != nil {
		return nil, err
	}
	options.portable = options.portable || asked
	switch kind {
	case "go":
		if options.portable {
			return nil, fmt.Errorf("backend go (%s): %w", why, errPortableXLA)
		}
		return openGo(why)
	case "xla":
		return openXLA(path, options, why)
	case "":
		backend, err := openXLA(path, options, "")
		if err != nil && options.portable {
			return nil, fmt.Errorf("%w: %w", errPortableXLA, err)
		}
		if errors.Is(err, errAfterPortable) {
			return nil, err
		}
		if err != nil { // becomes the reason for Go: nobody asked for XLA
			return openGo(err.Error())
		}
		return backend, nil
	}
	return nil, fmt.Errorf("backend %q (%s) is not known: use \"xla\", \"xla:/path/to/plugin.so\" or \"go\"", name, why)
}

// opened returns backend with a cache of compiled graphs.
func opened(backend compute.Backend, why string) *Backend {
	ExecCaches.Store(backend, &ExecCache{})
	return &Backend{Backend: backend, Why: why}
}

// ErrNoBackend is the error of [Plain] for nil.
var ErrNoBackend = errors.New("the backend is nil: open one with OpenBackend")

// Plain returns the GoMLX backend inside backend, or an error if that is nil.
func Plain(backend compute.Backend) (compute.Backend, error) {
	if b, ok := backend.(*Backend); ok && b != nil {
		backend = b.Backend
	}
	if b, ok := backend.(*Backend); ok && b == nil || backend == nil {
		return nil, ErrNoBackend
	}
	return backend, nil
}

// openGo opens GoMLX's pure-Go backend; why is the reason for it.
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

// xlaOptions are the options after the plugin in a backend's name.
type xlaOptions struct {
	devices  int    // into which the processor is split; 0 = default, MaxCPUDevices or fewer
	portable bool   // the same bits on every processor with AVX2 and FMA
	rest     string // for go-xla
}

// cutName splits a backend's name, KIND[:PLUGIN][,OPTION]…, into its parts. Of the options it takes devices=N and
// portable for itself and leaves the others to go-xla. Options of other kinds than xla are an error, because nothing
// would read them.
func cutName(name string) (kind, path string, options xlaOptions, err error) {
	name, all, _ := strings.Cut(name, ",")
	kind, path, _ = strings.Cut(name, ":")
	var rest []string
	for option := range strings.SplitSeq(all, ",") {
		if option == "portable" {
			options.portable = true
			continue
		}
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

// openXLA opens the plugin with that path or name; "" is the one that [plugin.Find] finds. why is the reason for XLA;
// "" = the reason of [plugin.Find]. It sets variables of the environment while the plugin is loaded: backends must not
// be opened concurrently with what reads them.
func openXLA(path string, options xlaOptions, why string) (*Backend, error) {
	if err := XLAAvailable(); err != nil {
		return nil, err
	}
	if path == "" {
		dir, err := plugin.Dir()
		if err != nil {
			return nil, err
		}
		found, err := plugin.Find(dir)
		if err != nil {
			return nil, err
		}
		path, why = found.Path, strings.TrimPrefix(why+"; ", "; ")+found.Why
	}
	if strings.Contains(path, ",") {
		return nil, fmt.Errorf("backend xla (%s): a comma ends the path of a plugin: move %s to a folder without one", why,
			quote.Text(path))
	}
	if err := checkOptions(options.rest); err != nil {
		return nil, fmt.Errorf("backend xla (%s): %w", why, err)
	}
	if filepath.IsAbs(path) { // otherwise it is the name of a plugin of go-xla
		err := checkPlugin(path)
		if err == nil { // it is one: is it the one that was installed?
			err = plugin.Check(path)
		}
		if err != nil {
			return nil, fmt.Errorf("backend xla (%s): the plugin does not load: %w: run `go run ./kernels install`, or "+
				"name another", why, err)
		}
	}
	_, installed := RecordedPlugin(path) // a version that we know
	if installed && options.devices == 0 {
		options.devices = min(runtime.GOMAXPROCS(0), MaxCPUDevices)
	}
	if err := canOpen(options.portable, installed); err != nil {
		return nil, fmt.Errorf("backend xla (%s): %w", why, err)
	}
	tuneMalloc()
	restore := []func(){setXLAFlags(installed, options.portable), setWorkers()}
	backend, err := newXLA(path+","+withoutTF32(options.rest), options.devices)
	for _, restore := range restore {
		restore()
	}
	if err != nil {
		return nil, fmt.Errorf("backend xla (%s): plugin %s does not load: %w: run `go run ./kernels install`, "+
			"or use the backend \"go\"", why, quote.Text(path), &loadError{path, err})
	}
	ReleaseCode() // of what loading the plugin touched, most is never used again
	how := ""
	if options.portable {
		if backend, err = checkedPortable(backend); err != nil {
			return nil, fmt.Errorf("backend xla (%s): %w", why, err)
		}
		how = ", portable bits"
	}
	return opened(backend, fmt.Sprintf("backend: XLA through %s%s (%s)", quote.Text(filepath.Base(path)), how, why)), nil
}

// MaxCPUDevices is the plugin's own default number of devices of a processor. It has at least one worker per device,
// and more workers than cores slow training by 5 % (siamese bench on 2 cores).
const MaxCPUDevices = 4

// setWorkers limits XLA to GOMAXPROCS threads: GOMAXPROCS respects a container's CPU limit, which XLA ignores. A number
// that the user has set stays.
func setWorkers() (restore func()) {
	most := runtime.GOMAXPROCS(0)
	if most >= runtime.NumCPU() || os.Getenv("NPROC") != "" || os.Getenv("PJRT_NPROC") != "" { // XLA reads both
		return func() {}
	}
	return setVariable("PJRT_NPROC", strconv.Itoa(most))
}

// withoutTF32 adds tf32=false to options of go-xla unless they name tf32: go-xla enables it for CUDA plugins, which
// would round float32 factors to 10 bits of mantissa. Config.Precision is where a user asks for rounding.
func withoutTF32(options string) string {
	switch {
	case options == "":
		return "tf32=false"
	case strings.Contains(options, "tf32"):
		return options
	}
	return options + ",tf32=false"
}
