package reproduce

import "testing"

// FuzzCompare: no text and no mark makes a comparison fail, a text is the same as itself whatever is marked in it, and
// what differs on one side differs on the other.
func FuzzCompare(f *testing.F) {
	for _, seed := range [][3]string{
		{"MAP .820 [.801, .838]", "MAP .815 [.795, .833]", ".8"},
		{"<table><tr><th>a<td>1</table><p x='1,2'>", "<table><tr><td>1</table></td>", "1"},
		{"<svg d='M4,22L-5e1'/><img src='data:image/png;base64,AA'>", "<img src='data:image/svg+xml,%3Csvg/%3E'>", "22"},
		{"a  1,234 %\n  b −5", "a 1234%\n\tb -5.0", "b"},
		{"\U00100000 \xff 007 1.2.3 1e999", "\U00100001", "\xff"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, volatile string) {
		for _, mime := range []string{"text/plain", "text/html", "image/svg+xml", "image/png"} {
			state := func(x, y string, marks, others []string) State {
				var c comparison
				c.part(mime, x, y, marks, others)
				return stateOf(c.found)
			}
			marks := []string{volatile}
			for _, others := range [][]string{nil, marks} {
				if got := state(a, a, marks, others); got != Same {
					t.Errorf("%s: %q is %s to itself, marks %q and %q", mime, a, got, marks, others)
				}
			}
			if there, back := state(a, b, marks, nil), state(b, a, nil, marks); (there == Same) != (back == Same) {
				t.Errorf("%s: %q and %q are %s and %s", mime, a, b, there, back)
			}
		}
	})
}
