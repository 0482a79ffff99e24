package labtest

import (
	"math"
	"strings"
	"testing"
)

// Near reports whether got and want differ by at most tolerance, relative to 1 or to want if that is larger.
// NaN is near nothing.
func Near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

// WantNear fails the test where got and want differ in length, or somewhere by more than [Near] allows.
func WantNear(t *testing.T, what string, got []float32, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !Near(float64(got[i]), want[i], tolerance) {
			t.Errorf("%s[%d] is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// WantError fails unless err says all of parts.
func WantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

// WantShare fails when count of n lies more than five standard deviations from the share p.
func WantShare(t *testing.T, what string, count, n, p float64) {
	t.Helper()
	if math.Abs(count-n*p) > 5*math.Sqrt(n*p*(1-p)) {
		t.Errorf("%s: %v of %v, want about %.0f", what, count, n, n*p)
	}
}
