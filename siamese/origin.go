package siamese

import (
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/origin"
)

// OriginOf returns by what a program on this machine computes with backend. The plugin's hash is the one that the
// installer recorded; another plugin is named without.
func OriginOf(backend compute.Backend) origin.Origin {
	o := origin.Here()
	plain, err := device.Plain(backend)
	if err != nil { // nil: nothing is computed by it
		return o
	}
	o.Backend = backendKind(plain)
	if path, _, ok := device.XLA(plain); ok {
		o.Plugin, o.Threads = pluginFile(path), device.XLAThreads()
	}
	return o
}

// backendKind returns what kind of backend computes: "go", or "xla:" and the kind of its devices, such as "xla:cpu"; with
// ",portable" where its bits are.
func backendKind(b compute.Backend) string {
	if _, _, ok := device.XLA(b); !ok {
		return "go"
	}
	bits := ""
	if device.IsPortable(b) {
		bits = ",portable"
	}
	// As "cpu:0 [processId=0]"; of a GPU with what its maker calls the device.
	kind, _, _ := strings.Cut(strings.ToLower(b.DeviceDescription(0)), " ")
	for _, one := range []string{"cpu", "cuda", "rocm", "tpu"} {
		if strings.Contains(kind, one) {
			return "xla:" + one + bits
		}
	}
	kind, _, _ = strings.Cut(kind, ":")
	return "xla:" + kind + bits
}

// pluginFile returns the plugin at a path. Reading it would take a third of a second.
func pluginFile(path string) *origin.File {
	out := &origin.File{Name: filepath.Base(path)}
	if p, ok := device.RecordedPlugin(path); ok {
		out.Bytes, out.SHA = p.Size, p.SHA256
	}
	return out
}
