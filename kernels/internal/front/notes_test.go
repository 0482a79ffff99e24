package front

import (
	"strings"
	"testing"
)

// TestUnnoted has what GoNB 0.11.3 writes when it begins, in pieces of every size, and what it writes when something is
// wrong: the former is left out, the latter is not.
func TestUnnoted(t *testing.T) {
	t.Parallel()
	const colour, plain = "\x1b[7;39;32m[50cf0b90]\x1b[0m", "E1130 02:23:21.000000    9300 exec.go:31] "
	long := strings.Repeat("x", kept+1)
	said := "I1130 02:23:20.055557    9300 main.go:187] " + colour + " Logging to extra logger configured\n" +
		"W1130 02:23:20.055594    9300 main.go:190] " + colour + " Warning message\n" +
		"E1130 02:23:20.055596    9300 main.go:191] " + colour + " Error message\n" +
		plain + "cannot listen: Error message of the system\n\n" +
		"panic: I1130 went wrong\n" + "W1 is no note\n" + long
	want := plain + "cannot listen: Error message of the system\n\npanic: I1130 went wrong\nW1 is no note\n" + long
	for _, size := range []int{1, 7, 80, len(said)} {
		var got strings.Builder
		write := unnoted(func(p []byte) { got.Write(p) })
		for at := 0; at < len(said); at += size {
			write([]byte(said[at:min(at+size, len(said))]))
		}
		// The end of a line that has none is passed on as far as it is longer than what waits.
		if g := got.String(); !strings.HasPrefix(want, g) || len(want)-len(g) > kept {
			t.Errorf("in pieces of %d: %d bytes, want %d: %.300q", size, len(g), len(want), g)
		}
	}
	passed := false
	unnoted(func([]byte) { passed = true })([]byte("half a line"))
	if passed {
		t.Error("half a line was passed on before its end")
	}
}
