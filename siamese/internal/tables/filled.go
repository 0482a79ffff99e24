package tables

import "slices"

// Filled returns a table without those of the named columns that are empty in every row: items without domains need no
// column of them.
func Filled(header []string, rows [][]string, names ...string) ([]string, [][]string) {
	var kept []int
	for k, name := range header {
		full := func(row []string) bool { return row[k] != "" }
		if !slices.Contains(names, name) || slices.ContainsFunc(rows, full) {
			kept = append(kept, k)
		}
	}
	pick := func(row []string) []string {
		out := make([]string, len(kept))
		for i, k := range kept {
			out[i] = row[k]
		}
		return out
	}
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = pick(row)
	}
	return pick(header), out
}
