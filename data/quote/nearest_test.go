package quote

import "testing"

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"same", "same", 0}} {
		if got, back := editDistance(test.a, test.b), editDistance(test.b, test.a); got != test.want ||
			back != test.want {
			t.Errorf("%q to %q: %d and %d back, want %d", test.a, test.b, got, back, test.want)
		}
	}
}
