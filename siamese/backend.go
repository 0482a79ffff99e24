package siamese

import (
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
//     default is GOMAXPROCS, at most 4. "xla,portable" gives the same bits on every x86-64 processor with AVX2 and FMA
//     and with any number of threads, in training, embedding and evaluation, at float32, with the plugin that
//     `go run ./kernels install` installs; the variable SIAMESE_PORTABLE=1 does so for all names. Where that is not to
//     be had it is an error. XLA reads its settings once, so that a process opens it portable always or never;
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
