package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/features"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/table"
)

// dataArgument is the argument DATA: the items that a command works on.
type dataArgument struct {
	Data string `arg:"" help:"${data_help}"`
}

// builtinName is the word for the built-in dataset, which [dataFlags.open] takes for a table. A file of that name is
// reached as ./builtin.
const builtinName = "builtin"

// dataFlags are the flags of a command that say how to read DATA, and tables beside it. The built-in dataset has only
// one reading: flags that name columns are refused for it, unless they are meant for another table of the same command,
// the queries of search or the unseen classes of train.
type dataFlags struct {
	// Columns; "" = the reader looks for one of the usual names.
	ID    string `placeholder:"COLUMN" help:"Column of the ids (default: by name); - numbers the items."`
	Label string `placeholder:"COLUMN" help:"Column of the classes (default: by name)."`
	// Labels and LabelsOfPairs replace the classes of the table; only one of them may be given.
	Labels        string     `placeholder:"TABLE" xor:"labels" help:"${help_labels}"`
	LabelsOfPairs string     `placeholder:"TABLE" xor:"labels" help:"${help_labels_of_pairs}"`
	Domain        string     `placeholder:"COLUMN" help:"Column of the domains (default: by name)."`
	Block         blockRules `option:"Blocks" placeholder:"NAME=PATTERN" help:"${help_block}"`
	Ignore        []string   `placeholder:"COLUMN" help:"Columns to leave out."`
	Keep          []string   `placeholder:"COLUMN" help:"${help_keep}"`
	X             string     `placeholder:"ARRAY" help:"${help_x}"`
	// How the file is read. The zero values infer everything.
	NoHeader  bool     `help:"The first line of a text table is an item; its columns are called c1, c2 and so on."`
	Separator string   `option:"Comma" placeholder:"CHARACTER" help:"${help_separator}"`
	Missing   []string `placeholder:"WORD" help:"${help_missing}"`
	// AllowMissing is off by default, since a value that is missing is mostly a mistake of the table.
	AllowMissing bool `help:"Read missing values as such instead of refusing them; the model must impute them."`
	joinFlags

	// other names another table than DATA that is read with these flags; unlabelled says why the command has no use for
	// labels; readMissing that missing values are read as such; pairTable and groupTable are further tables of the
	// command. They are set before open, "" = none.
	other, unlabelled     string
	readMissing           bool      // whatever AllowMissing says
	onDisk                bool      // see streamFlag
	errOut                io.Writer // for the progress of what is written to disk
	escapesOutput         bool      // --escape-formulas is for what the command writes too
	pairTable, groupTable string

	// pictures makes features of pictures with the settings of the command's model; nil = it has none, and pictures are
	// refused.
	pictures *pictureReader

	// known are the columns of the command's model, nil = it has none: they are features whatever they hold.
	known []string
}

// checkData returns a usage error for a flag that would have no effect.
func (d *dataFlags) checkData(name string) error {
	if d.unlabelled != "" {
		for _, flag := range []struct{ name, value string }{{"labels", d.Labels},
			{"labels-of-pairs", d.LabelsOfPairs}} {
			if flag.value != "" {
				return wrongFlag(flag.name, "%s: leave it out", d.unlabelled)
			}
		}
	}
	if d.Label != "" && d.LabelsOfPairs != "" {
		return wrongFlag("label", "classes are made from pairs, with --labels-of-pairs: leave one of the two out")
	}
	if err := d.checkOnDisk(name); err != nil {
		return err
	}
	if isBuiltin(name) && d.other == "" {
		if err := d.checkColumns("%s has one reading, which it cannot change: leave it out", builtinName); err != nil {
			return err
		}
	}
	return d.checkJoins(d.Labels, d.groupTable, d.pairTable, d.LabelsOfPairs)
}

// blockRules are the values of --block, in the order of the command line: the first rule that matches a column wins.
type blockRules []data.BlockRule

