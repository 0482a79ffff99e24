// Package devicetest gives tests backends, and runs tests on them.
package devicetest

import (
	"fmt"
	"os/exec"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/go-siamese/lab/siamese/internal/device"
)

// OnDevices returns the XLA backend. Its tests are in files that builds without cgo, and so without XLA, do not have.
func OnDevices(t testing.TB) *device.Backend {
	t.Helper()
	backend, err := xlaBackend()
	if err != nil {
		t.Fatalf("XLA is not available: %v", err)
	}
	if backend.NumDevices() < 4 {
		t.Fatalf("XLA shows %d device(s): these tests need 4", backend.NumDevices())
	}
	return backend
}

// OwnBackend returns a pure-Go backend for which nothing is compiled yet.
func OwnBackend(t *testing.T) (backend *device.Backend, cache *device.ExecCache) {
	t.Helper()
	backend, err := device.Open("go")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	cached, ok := device.ExecCaches.Load(backend.Backend)
	if !ok {
		t.Fatal("the backend has no cache")
	}
	return backend, cached.(*device.ExecCache)
}

// GoBackend and xlaBackend are opened once for all tests: opening XLA takes longer than most of them.
var (
	GoBackend  = sync.OnceValues(func() (*device.Backend, error) { return device.Open("go") })
	xlaBackend = sync.OnceValues(func() (*device.Backend, error) {
		const name = "xla,devices=4" // some tests train on so many
		backend, err := device.Open(name)
		if err == nil {
			return backend, nil
		}
		if out, installErr := exec.Command("go", "run", "github.com/go-siamese/lab/kernels",
			"install").CombinedOutput(); installErr != nil {
			return nil, fmt.Errorf("%w; and `go run ./kernels install` failed, run it to see why: %w\n%s", err,
				installErr, out)
		}
		return device.Open(name)
	})
)

// TestBackends returns the backends that every test of numbers runs on: the pure-Go one and, in builds with
// cgo, XLA. A missing plugin is installed; where that fails the test fails, because nothing skips silently.
func TestBackends(t testing.TB) []*device.Backend {
	t.Helper()
	plain, err := GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	if err := device.XLAAvailable(); err != nil {
		t.Logf("testing the Go backend only: %v", err)
		return []*device.Backend{plain}
	}
	xla, err := xlaBackend()
	if err != nil {
		t.Fatalf("XLA is not available: %v", err)
	}
	return []*device.Backend{plain, xla}
}

// OnBackends runs a test on every backend.
func OnBackends(t *testing.T, test func(t *testing.T, backend *device.Backend)) {
	t.Helper()
	for _, backend := range TestBackends(t) {
		t.Run(backend.Name(), func(t *testing.T) { test(t, backend) })
	}
}

// SeveralBackends returns the backends of a test that compares them, which a build without XLA skips.
func SeveralBackends(t *testing.T) []*device.Backend {
	t.Helper()
	backends := TestBackends(t)
	if len(backends) < 2 {
		t.Skipf("there is one backend, and none to compare it with: %v", device.XLAAvailable())
	}
	return backends
}

// OnOneOfMany runs one of many cases on the pure-Go backend, and with xla on every backend: on XLA every case would
// compile graphs of its own, so that a table of cases sets xla for one of them.
func OnOneOfMany(t *testing.T, xla bool, test func(t *testing.T, backend *device.Backend)) {
	t.Helper()
	if xla {
		OnBackends(t, test)
		return
	}
	backend, err := GoBackend()
	if err != nil {
		t.Fatal(err)
	}
	t.Run(backend.Name(), func(t *testing.T) { test(t, backend) })
}

// Run1 compiles and runs a graph once and returns its outputs, which must be float32, flat. Inputs may be of any type.
func Run1(t *testing.T, backend compute.Backend, graph func(in []*Node) []*Node,
	inputs ...*tensors.Tensor) [][]float32 {
	t.Helper()
	backend, err := device.Plain(backend)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := NewExec(backend, graph)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	args := make([]any, len(inputs))
	for i, in := range inputs {
		args[i] = in
	}
	out, err := exec.Call(args...)
	if err != nil {
		t.Fatal(err)
	}
	flat := make([][]float32, len(out))
	for i, o := range out {
		if flat[i], err = tensors.CopyFlatData[float32](o); err != nil {
			t.Fatal(err)
		}
	}
	return flat
}
