package siamese

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

func spreadOf[T float32 | int32 | uint32](t testing.TB, p *parallelExec, place placement, values []T, dims ...int) spread {
	t.Helper()
	s, err := upload(p, place, values, dims...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// More devices than there are is an error that says how many.
func TestTooManyDevices(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		train, val := toy("t", 4, 20, 9, 0.5, 1), toy("v", 4, 10, 9, 0.5, 2)
		cfg := toyConfig()
		cfg.BatchPairs = backend.NumDevices() + 1
		cfg.Devices = cfg.BatchPairs
		_, err := Train(t.Context(), backend, cfg, train, val, TrainOptions{})
		wantError(t, err, fmt.Sprintf("devices is %d", cfg.Devices), backend.Name(), fmt.Sprintf("1…%d", backend.NumDevices()))
	})
}

func TestParallelExecErrors(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		same := func(in []*Node) []*Node { return in }
		for _, devices := range []int{0, backend.NumDevices() + 1} {
			_, err := newParallelExec(backend.Backend, "", devices, []placement{0}, same)
			wantError(t, err, fmt.Sprintf("devices is %d", devices), backend.Name(), fmt.Sprintf("1…%d", backend.NumDevices()))
		}
		p, err := newParallelExec(backend.Backend, "", 1, []placement{0, everywhere}, same)
		if err != nil {
			t.Fatal(err)
		}
		one := spreadOf(t, p, 0, []float32{1, 2}, 2)
		_, err = p.call([]spread{one}, nil)
		wantError(t, err, "1 inputs, want 2")
	})
}

// What was uploaded is the device's: neither a call that takes it over nor one that keeps it writes into the host's slice.
func TestUploadCopies(t *testing.T) {
	onBackends(t, func(t *testing.T, backend *Backend) {
		p, err := newParallelExec(backend.Backend, "", 1, []placement{everywhere}, func(in []*Node) []*Node { return []*Node{AddScalar(in[0], 1)} })
		if err != nil {
			t.Fatal(err)
		}
		values := make([]float32, 4096)
		s := spreadOf(t, p, everywhere, values, len(values))
		values[0] = 5
		out, err := p.call([]spread{s}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := flat(t, out[0][0]); got[0] != 1 || got[4095] != 1 || values[1] != 0 {
			t.Errorf("%v…%v, and the host has %v", got[0], got[4095], values[1])
		}
		if s[0].CheckValid() == nil {
			t.Error("a tensor that was given away is still there")
		}
	})
}
