package encoder

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-siamese/lab/siamese/internal/labtest"
)

func TestInitLayers(t *testing.T) {
	a, b := Init(40, []int{30, 10}, 5), Init(40, []int{30, 10}, 5)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	in := 40
	for i, l := range a {
		limit := math.Sqrt(6 / float64(l.In+l.Out))
		var sum, square float64
		for _, w := range l.Weights {
			sum, square = sum+float64(w), square+float64(w)*float64(w)
			if math.Abs(float64(w)) > limit*1.0001 {
				t.Fatalf("layer %d has a weight of %v beyond ±%v", i, w, limit)
			}
		}
		n := float64(len(l.Weights))
		if l.In != in || len(l.Weights) != l.In*l.Out || len(l.Biases) != l.Out ||
			labtest.MaxAbs(labtest.Widen(l.Biases)) != 0 {
			t.Errorf("layer %d is %d x %d with %d weights and biases %v", i, l.In, l.Out, len(l.Weights), l.Biases)
		}
		// Evenly spread over ±limit: variance limit²/3.
		if math.Abs(sum/n) > 5*limit/math.Sqrt(3*n) || !labtest.Near(square/n/(limit*limit/3), 1, 0.15) {
			t.Errorf("layer %d: mean %v, variance %v of %v", i, sum/n, square/n, limit*limit/3)
		}
		in = l.Out
	}
	if cmp.Equal(a[0].Weights, Init(40, []int{30, 10}, 6)[0].Weights) {
		t.Error("two seeds gave the same weights")
	}
}
