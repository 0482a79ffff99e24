package preprocess

import (
	"fmt"

	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// Match returns for every column of the transform its place in columns: the value of feature j is at row[match[j]]. Any
// order is accepted; missing, extra and repeated columns are an error that lists them. Extra ones are not just left
// out: they say that the features were made by other settings than those of training.
func (t *Transform) Match(columns []string) ([]int, error) {
	// All differences are collected: a frame made by other settings usually has many.
	place := selection.Positions(columns)
	match := make([]int, len(t.Columns))
	var missing, extra []string
	for j, name := range t.Columns {
		at, ok := place[name]
		if !ok {
			missing = append(missing, name)
		}
		match[j] = at
	}
	known := selection.Positions(t.Columns)
	for _, name := range columns {
		if _, ok := known[name]; !ok {
			extra = append(extra, name)
		}
	}
	twice := listing.Repeated(columns)
	if len(missing)+len(extra)+len(twice) == 0 {
		return match, nil
	}
	text := fmt.Sprintf("data: the features are not those the model was fitted on (%d columns, these are %d)",
		len(t.Columns), len(columns))
	for _, list := range []struct {
		what  string
		names []string
	}{{"missing", missing}, {"extra", extra}, {"repeated", twice}} {
		if len(list.names) > 0 {
			text += fmt.Sprintf("; %s: %s", list.what, listing.Quoted(list.names))
		}
	}
	return nil, fmt.Errorf("%s", text)
}
