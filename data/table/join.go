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

// JoinOptions control how labels are joined from another table.
type JoinOptions struct {
	// Options say how to read it. ID is the column of item ids and Label that of classes, as in
	// [Open]; all other columns may hold anything and are left out. Domain, when set, is taken too.
	Options
	// LabelNames are more usual names of the column of labels, for instance "group". They are tried, upper and lower
	// case alike, where no column is called label or class. Label, when set, comes first.
	LabelNames []string
	// ByRow joins the first row of the table to the first item, and so on, whatever their ids. It is what tables
	// without ids need, and an error where both have ids of their own and these differ.
	ByRow bool
	// AllowMissingIDs lets items of the frame that the table lacks go without a label (""), unless it lacks all.
	AllowMissingIDs bool
	// NoEmpty makes labels that are empty or unknown an error, unless AllowMissingIDs: an item without a group is in none,
	// as one that the table lacks.
	NoEmpty bool
	// AllowOthers leaves out ids of the table that the frame lacks.
	AllowOthers bool
}

// JoinExplanation describes how labels were joined.
type JoinExplanation struct {
	File      string
	Format    string // for instance "Parquet" or "CSV"
	Rows      int    // of the file
	Items     int    // N of the frame
	Found     int    // items that the file names
	Labelled  int    // items that got a label
	Others    int    // ids of the file that the frame lacks
	ByRow     bool
	ID, Label string   // columns of the file
	Missing   []string // ids of the frame that the file lacks
	Empty     []string // ids whose label is empty, or unknown
	// Unknown counts labels of the file that are words for a missing value, such as NA; see Options.Missing.
	Unknown int
	Notes   []string // what was decided by the ids of the frame rather than by names, a sentence each
}

// String describes the join in a line: "groups.csv: CSV, 58 of 60 items are in it, by id (column "id"), …".
func (e *JoinExplanation) String() string {
	how := fmt.Sprintf("by id (column %q)", e.ID)
	if e.ByRow {
		how = "by row"
	}
	text := fmt.Sprintf("%s: %s, %s; column %q for %d of %d items", e.File, e.Format, how, e.Label, e.Labelled, e.Items)
	if len(e.Missing) > 0 {
		text += fmt.Sprintf("; it lacks %d ids: %s", len(e.Missing), listing.Quoted(e.Missing))
	}
	if len(e.Empty) > 0 {
		text += fmt.Sprintf("; it is empty for %s", listing.Quoted(e.Empty))
	}
	if e.Unknown > 0 {
		text += fmt.Sprintf("; %d of its labels are words for a missing value, such as NA", e.Unknown)
	}
	if e.Others > 0 {
		text += fmt.Sprintf("; %d of its rows are of other items", e.Others)
	}
	return strings.Join(append([]string{text}, e.Notes...), "; ")
}

// JoinLabels returns f with the labels that the table at path gives its ids, whatever the order, and an explanation.
// Where names do not tell which columns are ids and labels, the ids of f do: the table needs no header, and no certain
// names. That is certain where one column alone holds ids of f, and the labels are called so or are the only other one.
//
// Labels that f had are replaced. All but labels and domains is shared with f; f itself is not changed. The cache is
// not used; path "-" is standard input, as in [Open].
//
// Errors name up to five ids each: ids of the frame that the table lacks and ids of the table that the frame lacks
// (unless they are allowed), and ids that the table has twice. A table that has no id of the frame is an error, and so
// are ids that are missing here and there and differ in spelling only ("007" and "7", "5.0" and "5", "a.png" and "a"),
// even where missing ids are allowed. Where one of the two has row numbers in place of ids, only opt.ByRow joins them.
func JoinLabels(ctx context.Context, f *data.Frame, path string, opt JoinOptions) (*data.Frame, *JoinExplanation,
	error) {
	if err := f.ValidateStructure(); err != nil {
		return nil, nil, err
	}
	if f.Numbered && !opt.ByRow {
		return nil, nil, numbered(path, "JoinOptions.ByRow")
	}
	j := &joiner{f: f, opt: &opt, e: &JoinExplanation{Items: f.N(), ByRow: opt.ByRow}}
	if err := j.read(ctx, path); err != nil {
		return nil, nil, err
	}
	var place []int
	var err error
	if opt.ByRow {
		place, err = j.byRow()
	} else {
		place, err = j.byID()
	}
	if err != nil {
		return nil, nil, err
	}
	out := j.take(place)
	if n := len(j.e.Empty); n > 0 && opt.NoEmpty && !opt.AllowMissingIDs {
		return nil, nil, &Error{File: j.e.File, Column: j.e.Label,
			Problem: fmt.Sprintf("it is empty, or a word for a missing value, for %d of %d items: %s", n, j.e.Items,
				listing.Quoted(j.e.Empty)),
			Fix: option.Do("fill it").Or("set %s to leave these items without one", "JoinOptions.AllowMissingIDs")}
	}
	return out, j.e, nil
}

// numbered is the error for a join by ids with a frame that has none of its own. byRow is the option that allows it.
func numbered(path, byRow string) *Error {
	return &Error{File: path,
		Problem: "the items have no ids of their own, only the numbers of their rows, which mean nothing in another table",
		Fix: option.Do("give the table of the items a column of ids").
			Or("set %s if the rows of both are the same items in the same order", byRow)}
}

// take returns the frame with the labels of the rows place [N], -1 = none, and counts in the explanation what became of
// every item. The result shares all but labels and domains with the frame. Labels are nil where no item got one.
func (j *joiner) take(place []int) *data.Frame {
	out := *j.f
	out.Labels = make([]string, j.f.N())
	if j.labels.Domains != nil {
		out.Domains = make([]string, j.f.N())
	}
	for i, k := range place {
		if k < 0 {
			j.e.Missing = append(j.e.Missing, j.f.IDs[i])
			continue
		}
		j.e.Found++
		if out.Labels[i] = j.labels.Labels[k]; out.Labels[i] == "" {
			j.e.Empty = append(j.e.Empty, j.f.IDs[i])
		} else {
			j.e.Labelled++
		}
		if j.labels.Domains != nil {
			out.Domains[i] = j.labels.Domains[k]
		}
	}
	if reading.AllEmpty(out.Labels) {
		out.Labels = nil
	}
	return &out
}
