package table

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// mostTried is how many columns of a table of labels are looked through for ids; each costs a pass over the file.
const mostTried = 32

// open reads the table of labels. What names do not tell is told by the ids of the frame: a first line that holds one
// of them is no header, a column that holds most of them is that of the ids, and of two columns the other one is that
// of the labels.
func (j *joiner) open(ctx context.Context, in *input, opt Options) (*data.Frame, *Explanation, error) {
	known := make(map[string]bool, j.f.N())
	if !j.f.Numbered {
		for _, id := range j.f.IDs {
			known[id] = true
		}
	}
	f, e, err := readRoles(ctx, in, opt)
	if err != nil {
		return nil, nil, err
	}
	if isText := strings.HasPrefix(e.Format, "CSV") || strings.HasPrefix(e.Format, "TSV"); isText && !opt.NoHeader &&
		slices.ContainsFunc(columnsOf(e), func(name string) bool { return known[name] }) {
		j.e.Notes = append(j.e.Notes, "the first line is read as an item, since it holds the id of one")
		opt.NoHeader = true
		if f, e, err = readRoles(ctx, in, opt); err != nil {
			return nil, nil, err
		}
	}
	columns := columnsOf(e)
	again := opt
	if opt.ID == "" && len(known) > 0 && !holds(f.IDs, known) {
		if again.ID, err = j.idColumn(ctx, in, opt, columns, known); err != nil {
			return nil, nil, err
		}
		if again.ID != "" {
			j.e.Notes = append(j.e.Notes, fmt.Sprintf("ids: column %q, which holds those of the items", again.ID))
		}
	}
	if opt.Label == "" {
		again.Label = j.labelColumn(e, columns, again.ID)
	}
	if again.ID == opt.ID && again.Label == opt.Label {
		return f, e, nil
	}
	return readRoles(ctx, in, again)
}

// readRoles reads ids, labels and domains.
func readRoles(ctx context.Context, in *input, opt Options) (*data.Frame, *Explanation, error) {
	return read(ctx, &in.Input, ptr(reading.OnlyRoles(opt)))
}

func ptr[T any](v T) *T { return &v }

// columnsOf returns the columns of a table of which no features were read.
func columnsOf(e *Explanation) []string {
	columns := slices.Clone(e.Ignored)
	for _, name := range []string{e.ID, e.Label, e.Domain} {
		if name != "" {
			columns = append(columns, name)
		}
	}
	return columns
}

// holds reports whether half of the ids or more are known, or half of the known ones are among them.
func holds(ids []string, known map[string]bool) bool {
	found := 0
	for _, id := range ids {
		if known[id] {
			found++
		}
	}
	return found > 0 && 2*found >= min(len(ids), len(known))
}

// idColumn returns the only column that holds ids of the frame, "" = there is none. Two of them are an error.
func (j *joiner) idColumn(ctx context.Context, in *input, opt Options, columns []string, known map[string]bool) (
	string, error) {
	var found []string
	for _, name := range columns[:min(len(columns), mostTried)] {
		if slices.Contains(opt.Ignore, name) || name == opt.Label || name == opt.Domain {
			continue
		}
		try := opt
		try.ID, try.Label, try.Domain = data.NoColumn, name, data.NoColumn
		f, _, err := readRoles(ctx, in, try)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		// A column that cannot be text holds no ids.
		if err == nil && f.Labels != nil && holds(f.Labels, known) {
			found = append(found, name)
		}
	}
	if len(found) > 1 {
		return "", &Error{File: in.Name, Problem: "several columns hold ids of the items: " + listing.Quoted(found),
			Fix: option.Do("call one of them id").Or("name it in %s", "ID")}
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0], nil
}

// labelColumn returns the column of the labels that the names of the table do not tell: one with a further name, or the
// only one beside the column id, which is "" where e knows it. "" = there is none, or e knows it.
func (j *joiner) labelColumn(e *Explanation, columns []string, id string) string {
	if id == "" {
		id = e.ID
	}
	if e.Label != "" && e.Label != id {
		return ""
	}
	for _, name := range j.opt.LabelNames {
		for _, column := range e.Ignored {
			if strings.EqualFold(column, name) && column != id && !slices.Contains(j.opt.Ignore, column) {
				return column
			}
		}
	}
	if j.opt.ByRow && len(columns) == 1 && e.ID == "" {
		return columns[0]
	}
	if others := slices.DeleteFunc(slices.Clone(columns), func(name string) bool { return name == id }); id != "" &&
		len(others) == 1 && len(columns) == 2 {
		return others[0]
	}
	return ""
}
