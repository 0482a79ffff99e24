package quote

import (
	"cmp"
	"slices"
	"strings"
)

// Nearest returns up to k of the names, by edit distance to asked (upper and lower case alike), then in their own
// order. It returns the nearest however far they are. k is 0 or more. Time grows with the number of names times the
// length of asked.
func Nearest(asked string, names []string, k int) []string {
	type scored struct {
		name string
		far  int
	}
	asked = clip(strings.ToLower(asked))
	all := make([]scored, len(names))
	for i, name := range names {
		all[i] = scored{name, editDistance(asked, clip(strings.ToLower(name)))}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(a.far, b.far) })
	near := make([]string, 0, k)
	for _, s := range all[:min(k, len(all))] {
		near = append(near, s.name)
	}
	return near
}

// clip returns the first 64 bytes of s. That bounds the quadratic cost of a distance; names that differ only after them
// are rare.
func clip(s string) string { return s[:min(len(s), 64)] }

// editDistance is the number of inserted, removed and replaced bytes between a and b (Levenshtein, 1966), by dynamic
// programming over one row: after step i, row[j] is the distance of the first i bytes of a and the first j of b. Bytes
// will do: a letter of two bytes only counts twice.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
