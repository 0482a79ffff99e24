package siamese

import (
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/data/provenance"
	"github.com/go-siamese/lab/siamese/internal/device"
)

// Backend runs compiled graphs: GoMLX's backend, with the reason for its choice in Why. Finalize frees it and all
// graphs compiled for it.
type Backend = device.Backend

// OpenBackend returns the backend with the given name:
//
//   - "go": GoMLX's pure-Go backend, which runs everywhere;
//   - "xla": XLA through the PJRT plugin that [plugin.Find] finds; "xla:/path/to/plugin.so" names the plugin, for
//     instance a CUDA one. With "xla:/path/to/plugin.so,tf32" NVIDIA GPUs round the factors of float32 products to
//     TF32, in training and embedding. "xla,devices=4" splits the processor into that many devices ([Config.Devices]); the
//     default is GOMAXPROCS, at most 4;
//   - "": the backend named by the environment variable GOMLX_BACKEND; without it, XLA if a plugin is installed, else
//     Go.
//
// It never downloads anything: run `go run ./kernels install` for that. It returns an error if the named backend is not
// available; only "" falls back to Go, and [Backend.Why] says so. Opening XLA changes how the whole process allocates C
// memory. Open one backend and use it for all runs: they share compiled graphs.
func OpenBackend(name string) (*Backend, error) {
	b, err := device.Open(name)
	if err == nil {
		provenance.Note("backend", backendKind(b))
	}
	return b, err
}

// backendKind returns what kind of backend computes: "go", or "xla:" and the kind of its devices, such as "xla:cpu".
func backendKind(b compute.Backend) string {
	if _, ok := xlaOf(b); !ok {
		return "go"
	}
	// As "cpu:0 [processId=0]"; of a GPU with what its maker calls the device.
	device, _, _ := strings.Cut(strings.ToLower(b.DeviceDescription(0)), " ")
	for _, one := range []string{"cpu", "cuda", "rocm", "tpu"} {
		if strings.Contains(device, one) {
			return "xla:" + one
		}
	}
	device, _, _ = strings.Cut(device, ":")
	return "xla:" + device
}

// xlaOf returns what tells of XLA's plugin, where that computes.
func xlaOf(b compute.Backend) (interface {
	PluginName() string
	Config() string
}, bool) {
	if plain, err := device.Plain(b); err == nil {
		b = plain
	}
	x, ok := b.(interface {
		PluginName() string
		Config() string
	})
	return x, ok
}
