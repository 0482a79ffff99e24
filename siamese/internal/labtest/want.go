package labtest

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-siamese/lab/data/option"
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

// WantOptions fails unless the options that err names ([option.Names]) are these, in this order.
func WantOptions(t *testing.T, err error, names ...string) {
	t.Helper()
	if got := option.Names(err); !slices.Equal(got, names) {
		t.Errorf("error %v names the options %q, want %q", err, got, names)
	}
}

// WantError fails unless err says all of parts. These should be what the error is about, such as a name, a number or a
// place: wording may change. Kinds of errors are tested by errors.Is and errors.As.
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

// WantShare fails when count of n lies more than five standard deviations, sqrt(n p (1-p)), from the share p: a right
// sampler fails once in a million seeds.
func WantShare(t *testing.T, what string, count, n, p float64) {
	t.Helper()
	if math.Abs(count-n*p) > 5*math.Sqrt(n*p*(1-p)) {
		t.Errorf("%s: %v of %v, want about %.0f", what, count, n, n*p)
	}
}
