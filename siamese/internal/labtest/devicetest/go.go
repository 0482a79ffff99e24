package devicetest

import (
	"testing"

	"github.com/go-siamese/lab/siamese/internal/device"
)

// Go returns the pure-Go backend, one for all tests of a process, or fails the test.
func Go(t testing.TB) *device.Backend {
	t.Helper()
	backend, err := GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	return backend
}
