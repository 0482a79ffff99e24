//go:build cgo

package siamese

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// On several devices items on disk give the bits of the same items in memory.
func TestStreamOnDevices(t *testing.T) {
	backend := devicetest.OnDevices(t)
	train, val := labtest.Toy("t", 4, 20, 9, 0.5, 1), labtest.Toy("v", 4, 10, 9, 0.5, 2)
	cfg := toyConfig()
	cfg.Epochs, cfg.Loss, cfg.Devices, cfg.Monitor = 2, labtest.LossOf("supcon"), 4, MonitorAUC
	cfg.PairsPerEpoch = 10 * cfg.BatchPairs
	want, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Train(t.Context(), backend, cfg, onDisk(t, train), val, TrainOptions{Stream: true})
	if err != nil {
		t.Fatal(err)
	}
	sameRun(t, want, got)
}
