package cells

import (
	"slices"
	"strings"
)

// stays returns the variables that later cells have of main bodies, as declarations, by their names: what a language
// server needs to know of their types. taken are names that are something else now. m.mu is held.
func (m *Memory) stays(taken func(name string) bool) map[string]string {
	out, seen := map[string]string{}, map[string]bool{}
	for i := len(m.again) - 1; i >= 0; i-- {
		a := m.again[i]
		left, right, found := strings.Cut(a.text, ":=")
		if !a.makes || !found || seen[a.name] || taken(a.name) || slices.Contains(a.uses, a.name) {
			continue
		}
		seen[a.name] = true
		out[a.name] = "var " + left + "=" + right + "\n"
	}
	return out
}
