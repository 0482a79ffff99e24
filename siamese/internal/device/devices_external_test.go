package device_test

import (
	"fmt"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

func spreadOf[T float32 | int32 | uint32](t testing.TB, p *device.ParallelExec, place device.Placement, values []T,
	dims ...int) device.Spread {
	t.Helper()
	s, err := device.Upload(p, place, values, dims...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParallelExecErrors(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		same := func(in []*Node) []*Node { return in }
		for _, devices := range []int{0, backend.NumDevices() + 1} {
			_, err := device.NewParallelExec(backend.Backend, "", devices, []device.Placement{device.Along(0)}, same)
			labtest.WantError(t, err, fmt.Sprint(devices), backend.Name(),
				fmt.Sprintf("1…%d", backend.NumDevices()))
		}
		places := []device.Placement{device.Along(0), device.Everywhere}
		p, err := device.NewParallelExec(backend.Backend, "", 1, places, same)
		if err != nil {
			t.Fatal(err)
		}
		one := spreadOf(t, p, device.Along(0), []float32{1, 2}, 2)
		_, err = p.Call([]device.Spread{one}, nil)
		labtest.WantError(t, err, "1 input", "2")
	})
}

// What was uploaded is the device's: neither a call that takes it over nor one that keeps it writes into the host's
// slice.
func TestUploadCopies(t *testing.T) {
	devicetest.OnBackends(t, func(t *testing.T, backend *device.Backend) {
		p, err := device.NewParallelExec(backend.Backend, "", 1, []device.Placement{device.Everywhere},
			func(in []*Node) []*Node { return []*Node{AddScalar(in[0], 1)} })
		if err != nil {
			t.Fatal(err)
		}
		values := make([]float32, 4096)
		s := spreadOf(t, p, device.Everywhere, values, len(values))
		values[0] = 5
		out, err := p.Call([]device.Spread{s}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := tensortest.Flat(t, out[0][0]); got[0] != 1 || got[4095] != 1 || values[1] != 0 {
			t.Errorf("%v…%v, and the host has %v", got[0], got[4095], values[1])
		}
		if s[0].CheckValid() == nil {
			t.Error("a tensor that was given away is still there")
		}
	})
}
