package decimal

import (
	"math"
	"testing"
)

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		v             float64
		digits        int
		fixed, signed string
	}{
		{.1234, 3, "0.123", "+0.123"}, {-.1236, 3, "-0.124", "-0.124"}, {0, 3, "0.000", "0.000"},
		{math.Copysign(0, -1), 3, "0.000", "0.000"}, {-.0004, 3, "0.000", "0.000"}, {.0004, 3, "0.000", "0.000"},
		{-.0005001, 3, "-0.001", "-0.001"}, {-.4, 0, "0", "0"}, {10, 0, "10", "+10"}, {-10, 1, "-10.0", "-10.0"},
		{math.Inf(1), 3, "+Inf", "+Inf"}, {math.Inf(-1), 3, "-Inf", "-Inf"}, {math.NaN(), 3, "NaN", "NaN"},
	} {
		if got := Fixed(test.v, test.digits); got != test.fixed {
			t.Errorf("Fixed(%v, %d) is %q, want %q", test.v, test.digits, got, test.fixed)
		}
		if got := Signed(test.v, test.digits); got != test.signed {
			t.Errorf("Signed(%v, %d) is %q, want %q", test.v, test.digits, got, test.signed)
		}
	}
}
