package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/table"
)

// dataHelp says what DATA is, in the help of every command that takes it.
const dataHelp = `DATA is a table of items (Parquet, Arrow, NPZ, NPY, CSV or TSV; text also with .gz or .zst), or one of the words builtin,
which stands for the features of the 20,000 images that come with the lab, and builtin:N, for N images of each class.
`

// builtinName is the word for the built-in dataset.
const builtinName = "builtin"

// dataFlags are the flags of a command that say how to read DATA.
type dataFlags struct {
	table.Options
	ignore, labels, pairs string
}

func (d *dataFlags) register(flags *flag.FlagSet) {
	flags.StringVar(&d.ID, "id", "", "`column` of the item ids (default: by name); "+data.NoColumn+" = number the items")
	flags.StringVar(&d.Label, "label", "", "`column` of the classes (default: by name)")
	flags.StringVar(&d.labels, "labels", "", "`table` with ids and labels, where DATA has none; -label is a column of it then")
	flags.StringVar(&d.pairs, "labels-of-pairs", "", "`table` of labelled pairs: the items that they call the same, one by one or in a chain, are classes, and all else is different")
	flags.StringVar(&d.Domain, "domain", "", "`column` of the domains (default: by name)")
	flags.Func("block", "`NAME=PATTERN`: features whose names match the regular expression form that block; may be repeated (default: by the beginning of the names)", func(text string) error {
		name, pattern, ok := strings.Cut(text, "=")
		if !ok || name == "" || pattern == "" {
			return errors.New("want NAME=PATTERN, such as hog=^hog_")
		}
		d.Blocks = append(d.Blocks, data.BlockRule{Name: name, Pattern: pattern})
		return nil
	})
	flags.StringVar(&d.ignore, "ignore", "", "`columns` to leave out, with commas between them")
	flags.BoolVar(&d.AllowMissing, "allow-missing", false, "read missing values as such instead of refusing them; the model must impute them")
}

// open returns the items of DATA, and in words how they were read.
func (d *dataFlags) open(ctx context.Context, name string) (*data.Frame, string, error) {
	if word, count, given := strings.Cut(name, ":"); word == builtinName {
		if d.labels != "" || d.pairs != "" {
			return nil, "", usageError{fmt.Errorf("%s has labels of its own: leave out -labels and -labels-of-pairs", builtinName)}
		}
		frame, err := builtin(ctx, count, given)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		return frame, fmt.Sprintf("%s: %d images x %d features (HOG and GLCM)", name, frame.N(), frame.F()), nil
	}
	opt := d.Options
	if d.ignore != "" {
		opt.Ignore = strings.Split(d.ignore, ",")
	}
	switch {
	case d.labels != "" && d.pairs != "":
		return nil, "", usageError{errors.New("-labels and -labels-of-pairs are two ways to label: give one")}
	case d.labels != "" || d.pairs != "":
		opt.Label = ""
	}
	frame, how, err := table.Open(ctx, name, opt)
	if err != nil {
		return nil, "", err
	}
	text := strings.TrimSpace(how.String())
	from := d.labels
	switch {
	case d.labels != "":
		if frame, err = d.join(ctx, frame); err != nil {
			return nil, "", fmt.Errorf("-labels: %w", err)
		}
	case d.pairs != "":
		from = d.pairs
		if frame, err = d.link(ctx, frame); err != nil {
			return nil, "", err
		}
	default:
		return frame, text, nil
	}
	labelled := 0
	for _, label := range frame.Labels {
		if label != "" {
			labelled++
		}
	}
	return frame, fmt.Sprintf("%s\n  labels of %d of %d items, from %s", text, labelled, frame.N(), from), nil
}

// link returns the frame with the classes that a table of pairs makes.
func (d *dataFlags) link(ctx context.Context, frame *data.Frame) (*data.Frame, error) {
	const flagName = "labels-of-pairs"
	pairs, err := openPairs(ctx, flagName, d.pairs, frame)
	if err != nil {
		return nil, err
	}
	out := *frame
	if out.Labels, err = pairs.Classes(frame.N()); err != nil {
		return nil, fmt.Errorf("-%s: %s: %w", flagName, d.pairs, err)
	}
	return &out, nil
}

// join returns the frame with the labels of another table. Items that it does not name have none.
func (d *dataFlags) join(ctx context.Context, frame *data.Frame) (*data.Frame, error) {
	opt := table.JoinOptions{AllowMissingIDs: true, AllowOthers: true}
	opt.Label = d.Label
	joined, err := table.JoinLabels(ctx, frame, d.labels, opt)
	if err != nil {
		return nil, err
	}
	if joined.Labels == nil {
		return nil, fmt.Errorf("%s names none of the items, such as %q: correct the ids", d.labels, frame.IDs[0])
	}
	return joined, nil
}

// builtin returns the features of the built-in images, or of count images of each class.
func builtin(ctx context.Context, count string, given bool) (*data.Frame, error) {
	images, err := data.Builtin()
	if given {
		perClass, notNumber := strconv.Atoi(count)
		if notNumber != nil {
			return nil, fmt.Errorf("%q is no number of images of each class: write %s:50", count, builtinName)
		}
		images, err = data.BuiltinSample(perClass, 42)
	}
	if err != nil {
		return nil, err
	}
	return data.Features(ctx, images, data.DefaultFeatures(), nil)
}

// itemsByID returns the numbers of the items with the given ids.
func itemsByID(frame *data.Frame, name string, ids ...string) ([]int, error) {
	at := make(map[string]int, frame.N())
	for i, id := range frame.IDs {
		at[id] = i
	}
	items := make([]int, len(ids))
	for k, id := range ids {
		i, ok := at[id]
		if !ok {
			return nil, fmt.Errorf("%s: there is no item %q%s", name, id, nearest(frame, id))
		}
		items[k] = i
	}
	return items, nil
}

// nearest returns a hint at ids that look like one that is not there.
func nearest(frame *data.Frame, id string) string {
	near := frame.NearestIDs(id, 3)
	if len(near) == 0 {
		return ""
	}
	return fmt.Sprintf("; the nearest ids are %q", near)
}
