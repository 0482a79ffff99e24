package table

import (
	"context"
	"fmt"
	"slices"

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
	// AllowMissingIDs lets items of the frame that the table lacks go without a label ("").
	AllowMissingIDs bool
	// AllowOthers leaves out ids of the table that the frame lacks.
	AllowOthers bool
}

// JoinLabels returns f with the labels that the table at path gives its ids, whatever the order. Labels that f had are
// replaced. All but labels and domains is shared with f; f itself is not changed. The cache is not used.
//
// Errors name up to five ids each: ids of the frame that the table lacks and ids of the table
// that the frame lacks (unless they are allowed), and ids that the table has twice.
func JoinLabels(ctx context.Context, f *data.Frame, path string, opt JoinOptions) (*data.Frame, error) {
	labels, err := readLabels(ctx, path, &opt)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(labels.IDs))
	for i, id := range labels.IDs {
		place[id] = i
	}
	out := *f
	out.Labels = make([]string, f.N())
	if labels.Domains != nil {
		out.Domains = make([]string, f.N())
	}
	var missing []string
	used := 0
	for i, id := range f.IDs {
		k, ok := place[id]
		if !ok {
			missing = append(missing, id)
			continue
		}
		used++
		out.Labels[i] = labels.Labels[k]
		if labels.Domains != nil {
			out.Domains[i] = labels.Domains[k]
		}
	}
	if len(missing) > 0 && !opt.AllowMissingIDs {
		return nil, &Error{File: path,
			Problem: fmt.Sprintf("it lacks %d of %d ids: %s", len(missing), f.N(), listing.Quoted(missing)),
			Fix: option.Do("add them").
				Or("set %s to leave these items without a label", "JoinOptions.AllowMissingIDs")}
	}
	if used < len(labels.IDs) && !opt.AllowOthers {
		known := make(map[string]bool, f.N())
		for _, id := range f.IDs {
			known[id] = true
		}
		others := slices.DeleteFunc(slices.Clone(labels.IDs), func(id string) bool { return known[id] })
		return nil, &Error{File: path,
			Problem: fmt.Sprintf("%d of its ids are not in the frame: %s", len(others), listing.Quoted(others)),
			Fix:     option.Do("remove them").Or("set %s", "JoinOptions.AllowOthers")}
	}
	if reading.AllEmpty(out.Labels) {
		out.Labels = nil
	}
	return &out, nil
}

// readLabels reads the columns of ids, labels and, where opt names one, domains. It sets options of reading in opt.
func readLabels(ctx context.Context, path string, opt *JoinOptions) (*reading.Texts, error) {
	opt.NoCache = true
	if opt.Domain == "" {
		opt.Domain = data.NoColumn
	}
	f, e, err := Open(ctx, path, reading.OnlyRoles(opt.Options))
	if err != nil {
		return nil, err
	}
	for _, need := range []struct{ found, what, option string }{{e.ID, "ids", "ID"}, {e.Label, "labels", "Label"}} {
		if need.found == "" {
			return nil, &Error{File: path, Problem: "no column of " + need.what + " was found",
				Fix: option.Do("name it in %s", need.option)}
		}
	}
	t := &reading.Texts{IDs: f.IDs, Labels: f.Labels, Domains: f.Domains}
	if t.Labels == nil {
		t.Labels = make([]string, f.N()) // the column is there, and empty
	}
	return t, nil
}
