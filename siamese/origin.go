package siamese

import (
	"path/filepath"
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/kernels/plugin"
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
	if xla, ok := xlaOf(plain); ok {
		o.Plugin = pluginFile(xla)
	}
	return o
}

// backendKind returns what kind of backend computes: "go", or "xla:" and the kind of its devices, such as "xla:cpu"; with
// ",portable" where its bits are.
func backendKind(b compute.Backend) string {
	if _, ok := xlaOf(b); !ok {
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

// xlaOf returns what tells of XLA's plugin, where that computes.
func xlaOf(b compute.Backend) (device.XLA, bool) {
	if plain, err := device.Plain(b); err == nil {
		b = plain
	}
	x, ok := b.(device.XLA)
	return x, ok
}

// pluginFile returns the plugin of a backend. Reading it would take a third of a second.
func pluginFile(xla device.XLA) *origin.File {
	path, _, _ := strings.Cut(xla.Config(), ",")
	if path == "" {
		path = xla.PluginName()
	}
	out := &origin.File{Name: filepath.Base(path)}
	if dir, err := plugin.Dir(); err == nil {
		if p, err := plugin.Recorded(dir); err == nil && p.Path == path {
			out.Bytes, out.SHA = p.Size, p.SHA256
		}
	}
	return out
}
