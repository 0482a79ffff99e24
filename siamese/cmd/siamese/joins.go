package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/openfile"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/pairs"
)

// joinFlags are the flags of a command that reads tables beside DATA: of labels, groups or pairs.
type joinFlags struct {
	// MaxBytes bounds what a small file may unpack to, DATA too.
	MaxBytes int64 `placeholder:"BYTES" help:"${help_max_bytes}"`
	ByRow    bool  `help:"${help_by_row}"`
	// EscapeFormulas is of reading here, DATA too; commands that write a table take it for both.
	EscapeFormulas bool `option:"EscapedFormulas" help:"${help_escape_formulas}"`
	// The columns of a table of pairs. Their options have the names of other ones, hence the tags.
	Left       string `option:"PairOptions.Left" placeholder:"COLUMN" help:"${help_left}"`
	Right      string `option:"PairOptions.Right" placeholder:"COLUMN" help:"Column of the ids of the other items."`
	PairLabel  string `option:"PairOptions.Label" placeholder:"COLUMN" help:"Column of the labels of pairs."`
	PairWeight string `option:"PairOptions.Weight" placeholder:"COLUMN" help:"${help_pair_weight}"`
	PairSame   string `option:"PairOptions.Same" placeholder:"0|1" help:"${help_pair_same}"`
	// AllowUnknown is off by default, since an id that DATA lacks is mostly a slip.
	AllowUnknown bool `option:"PairOptions.AllowUnknown" help:"${help_allow_unknown}"`
}

// tableFlag returns the first flag on the command line that is about reading a table, or "". Where none is read, it
// would have no effect.
func tableFlag(parsed *kong.Context) string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[dataFlags]()) {
		if field.IsExported() && !field.Anonymous {
			names = append(names, kebab(field.Name))
		}
	}
	return given(parsed, names...)
}

// pairOptions returns the options of the reader of pairs.
func (j *joinFlags) pairOptions() table.PairOptions {
	return table.PairOptions{Left: j.Left, Right: j.Right, Label: j.PairLabel, Weight: j.PairWeight, Same: j.PairSame,
		ByRow: j.ByRow, MaxBytes: j.MaxBytes, AllowUnknown: j.AllowUnknown, EscapedFormulas: j.EscapeFormulas}
}

// checkJoins returns a usage error for a flag that would have no effect. labels, groups and
// pairTables are the tables of each kind that the command reads, "" = none.
func (j *joinFlags) checkJoins(labels, groups string, pairTables ...string) error {
	some := slices.ContainsFunc(pairTables, func(name string) bool { return name != "" })
	for _, flag := range []struct{ name, value string }{{"left", j.Left}, {"right", j.Right},
		{"pair-label", j.PairLabel}, {"pair-weight", j.PairWeight}, {"pair-same", j.PairSame}} {
		if flag.value != "" && !some {
			return wrongFlag(flag.name, "it is for a table of pairs, and none is given: leave it out")
		}
	}
	if j.AllowUnknown && !some {
		return wrongFlag("allow-unknown", "it is for a table of pairs, and none is given: leave it out")
	}
	if j.ByRow && !some && labels == "" && groups == "" {
		return wrongFlag("by-row", "it joins another table to DATA, and none is given: leave it out")
	}
	return nil
}

// openPairs returns the labelled pairs in the table at path, whose ids must be those of frame, and prints on out how it
// was read. flag is the flag that named the table, for errors.
func (j *joinFlags) openPairs(ctx context.Context, flag, path string, frame *data.Frame,
	out io.Writer) (pairs.Pairs, error) {
	given, how, err := table.OpenPairs(ctx, path, frame, j.pairOptions())
	if err != nil {
		return pairs.Pairs{}, &option.Error{Option: flag, Err: err}
	}
	fmt.Fprint(out, how)
	return pairs.Pairs(given), nil
}

// joinLabels returns the frame with the labels of the table at path, and how they were found. keep are the options of
// the reader that flags set, for errors: the others are those of DATA.
func (j *joinFlags) joinLabels(ctx context.Context, flag, path string, frame *data.Frame, opt table.JoinOptions,
	keep ...string) (*data.Frame, *table.JoinExplanation, error) {
	opt.ByRow, opt.MaxBytes, opt.EscapedFormulas = j.ByRow, j.MaxBytes, j.EscapeFormulas && mayBeText(path)
	joined, how, err := table.JoinLabels(ctx, frame, path, opt)
	if err != nil {
		return nil, nil, &option.Error{Option: flag, Err: onlyFlags{err, append(keep, "JoinOptions.ByRow", "MaxBytes")}}
	}
	if joined.Labels == nil {
		return nil, nil, option.Errorf(flag, "%s: column %q is empty for all of the items that it names", how.File,
			how.Label)
	}
	return joined, how, nil
}

// onlyFlags is an error about options of which flags set only some, though others may be called alike: the reader of
// labels has an option ID, which the flag --id, a column of DATA, is not.
type onlyFlags struct {
	error
	keep []string
}

func (e onlyFlags) Unwrap() error { return e.error }

