package siamese

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// Epoch after epoch takes no more memory: neither Go's nor, where Linux tells, that of the whole process, in which a
// backend's buffers lie. One buffer of the largest weights that an epoch left behind would show ten times over.
func TestMemoryStaysFlat(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		const from, to, leak = 10, 40, 96 * 2048 * 4 // bytes of the largest weights
		cfg := toyConfig()
		cfg.Layers, cfg.Epochs, cfg.PairsPerEpoch = []int{2048, 16}, to+1, 64
		train, val := labtest.Toy("t", 4, 25, 96, 0.5, 1), labtest.Toy("v", 4, 10, 96, 0.5, 2)
		var live, process [2]int64
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{Progress: func(p Progress) {
			if p.Step == p.Steps && (p.Epoch == from || p.Epoch == to) {
				at := p.Epoch / to
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				live[at], process[at] = int64(m.HeapAlloc), residentBytes(t)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		goGrew, grew := live[1]-live[0], process[1]-process[0]
		t.Logf("from epoch %d to %d Go's heap grew by %d kB, the process by %d kB", from, to, goGrew/1000, grew/1000)
		if most := int64((to - from) * leak / 3); goGrew > most || grew > most {
			t.Errorf("Go's heap grew by %d bytes, the process by %d: want at most %d, a third of a leak every epoch",
				goGrew, grew, most)
		}
	})
}

// residentBytes returns what of the process is in memory, 0 where there is no /proc.
func residentBytes(t *testing.T) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * int64(os.Getpagesize())
}
