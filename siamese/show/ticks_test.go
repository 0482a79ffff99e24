package show

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	labels := func(ts ticks, low, high float64) string {
		var out []string
		for _, tick := range ts.Ticks(low, high) {
			out = append(out, tick.Label)
		}
		return strings.Join(out, " ")
	}
	for _, test := range []struct {
		ts        ticks
		low, high float64
		want      string
	}{
		{ticks{}, 0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{ticks{}, 0.016, 0.124, "0.02 0.04 0.06 0.08 0.10 0.12"},
		{ticks{}, -0.5, 0.5, "-0.4 -0.2 0.0 0.2 0.4"},
		{ticks{}, 0, 3000, "0 500 1000 1500 2000 2500 3000"},
		{ticks{whole: true}, 1, 12, "2 4 6 8 10 12"},
		{ticks{whole: true}, 0, 2, "0 1 2"},
		{ticks{whole: true}, 1, 200, "50 100 150 200"},
		{ticks{}, 0.25, 0.25, "0.25"},
	} {
		if got := labels(test.ts, test.low, test.high); got != test.want {
			t.Errorf("from %v to %v: %s, want %s", test.low, test.high, got, test.want)
		}
	}
	rng := rand.New(rand.NewPCG(2, 1))
	for range 2000 {
		low := rng.NormFloat64() * math.Pow(10, float64(rng.IntN(8)-4))
		high := low + math.Pow(10, 6*rng.Float64()-3)*max(1e-3, math.Abs(low))
		all := (ticks{}).Ticks(low, high)
		if len(all) < 3 || len(all) > 9 {
			t.Fatalf("%d ticks from %v to %v", len(all), low, high)
		}
		for i, tick := range all {
			if tick.Value < low-1e-6*(high-low) || tick.Value > high+1e-6*(high-low) || i > 0 &&
				(tick.Value <= all[i-1].Value || tick.Label == all[i-1].Label) {
				t.Fatalf("ticks %v from %v to %v", all, low, high)
			}
		}
	}
}
