package siamese

import (
	"fmt"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// More devices than there are is an error that says how many.
func TestTooManyDevices(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
		cfg := toyConfig()
		cfg.BatchPairs = backend.NumDevices() + 1
		cfg.Devices = cfg.BatchPairs
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		labtest.WantError(t, err, fmt.Sprint(cfg.Devices), backend.Name(),
			fmt.Sprintf("1…%d", backend.NumDevices()))
	})
}
