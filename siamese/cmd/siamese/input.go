package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/builtin"
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

// dataFlags are the flags of a command that say how to read DATA. The built-in dataset has only one reading and is not
// changed by those that name columns. They are not refused for it, since they may be meant for another table of the
// same command: the queries of search, or the unseen classes of train.
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
	// AllowMissing is off by default, since a value that is missing is mostly a mistake of the table.
	AllowMissing bool `help:"Read missing values as such instead of refusing them; the model must impute them."`
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

// options returns the reader's options. The zero value of each flag is the zero value of its option.
func (d *dataFlags) options() table.Options {
	opt := table.Options{AllowMissing: d.AllowMissing}
	opt.ID, opt.Label, opt.Domain, opt.Ignore, opt.Blocks = d.ID, d.Label, d.Domain, d.Ignore, d.Block
	return opt
}

// open returns the items that name means, and in words how they were read: from which file, which columns are what, and
// where labels came from. name is a table's file, "builtin" for all built-in images or "builtin:N" for N of each class.
func (d *dataFlags) open(ctx context.Context, name string) (*data.Frame, string, error) {
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
	opt := d.options()
	// The column of --label is then one of the other table, and this one may not have it.
	if d.Labels != "" || d.LabelsOfPairs != "" {
		opt.Label = ""
	}
	frame, how, err := table.Open(ctx, name, opt)
	if err != nil {
		return nil, "", err
	}
	text := strings.TrimSpace(how.String())
	from := d.Labels
	switch {
	case d.Labels != "":
		if frame, err = d.join(ctx, frame); err != nil {
			return nil, "", &option.Error{Option: "labels", Err: err}
		}
	case d.LabelsOfPairs != "":
		from = d.LabelsOfPairs
		if frame, err = d.link(ctx, frame); err != nil {
			return nil, "", err
		}
	default:
		return frame, text, nil
	}
	// How many items got a label tells the user whether the two tables fit.
	labelled := 0
	for _, label := range frame.Labels {
		if label != "" {
			labelled++
		}
	}
	return frame, fmt.Sprintf("%s\n  labels of %d of %d items, from %s", text, labelled, frame.N(),
		quote.Text(from)), nil
}

// link returns a copy of the frame whose classes are made from labelled pairs: items that a chain of same pairs
// connects are one class. It fails if the pairs contradict one another, so that two items of a class are labelled
// different.
func (d *dataFlags) link(ctx context.Context, frame *data.Frame) (*data.Frame, error) {
	const flagName = "labels-of-pairs"
	pairs, err := openPairs(ctx, flagName, d.LabelsOfPairs, frame)
	if err != nil {
		return nil, err
	}
	// A shallow copy: the caller's frame keeps its labels, and the N x F numbers are shared.
	out := *frame
	if out.Labels, err = pairs.Classes(frame.N()); err != nil {
		return nil, option.Errorf(flagName, "%s: %w", quote.Text(d.LabelsOfPairs), err)
	}
	return &out, nil
}

// join returns the frame with the labels of another table, matched by id. Items that it does not name have no label;
// ids of it that the frame lacks are passed over. It fails if no item is named: the ids are then written differently in
// the two tables.
func (d *dataFlags) join(ctx context.Context, frame *data.Frame) (*data.Frame, error) {
	// Tables of labels often cover a part of the items, or more than these.
	opt := table.JoinOptions{AllowMissingIDs: true, AllowOthers: true}
	opt.Label = d.Label
	joined, err := table.JoinLabels(ctx, frame, d.Labels, opt)
	if err != nil {
		return nil, err
	}
	if joined.Labels == nil {
		return nil, fmt.Errorf("%s names none of the items, such as %q: correct the ids", quote.Text(d.Labels),
			frame.IDs[0])
	}
	return joined, nil
}

// builtinFrame returns the features of the built-in images: of all of them, or if given of count images of each class,
// count being the text behind "builtin:". The sample is always the same, by a fixed seed, so that commands that name it
// alike mean the same items.
func builtinFrame(ctx context.Context, count string, given bool) (*data.Frame, error) {
	images, err := builtin.Images()
	// "builtin:" without a number is a slip, not all images.
	if given {
		perClass, notNumber := strconv.Atoi(count)
		if notNumber != nil {
			return nil, fmt.Errorf("%q is not a number of images of each class: write %s:50", count, builtinName)
		}
		images, err = builtin.Sample(perClass, 42)
	}
	if err != nil {
		return nil, err
	}
	return features.Extract(ctx, images, features.Default(), nil)
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
