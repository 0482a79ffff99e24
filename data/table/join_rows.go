package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// joiner finds the row of a table of labels for every item of a frame. It serves one call of [JoinLabels]: read fills
// labels and the explanation, byRow or byID find the places.
type joiner struct {
	f        *data.Frame      // whose items get labels; not changed
	opt      *JoinOptions     // of the caller
	e        *JoinExplanation // filled on the way
	labels   reading.Texts    // of the file
	numbered bool             // the file has no ids of its own
}

// read reads the columns of ids, labels and, where an option names one, domains.
func (j *joiner) read(ctx context.Context, path string) error {
	opt := j.opt.Options
	opt.NoCache = true
	if opt.Domain == "" {
		opt.Domain = data.NoColumn
	}
	if err := notNegative(&opt); err != nil {
		return err
	}
	in, err := openInput(ctx, path, &opt)
	if err != nil {
		return err
	}
	defer in.Close()
	f, e, err := j.open(ctx, in, opt)
	if err != nil {
		return err
	}
	j.numbered = f.Numbered
	if f.Numbered && !j.opt.ByRow {
		return &Error{File: in.Name, Problem: "no column of ids was found",
			Fix: option.Do("write a header of two names, such as id,label").Or("name the column in %s", "ID").
				Or("set %s if its rows are the items in their order", "JoinOptions.ByRow")}
	}
	if e.Label == "" {
		return &Error{File: in.Name, Problem: "no column of labels was found",
			Fix: option.Do("call one of "+listing.Quoted(e.Ignored)+" "+
				strings.Join(append([]string{"label"}, j.opt.LabelNames...), " or ")).
				Or("name it in %s", "Label")}
	}
	j.labels = reading.Texts{IDs: f.IDs, Labels: f.Labels, Domains: f.Domains}
	if f.Labels == nil {
		j.labels.Labels = make([]string, f.N()) // the column is there, and empty
	}
	j.e.Unknown = e.UnknownLabels
	if n := len(e.AlikeLabels); n > 0 {
		j.e.Notes = append(j.e.Notes, fmt.Sprintf("%q and %q are two labels, though they differ in spelling only (%d "+
			"such pairs)", e.AlikeLabels[0][0], e.AlikeLabels[0][1], n))
	}
	j.e.File, j.e.Format, j.e.Rows, j.e.ID, j.e.Label = in.Name, e.Format, f.N(), e.ID, e.Label
	return nil
}

// byRow returns the rows [N] of the items where they are the same, or an error where they cannot be.
func (j *joiner) byRow() ([]int, error) {
	if j.e.Rows != j.f.N() {
		fix := option.Do("write a row for every item, in their order")
		if roles, err := (data.Schema{}).Assign([]string{j.e.Label}); j.e.Rows == j.f.N()-1 && !j.opt.NoHeader &&
			(err != nil || !roles.Has(data.RoleLabel)) { // else the first line is a header for certain
			fix = fix.Or("set %s if the first line is an item", "NoHeader")
		}
		return nil, &Error{File: j.e.File,
			Problem: fmt.Sprintf("it has %d rows for %d items, and they are joined by row", j.e.Rows, j.f.N()),
			Fix:     fix}
	}
	place := make([]int, j.f.N())
	for i := range place {
		place[i] = i
		// Where both know better than the order, they must agree.
		if !j.f.Numbered && !j.numbered && j.f.IDs[i] != j.labels.IDs[i] {
			return nil, &Error{File: j.e.File, Row: int64(i) + 1, Column: j.e.ID, Text: j.labels.IDs[i],
				Problem: fmt.Sprintf("is item %q of the frame: the rows are not the same items", j.f.IDs[i]),
				Fix:     option.Do("put them into one order").Or("join by id, without %s", "JoinOptions.ByRow")}
		}
	}
	return place, nil
}

// byID returns the row of every item [N], -1 = the table lacks it. Ids are compared as texts, byte by byte: "007" is
// not "7", and such ids are named in the error. It takes O(N + rows).
func (j *joiner) byID() ([]int, error) {
	at := make(map[string]int, len(j.labels.IDs))
	for k, id := range j.labels.IDs {
		at[id] = k
	}
	place := make([]int, j.f.N())
	used := make([]bool, len(j.labels.IDs))
	var missing, others []string
	for i, id := range j.f.IDs {
		k, ok := at[id]
		if place[i] = k; !ok {
			place[i] = -1
			missing = append(missing, id)
			continue
		}
		used[k] = true
	}
	for k, id := range j.labels.IDs {
		if !used[k] {
			others = append(others, id)
		}
	}
	j.e.Others = len(others)
	return place, j.complain(missing, others)
}

// complain returns the error about ids that only one of the two tables has, nil where the options allow them.
func (j *joiner) complain(missing, others []string) error {
	alike := differently(missing, others)
	none := len(missing) == j.f.N()
	switch {
	case len(missing) > 0 && (none || alike != nil || !j.opt.AllowMissingIDs):
		e := &Error{File: j.e.File, Problem: fmt.Sprintf("it lacks %d of %d ids: %s", len(missing), j.f.N(),
			listing.Quoted(missing)), Fix: option.Do("add them")}
		switch {
		case alike != nil:
			e.Problem += "; " + alike.String()
			e.Fix = option.Do("write them alike in both tables")
		case none:
			e.Problem += "; it has " + listing.Quoted(others)
			e.Fix = option.Do("correct the ids")
		default:
			e.Fix = e.Fix.Or("set %s to leave these items without one", "JoinOptions.AllowMissingIDs")
		}
		return e
	case len(others) > 0 && !j.opt.AllowOthers:
		return &Error{File: j.e.File,
			Problem: fmt.Sprintf("%d of its ids are not in the frame: %s", len(others), listing.Quoted(others)),
			Fix:     option.Do("remove them").Or("set %s", "JoinOptions.AllowOthers")}
	}
	return nil
}