// Spell implements [option.Speller]. It leaves out the names of the other options where that is possible.
func (e onlyFlags) Spell(name func(string) string) string {
	return option.Text(e.error, func(of string) string {
		if slices.Contains(e.keep, of) {
			return name(of)
		}
		return ""
	})
}

// others returns the items of a table beside DATA that has the features of DATA: queries, or items of unseen classes.
// Labels and domains of it are taken where it has them, columns of --ignore are left out where it has them, and
// --labels may name its items or not: none of these is needed to embed an item.
func (d *dataFlags) others(ctx context.Context, name string) (*data.Frame, error) {
	opt := d.options(name)
	if holdsPictures(ctx, name) {
		frame, _, err := d.read(ctx, name, opt)
		return frame, err
	}
	// A pipe can be read once: its columns are then all that the flags name.
	info, err := os.Stat(name)
	if name == openfile.Stdin || err != nil || !info.Mode().IsRegular() {
		frame, _, err := table.Open(ctx, name, opt)
		return frame, err
	}
	columns, err := table.Columns(ctx, name, opt)
	if idle := option.Names(err); len(idle) > 0 {
		// What is for text does nothing to a table of numbers beside DATA; DATA itself was read with it.
		opt.Comma, opt.NoHeader, opt.EscapedFormulas = 0, false, false
		columns, err = table.Columns(ctx, name, opt)
	}
	if err != nil {
		return nil, err
	}
	for _, list := range []*[]string{&opt.Ignore, &opt.Keep} {
		*list = slices.DeleteFunc(slices.Clone(*list), func(c string) bool { return !slices.Contains(columns, c) })
	}
	for _, role := range []*string{&opt.ID, &opt.Label, &opt.Domain} {
		if *role != data.NoColumn && !slices.Contains(columns, *role) {
			*role = ""
		}
	}
	if d.Labels != "" && !slices.Contains(columns, d.Label) {
		opt.Label = ""
	}
	frame, _, err := d.openShared(ctx, name, opt)
	if err != nil || d.Labels == "" || frame.Numbered || d.ByRow {
		return frame, err
	}
	labels := d.labelOptions()
	labels.EscapedFormulas = d.EscapeFormulas && mayBeText(d.Labels)
	joined, _, err := table.JoinLabels(ctx, frame, d.Labels, labels)
	if err != nil || joined.Labels == nil {
		return frame, nil //nolint:nilerr // that it is of other items is no fault
	}
	return joined, nil
}

// checkColumns returns a usage error for a flag about the columns of a table, for data that are none. why, with its
// arguments, says what is given instead.
func (d *dataFlags) checkColumns(why string, args ...any) error {
	for _, flag := range []struct {
		name  string
		given bool
	}{{"id", d.ID != ""}, {"label", d.Label != "" && d.Labels == ""}, {"domain", d.Domain != ""},
		{"block", d.Block != nil}, {"ignore", d.Ignore != nil}, {"allow-missing", d.AllowMissing},
		{"max-bytes", d.MaxBytes != 0 && d.Labels == "" && d.groupTable == "" && d.pairTable == ""},
		{"keep", d.Keep != nil}, {"x", d.X != ""}, {"no-header", d.NoHeader}, {"separator", d.Separator != ""},
		{"missing", d.Missing != nil && d.Labels == ""}, {"escape-formulas", d.EscapeFormulas}} {
		if flag.given {
			return wrongFlag(flag.name, why, args...)
		}
	}
	return nil
}

// openShared is [table.Open] for a table of several that share the words for missing values: they need not mean anything
// in this one.
func (d *dataFlags) openShared(ctx context.Context, name string, opt table.Options) (*data.Frame, *table.Explanation,
	error) {
	frame, how, err := table.Open(ctx, name, opt)
	if slices.Equal(option.Names(err), []string{"Missing"}) {
		opt.Missing = nil
		return table.Open(ctx, name, opt)
	}
	return frame, how, err
}

// givenPairs returns the pairs in a table whose items are both among the validation items, and those whose items are
// both among the test items. Pairs across two sides are dropped: one of their items was trained on. The validation
// pairs choose the threshold; a side without pairs is an error.
func (u *loadedModel) givenPairs(ctx context.Context, path string, split *split.Split, joins *joinFlags,
	out io.Writer) (val, test pairs.Pairs, err error) {
	// Weights and labels come along; the split decides only which pairs are used.
	given, err := joins.openPairs(ctx, "pairs", path, u.frame, out)
	if err != nil {
		return val, test, err
	}
	sides, err := pairs.ApplySplit(given, u.frame, split)
	if err != nil {
		return val, test, err
	}
	// Both sides are needed: without validation pairs there is no threshold, without test pairs no evaluation.
	for _, side := range []struct {
		name  string
		pairs pairs.Pairs
	}{{"validation", sides.Val}, {"test", sides.Test}} {
		if side.pairs.Len() == 0 {
			return val, test, option.Errorf("pairs",
				"%s: none of %d pairs has both its items among the %s items of the split: "+
					"add such pairs, or split by these (train --pairs)",
				path, given.Len(), side.name)
		}
	}
	return sides.Val, sides.Test, nil
}
