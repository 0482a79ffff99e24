package device_test

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/device"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/devicetest"
	"github.com/go-siamese/lab/siamese/internal/labtest/tensortest"
)

func TestUploadCuts(t *testing.T) {
	backend := devicetest.OnDevices(t)
	p, err := device.NewParallelExec(backend.Backend, "", 2, nil, func(in []*Node) []*Node { return in })
	if err != nil {
		t.Fatal(err)
	}
	values := []float32{0, 1, 2, 3, 4, 5, 6, 7}
	for _, test := range []struct {
		place device.Placement
		dims  []int
		want  [][]float32
	}{
		{device.Everywhere, []int{2, 4}, [][]float32{values, values}},
		{device.Along(0), []int{2, 4}, [][]float32{{0, 1, 2, 3}, {4, 5, 6, 7}}},
		{device.Along(1), []int{2, 4}, [][]float32{{0, 1, 4, 5}, {2, 3, 6, 7}}},
		{device.Along(1), []int{2, 2, 2}, [][]float32{{0, 1, 4, 5}, {2, 3, 6, 7}}},
		{device.Along(2), []int{1, 4, 2}, [][]float32{{0, 2, 4, 6}, {1, 3, 5, 7}}},
	} {
		s := spreadOf(t, p, test.place, values, test.dims...)
		for d, want := range test.want {
			if device, err := s[d].Device(); err != nil || int(device) != d {
				t.Errorf("place %v: part %d is on device %d, %v", test.place, d, device, err)
			}
			if diff := cmp.Diff(want, tensortest.Flat(t, s[d])); diff != "" {
				t.Errorf("place %v of %v, device %d: %s", test.place, test.dims, d, diff)
			}
		}
		if err := device.Finalize(s...); err != nil {
			t.Error(err)
		}
	}
	_, err = device.Upload(p, device.Along(0), values[:6], 3, 2)
	labtest.WantError(t, err, "axis 0", "[3 2]")
	_, err = device.Upload(p, device.Everywhere, values[:5], 3, 2)
	labtest.WantError(t, err, "5", "[3, 2]")
}
