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
		again := slices.ContainsFunc(a.defines, func(name string) bool {
			return seen[name] || taken(name) || slices.Contains(a.uses, name)
		})
		if len(a.defines) == 0 || again || !found {
			continue
		}
		for _, name := range a.defines {
			seen[name] = true
		}
		out[a.defines[0]] = "var " + left + "=" + right + "\n"
	}
	return out
}
