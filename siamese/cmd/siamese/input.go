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
	"github.com/go-siamese/lab/data/table"
)

// dataArgument is the argument DATA.
type dataArgument struct {
	Data string `arg:"" help:"${data_help}"`
}

// builtinName is the word for the built-in dataset.
const builtinName = "builtin"

// dataFlags are the flags of a command that say how to read DATA.
type dataFlags struct {
	ID            string     `placeholder:"COLUMN" help:"Column of the ids (default: by name); - numbers the items."`
	Label         string     `placeholder:"COLUMN" help:"Column of the classes (default: by name)."`
	Labels        string     `placeholder:"TABLE" xor:"labels" help:"${help_labels}"`
	LabelsOfPairs string     `placeholder:"TABLE" xor:"labels" help:"${help_labels_of_pairs}"`
	Domain        string     `placeholder:"COLUMN" help:"Column of the domains (default: by name)."`
	Block         blockRules `option:"Blocks" placeholder:"NAME=PATTERN" help:"${help_block}"`
	Ignore        []string   `placeholder:"COLUMN" help:"Columns to leave out."`
	AllowMissing  bool       `help:"Read missing values as such instead of refusing them; the model must impute them."`
}

// blockRules are the values of --block.
type blockRules []data.BlockRule

// Decode adds a rule.
func (b *blockRules) Decode(ctx *kong.DecodeContext) error {
	var text string
	if err := ctx.Scan.PopValueInto("rule", &text); err != nil {
		return err
	}
	name, pattern, ok := strings.Cut(text, "=")
	if !ok || name == "" || pattern == "" {
		return fmt.Errorf("%q is not NAME=PATTERN, such as hog=^hog_", text)
	}
	*b = append(*b, data.BlockRule{Name: name, Pattern: pattern})
	return nil
}

// options returns what the flags say to the reader.
func (d *dataFlags) options() table.Options {
	opt := table.Options{AllowMissing: d.AllowMissing}
	opt.ID, opt.Label, opt.Domain, opt.Ignore, opt.Blocks = d.ID, d.Label, d.Domain, d.Ignore, d.Block
	return opt
}

// open returns the items of DATA, and in words how they were read.
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
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		return frame, fmt.Sprintf("%s: %d images x %d features (HOG and GLCM)", name, frame.N(), frame.F()), nil
	}
	opt := d.options()
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
	pairs, err := openPairs(ctx, flagName, d.LabelsOfPairs, frame)
	if err != nil {
		return nil, err
	}
	out := *frame
	if out.Labels, err = pairs.Classes(frame.N()); err != nil {
		return nil, option.Errorf(flagName, "%s: %w", d.LabelsOfPairs, err)
	}
	return &out, nil
}

// join returns the frame with the labels of another table. Items that it does not name have none.
func (d *dataFlags) join(ctx context.Context, frame *data.Frame) (*data.Frame, error) {
	opt := table.JoinOptions{AllowMissingIDs: true, AllowOthers: true}
	opt.Label = d.Label
	joined, err := table.JoinLabels(ctx, frame, d.Labels, opt)
	if err != nil {
		return nil, err
	}
	if joined.Labels == nil {
		return nil, fmt.Errorf("%s names none of the items, such as %q: correct the ids", d.Labels, frame.IDs[0])
	}
	return joined, nil
}

// builtin returns the features of the built-in images, or of count images of each class.
func builtinFrame(ctx context.Context, count string, given bool) (*data.Frame, error) {
	images, err := builtin.Images()
	if given {
		perClass, notNumber := strconv.Atoi(count)
		if notNumber != nil {
			return nil, fmt.Errorf("%q is no number of images of each class: write %s:50", count, builtinName)
		}
		images, err = builtin.Sample(perClass, 42)
	}
	if err != nil {
		return nil, err
	}
	return features.Extract(ctx, images, features.Default(), nil)
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
