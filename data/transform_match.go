package data

import "fmt"

// Match returns for every column of the transform its place in columns: the value of feature j is
// at row[match[j]]. Another order is fine; missing, extra and repeated columns are an error
// that lists them.
func (t *Transform) Match(columns []string) ([]int, error) {
	place := positions(columns)
	match := make([]int, len(t.Columns))
	var missing, extra []string
	for j, name := range t.Columns {
		at, ok := place[name]
		if !ok {
			missing = append(missing, name)
		}
		match[j] = at
	}
	known := positions(t.Columns)
	for _, name := range columns {
		if _, ok := known[name]; !ok {
			extra = append(extra, name)
		}
	}
	twice := repeated(columns)
	if len(missing)+len(extra)+len(twice) == 0 {
		return match, nil
	}
	text := fmt.Sprintf("data: the features are not those the model was fitted on (%d columns, these are %d)", len(t.Columns), len(columns))
	for _, list := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"extra", extra}, {"repeated", twice}} {
		if len(list.names) > 0 {
			text += fmt.Sprintf("; %s: %s", list.what, quoted(list.names))
		}
	}
	return nil, fmt.Errorf("%s", text)
}
