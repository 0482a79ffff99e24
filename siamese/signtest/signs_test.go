package signtest

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// P by counting how coins can fall.
func TestSignTest(t *testing.T) {
	for n := range 11 {
		for above := range n + 1 {
			differences := []float64{0, 0}
			for k := range n {
				if k < above {
					differences = append(differences, .5+float64(k))
				} else {
					differences = append(differences, -.25)
				}
			}
			falls, extreme := 0, 0
			for coins := range 1 << n {
				heads := 0
				for k := range n {
					heads += coins >> k & 1
				}
				falls++
				if max(heads, n-heads) >= max(above, n-above) {
					extreme++
				}
			}
			want := Signs{Above: above, Below: n - above, Ties: 2, P: float64(extreme) / float64(falls)}
			if above > 0 {
				want.High = float64(above) - .5
			}
			if above < n {
				want.Low = -.25
			}
			got, err := Of(differences)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a,
				b float64) bool {
				return math.Abs(a-b) < 1e-12
			})); diff != "" {
				t.Errorf("%d of %d: %s", above, n, diff)
			}
			clear := 0
			if want.P <= .05 {
				clear = 1
				if above < n-above {
					clear = -1
				}
			}
			if got.Clear(.95) != clear || n < 6 && clear != 0 {
				t.Errorf("%d of %d: clear %d, want %d", above, n, got.Clear(.95), clear)
			}
		}
	}
	if got, err := Of(nil); err != nil || got != (Signs{P: 1}) {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	if _, err := Of([]float64{1, math.NaN()}); err == nil {
		t.Error("NaN has a sign")
	}
}
