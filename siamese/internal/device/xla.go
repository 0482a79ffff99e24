package device

import (
	"strings"

	"github.com/gomlx/compute"

	"github.com/go-siamese/lab/kernels/plugin"
)

// XLA returns what a backend of XLA was opened with: the path of its plugin, or the name where go-xla found it by that,
// and go-xla's options. ok says that XLA computes, portable or not; it is false for nil.
func XLA(backend compute.Backend) (path, options string, ok bool) {
	plain, err := Plain(backend)
	if err != nil {
		return "", "", false
	}
	xla, ok := plain.(told)
	if !ok {
		return "", "", false
	}
	path, options, _ = strings.Cut(xla.Config(), ",")
	if path == "" {
		path = xla.PluginName()
	}
	return path, options, true
}

// RecordedPlugin returns the plugin at path where it is the one that the installer recorded, and else false. Its file is
// not read.
func RecordedPlugin(path string) (plugin.Plugin, bool) {
	dir, err := plugin.Dir()
	if err != nil {
		return plugin.Plugin{}, false
	}
	p, err := plugin.Recorded(dir)
	return p, err == nil && p.Path == path
}
