//go:build cgo

package siamese

import (
	"fmt"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// BenchmarkDevices measures training steps of 128 pairs on 1, 2 and 4 devices. Devices of one processor share its
// cores.
func BenchmarkDevices(b *testing.B) {
	backend := devicetest.OnDevices(b)
	for _, devices := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("devices=%d", devices), func(b *testing.B) { benchTrain(b, backend, devices) })
	}
}
