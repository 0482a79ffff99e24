//go:build cgo

package siamese

import (
	"strings"

	"github.com/gomlx/go-xla/compute/xla"
)

func init() { xla.EnableAutoInstall(false) } // nothing is downloaded behind the user's back

// xlaAvailable returns why XLA cannot be had in this build, or nil.
func xlaAvailable() error { return nil }

// systemPlugin returns the name of a CPU plugin where go-xla looks for them.
func systemPlugin() (string, error) {
	for _, name := range xla.GetAvailablePlugins() {
		if strings.HasPrefix(name, "cpu") {
			return name, nil
		}
	}
	return "", errNoPlugin
}