// Decode implements [kong.MapperValue]: it appends the rule NAME=PATTERN. Whether the pattern is a regular expression
// is checked when the table is read.
func (b *blockRules) Decode(ctx *kong.DecodeContext) error {
	var text string
	if err := ctx.Scan.PopValueInto("rule", &text); err != nil {
		return err
	}
	// At the first equals sign: a name has none, a pattern may.
	name, pattern, ok := strings.Cut(text, "=")
	if !ok || name == "" || pattern == "" {
		return fmt.Errorf("%q is not NAME=PATTERN, such as hog=^hog_", text)
	}
	*b = append(*b, data.BlockRule{Name: name, Pattern: pattern})
	return nil
}

// options returns the reader's options for the table at path. The zero value of each flag is the zero value of its
// option.
func (d *dataFlags) options(path string) table.Options {
	opt := table.Options{AllowMissing: d.AllowMissing || d.readMissing, NoHeader: d.NoHeader, MaxBytes: d.MaxBytes,
		EscapedFormulas: d.EscapeFormulas && (mayBeText(path) || !d.escapesOthers())}
	// --missing= gives no word at all: then the list is empty, not the default.
	if d.Missing != nil {
		opt.Missing = slices.DeleteFunc(slices.Clone(d.Missing), func(word string) bool { return word == "" })
	}
	if d.Separator != "" {
		opt.Comma = d.Separator[0]
	}
	opt.ID, opt.Label, opt.Domain, opt.Ignore, opt.Blocks = d.ID, d.Label, d.Domain, d.Ignore, d.Block
	opt.Keep, opt.X = d.Keep, d.X
	// A column that the model was trained on stays, although the items that it is used on happen to be numbered by it.
	opt.KeepCounting = d.known
	return opt
}

// escapesOthers reports whether --escape-formulas has something else to do than to read DATA, which may then be of a
// format without formulas.
func (d *dataFlags) escapesOthers() bool {
	return d.escapesOutput || d.other != "" || d.Labels != "" || d.LabelsOfPairs != "" || d.pairTable != "" ||
		d.groupTable != ""
}

// open returns the items that name means, and in words how they were read: from which file, which columns are what, and
// where labels came from. name is a table's file, "builtin" for all built-in images or "builtin:N" for N of each class.
func (d *dataFlags) open(ctx context.Context, name string) (*data.Frame, string, error) {
	if err := d.checkData(name); err != nil {
		return nil, "", err
	}
	if word, count, given := strings.Cut(name, ":"); word == builtinName {
		if d.Labels != "" {
			return nil, "", wrongFlag("labels", "%s has labels of its own", builtinName)
		}
		if d.LabelsOfPairs != "" {
			return nil, "", wrongFlag("labels-of-pairs", "%s has labels of its own", builtinName)
		}
		frame, err := builtinFrame(ctx, count, given)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", quote.Text(name), err)
		}
		return frame, fmt.Sprintf("%s: %d images x %d features (HOG and GLCM)", quote.Text(name), frame.N(),
			frame.F()), nil
	}
	if len(d.Separator) > 1 {
		return nil, "", wrongFlag("separator", "%q is not one character: use one such as ; or |", d.Separator)
	}
	if d.pictures != nil && holdsPictures(ctx, name) {
		err := d.checkColumns("%s holds pictures, which have no columns: leave it out", quote.Text(name))
		if err != nil {
			return nil, "", err
		}
	}
	opt := d.options(name)
	// The column of --label is then one of the other table, and this one may not have it.
	if d.Labels != "" || d.LabelsOfPairs != "" {
		opt.Label = ""
	}
	if err := fits(name, opt); err != nil && !d.onDisk {
		return nil, "", err
	}
	frame, text, err := d.read(ctx, name, opt)
	if err != nil {
		return nil, "", err
	}
	switch {
	case d.Labels != "":
		joined, found, err := d.joinLabels(ctx, "labels", d.Labels, frame, d.labelOptions(), "Label")
		if err != nil {
			return nil, "", err
		}
		return joined, fmt.Sprintf("%s\n  labels of %d of %d items, from %s", text, found.Labelled, found.Items,
			found), nil
	case d.LabelsOfPairs != "":
		return d.link(ctx, frame, text)
	}
	return frame, text, nil
}

