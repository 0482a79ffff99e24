package siamese

import "github.com/go-siamese/lab/siamese/internal/device"

// Backend runs compiled graphs: GoMLX's backend, with the reason it was chosen in Why. Its Finalize frees it with all
// that was compiled for it.
type Backend = device.Backend

// OpenBackend returns the backend called name, and is the one place that chooses it:
//
//   - "go": GoMLX's pure-Go backend, which runs everywhere;
//   - "xla": XLA on the CPU through its PJRT plugin, looked for in the order of [plugin.Find];
//     "xla:/path/to/plugin.so" names the plugin, a CUDA one included. "xla:/path/to/plugin.so,tf32" lets an NVIDIA GPU round
//     the factors of float32 products to TF32, of training and of embedding; without it they stay what they are.
//     "xla,devices=4" has the processor shown as so many devices ([Config.Devices]); without it they are as many as
//     GOMAXPROCS, at most 4;
//   - "": what the environment variable GOMLX_BACKEND names; without one, XLA if its plugin is there, else Go.
//
// It never downloads anything: `go run ./kernels install` does. It returns an error when the named backend
// cannot be had; only "" falls back to Go, and says so in [Backend.Why].
func OpenBackend(name string) (*Backend, error) { return device.Open(name) }
