package columnar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// PandasKey is the entry of a Parquet or Arrow file's metadata in which pandas, and tools that
// follow it, describe the data frame.
const PandasKey = "pandas"

// daskIndex is what Dask calls an index without a name, which numbers the rows.
const daskIndex = "__null_dask_index__"

// Known is what a file says of its columns besides their types.
type Known struct {
	reading.Hints
	Pandas string // the entry PandasKey, "" = none
	Empty  []bool // which columns hold nothing but nulls
}

// Plan is [reading.NewPlan] for a file that may say which columns are an index of pandas, and
// which hold nothing. Neither is a feature: an index of one level is the id, unless there is
// another one, and everything else is left out and told.
func Plan(file string, columns []reading.Column, opt *reading.Options, known Known) (*reading.Plan, error) {
	o := *opt
	o.Ignore = slices.Clone(opt.Ignore)
	free := func(name string) bool { return isFree(name, &o) }
	var notes []string
	index, rows := pandasIndex(known.Pandas)
	if rows != "" {
		notes = append(notes, "index: "+rows)
	}
	index = slices.DeleteFunc(index, func(name string) bool {
		return !slices.ContainsFunc(columns, func(c reading.Column) bool { return c.Name == name })
	})
	id := ""
	for _, name := range index {
		switch {
		case !free(name):
		case len(index) == 1 && name != daskIndex && o.ID == "" && !slices.ContainsFunc(columns, isID):
			id, o.ID = name, name
		default:
			o.Ignore = append(o.Ignore, name)
			notes = append(notes, fmt.Sprintf("column %q, a level of the index written by pandas, is left out", name))
		}
	}
	var empty []string
	for j, c := range columns {
		if len(known.Empty) > j && known.Empty[j] && free(c.Name) && c.Name != "" &&
			(!opt.AllowMissing || c.Kind != reading.Numbers) {
			empty = append(empty, c.Name)
		}
	}
	if len(empty) > 0 {
		o.Ignore = append(o.Ignore, empty...)
		notes = append(notes, fmt.Sprintf("columns without any value are left out: %s", listing.Quoted(empty)))
	}
	p, err := reading.NewPlan(file, columns, &o, known.Hints)
	if err != nil {
		return nil, err
	}
	for k, note := range p.Notes {
		if id != "" && strings.HasPrefix(note, "id: column") {
			p.Notes[k] = fmt.Sprintf("id: column %q, the index written by pandas", id)
		}
	}
	p.Notes = append(p.Notes, notes...)
	return p, nil
}

// isFree reports whether a column has no role by opt or by its name.
func isFree(name string, opt *reading.Options) bool {
	if name == opt.ID || name == opt.Label || name == opt.Domain || slices.Contains(opt.Ignore, name) ||
		slices.Contains(opt.Keep, name) {
		return false
	}
	alone, err := data.Schema{}.Assign([]string{"", name}) // a column of its own, and not the first
	return err != nil || alone.Roles[1] == data.RoleFeature
}

// isID reports whether a column is the id by its name.
func isID(c reading.Column) bool {
	alone, err := data.Schema{}.Assign([]string{"", c.Name})
	return err == nil && alone.Roles[1] == data.RoleID
}

// pandasIndex returns the columns that pandas calls the levels of the index. A level may also be
// a range, which is no column; rows is a sentence about one that is not simply 0, 1, 2, …
func pandasIndex(text string) (names []string, rows string) {
	var about struct {
		Index []json.RawMessage `json:"index_columns"`
	}
	if text == "" || json.Unmarshal([]byte(text), &about) != nil {
		return nil, ""
	}
	for _, level := range about.Index {
		var name string
		if json.Unmarshal(level, &name) == nil {
			names = append(names, name)
			continue
		}
		var span struct {
			Kind        string
			Start, Step int64
		}
		if json.Unmarshal(level, &span) == nil && span.Kind == "range" && (span.Start != 0 || span.Step != 1) {
			rows = fmt.Sprintf("pandas' row numbers, from %d in steps of %d, are left out", span.Start, span.Step)
		}
	}
	return names, rows
}