// scan returns the items of a table part by part, for tables longer than the memory.
func (d *dataFlags) scan(ctx context.Context, name string) (iter.Seq2[*data.Frame, error], error) {
	if err := d.checkData(name); err != nil {
		return nil, err
	}
	if len(d.Separator) > 1 {
		return nil, wrongFlag("separator", "%q is not one character: use one such as ; or |", d.Separator)
	}
	if _, err := os.Stat(name); err != nil {
		_, _, err = table.Open(ctx, name, d.options(name)) // which says it better
		return nil, err
	}
	return uniqueIDs(name, table.Scan(ctx, name, d.options(name))), nil
}

// labelOptions returns the options for the table of --labels, which may cover a part of the items, or more than these.
func (d *dataFlags) labelOptions() table.JoinOptions {
	opt := table.JoinOptions{AllowMissingIDs: true, AllowOthers: true}
	opt.Label, opt.MaxBytes, opt.Missing = d.Label, d.MaxBytes, d.options(d.Labels).Missing
	return opt
}

// read returns the items of a table or, for a command with a model, of pictures, and in words how they were read.
func (d *dataFlags) read(ctx context.Context, name string, opt table.Options) (*data.Frame, string, error) {
	if holdsPictures(ctx, name) {
		if d.pictures == nil {
			return nil, "", fmt.Errorf("%s holds pictures, and a table of features is needed: make one with siamese "+
				"features --out=features.parquet %s", quote.Text(name), quote.Text(name))
		}
		if d.onDisk {
			return nil, "", wrongFlag("stream", "%s holds pictures: leave it out", quote.Text(name))
		}
		return d.pictures.frame(ctx, name)
	}
	frame, how, err := d.opener()(ctx, name, opt)
	if err != nil {
		return nil, "", err
	}
	return frame, strings.TrimSpace(how.String()), nil
}

// link returns a copy of the frame whose classes are made from labelled pairs: items that a chain of same pairs
// connects are one class. It fails if the pairs contradict one another, so that two items of a class are labelled
// different. text says how the frame was read, and gets what became of the pairs.
func (d *dataFlags) link(ctx context.Context, frame *data.Frame, text string) (*data.Frame, string, error) {
	const flagName = "labels-of-pairs"
	var how strings.Builder
	pairs, err := d.openPairs(ctx, flagName, d.LabelsOfPairs, frame, &how)
	if err != nil {
		return nil, "", err
	}
	// A shallow copy: the caller's frame keeps its labels, and the N x F numbers are shared.
	out := *frame
	if out.Labels, err = pairs.Classes(frame.N()); err != nil {
		return nil, "", option.Errorf(flagName, "%s: %w", quote.Text(d.LabelsOfPairs), err)
	}
	labelled := 0
	for _, label := range out.Labels {
		if label != "" {
			labelled++
		}
	}
	return &out, fmt.Sprintf("%s\n  labels of %d of %d items, from %s", text, labelled, frame.N(),
		strings.TrimSpace(how.String())), nil
}

// builtinFrame returns the features of the built-in images, see [builtinPictures].
func builtinFrame(ctx context.Context, count string, given bool) (*data.Frame, error) {
	pictures, err := builtinPictures(count, given)
	if err != nil {
		return nil, err
	}
	return features.Extract(ctx, pictures, features.Default(), nil)
}

// itemsByID returns the numbers of the items with the given ids, in that order. name is what the user calls the frame,
// for the error about an id that is not there, which suggests the nearest ids. O(N) for one call.
func itemsByID(frame *data.Frame, name string, ids ...string) ([]int, error) {
	// One map rather than a search for each id: compare takes any number of them.
	at := make(map[string]int, frame.N())
	for i, id := range frame.IDs {
		at[id] = i
	}
	items := make([]int, len(ids))
	for k, id := range ids {
		i, ok := at[id]
		if !ok {
			return nil, fmt.Errorf("%s: there is no item %q%s", quote.Text(name), id, nearest(frame, id))
		}
		items[k] = i
	}
	return items, nil
}

// nearest returns the end of that error: up to three ids that look like the one that is not there, or "".
func nearest(frame *data.Frame, id string) string {
	near := frame.NearestIDs(id, 3)
	if len(near) == 0 {
		return ""
	}
	return fmt.Sprintf("; the nearest ids are %q", near)
}
