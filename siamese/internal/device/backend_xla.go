//go:build cgo

package device

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
)

func init() { xla.EnableAutoInstall(false) } // nothing is downloaded behind the user's back

// XLAAvailable returns an error if this build has no XLA.
func XLAAvailable() error { return nil }

// newXLA opens the plugin of config, a name or path with go-xla's options. The processor is split into devices; 0 = the
// plugin's default.
func newXLA(config string, devices int) (compute.Backend, error) {
	options := pjrt.NamedValuesMap{}
	if devices > 0 {
		options["cpu_device_count"] = int64(devices)
	}
	return xla.NewWithOptions(config, options)
}
