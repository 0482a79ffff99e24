package siamese

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
)

// What is dropped leaves the process and comes back where it is used: a graph that is compiled anew gives the same
// bits.
func TestReleaseCode(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		frame, cfg := labtest.Toy("t", 4, 10, 16, 0.5, 1), toyConfig()
		model, err := Untrained(t.Context(), cfg, frame)
		if err != nil {
			t.Fatal(err)
		}
		embed := func() []float32 {
			z, err := model.Embed(t.Context(), backend, frame)
			if err := errors.Join(err, model.Close()); err != nil {
				t.Fatal(err)
			}
			return z.Values
		}
		want := embed()
		if d := cmp.Diff(want, embed()); d != "" {
			t.Errorf("embeddings differ (-before +after):\n%s", d)
		}
		before := fileMemory(t)
		device.ReleaseCode()
		after := fileMemory(t)
		t.Logf("of files %d kB are in memory, %d after dropping", before, after)
		if strings.HasPrefix(backend.Name(), "xla") && after > before-1000 {
			t.Errorf("of files %d kB are in memory, %d after dropping", before, after)
		}
	})
}

// fileMemory returns how many kB of files the process has in memory.
func fileMemory(t *testing.T) (kB int) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "RssFile:")
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		t.Fatal(err)
	}
	return kB
}
