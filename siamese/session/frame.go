package session

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/siamese/session/internal/framefile"
	"github.com/go-siamese/lab/siamese/session/internal/wire"
)

// Frame is a frame that the session keeps.
type Frame struct {
	Value   `json:"-"`
	N       int          `json:"n"`
	F       int          `json:"f"`
	Blocks  []data.Block `json:"blocks"`
	Classes []Count      `json:"classes,omitempty"` // by name; nil = no item has a label
	Domains []Count      `json:"domains,omitempty"`
	How     string       `json:"how"` // it was read
}

// Count is a class or a domain, and how many items are of it.
type Count struct {
	Name  string `json:"name"`
	Items int    `json:"items"`
}

// String returns the name and the number of items.
func (c Count) String() string { return c.Name + ": " + items(c.Items) }

// Open returns the frame in a table, or the features of the pictures in a folder, as table.Open and extract.Folder make
// them. The same file and options give the same handle at once; a file that changed is read again.
func (s *Session) Open(ctx context.Context, path string, opt OpenOptions) (*Frame, error) {
	return s.OpenWith(ctx, path, opt, nil)
}

// OpenWith is [Session.Open] with its progress in each; nil = silent.
func (s *Session) OpenWith(ctx context.Context, path string, opt OpenOptions, each func(Work)) (*Frame, error) {
	if path == "-" || path == "" {
		return nil, errors.New("a session reads files and folders: give the path of one")
	}
	var err error
	args := struct {
		Path    string      `json:"path"`
		Options OpenOptions `json:"options"`
	}{Options: opt}
	if args.Path, err = absolute(path); err != nil {
		return nil, err
	}
	if args.Options.Labels, err = absolute(opt.Labels); err != nil {
		return nil, err
	}
	f := &Frame{}
	return give(f, s.want(ctx, "open", args, f, working(each)))
}

// Builtin returns the features of the built-in pictures: perClass of each of the 20 classes, 0 = all 1,000.
func (s *Session) Builtin(ctx context.Context, perClass int) (*Frame, error) {
	return s.BuiltinWith(ctx, perClass, nil)
}

// BuiltinWith is [Session.Builtin] with its progress in each; nil = silent.
func (s *Session) BuiltinWith(ctx context.Context, perClass int, each func(Work)) (*Frame, error) {
	f := &Frame{}
	return give(f, s.want(ctx, "builtin", map[string]int{"per_class": perClass}, f, working(each)))
}

// Data returns the frame itself. Its values are mapped memory that the worker and all cells share: nothing is copied
// but the names, and what is written to it stays in this process. Use it until the process ends.
func (f *Frame) Data(ctx context.Context) (*data.Frame, error) {
	file, err := f.File(ctx, "frame")
	if err != nil {
		return nil, err
	}
	defer file.Close()
	m, err := framefile.Open(file)
	if err != nil {
		return nil, err
	}
	return m.Frame, nil
}

// Description is what stands out in a frame.
type Description struct {
	Value    `json:"-"`
	Missing  int      `json:"missing"` // values
	Constant int      `json:"constant_columns"`
	Outliers int      `json:"outliers"`
	Advice   []string `json:"advice"` // the most serious first
}

// Describe reports what stands out in the frame, as package describe does.
func (f *Frame) Describe(ctx context.Context, opt DescribeOptions) (*Description, error) {
	return f.DescribeWith(ctx, opt, nil)
}

// DescribeWith is [Frame.Describe] with its progress in each; nil = silent.
func (f *Frame) DescribeWith(ctx context.Context, opt DescribeOptions, each func(Work)) (*Description, error) {
	d := &Description{}
	args := struct {
		Frame   string          `json:"frame"`
		Options DescribeOptions `json:"options"`
	}{f.Key, opt}
	return give(d, f.session.want(ctx, "describe", args, d, working(each)))
}

// Split is which items are trained on, validated on and tested on.
type Split struct {
	Value   `json:"-"`
	Frame   string   `json:"frame"` // key of the frame
	Sides   Sides    `json:"sides"`
	HeldOut []string `json:"held_out,omitempty"` // classes or domains in the test only
	Leakage string   `json:"leakage"`            // verdict on what sides have in common
}

// Sides are the numbers of items on the sides of a split.
type Sides struct {
	Train int `json:"train"`
	Val   int `json:"val"`
	Test  int `json:"test"`
}

// String returns the numbers.
func (s Sides) String() string {
	return fmt.Sprintf("%d to train on, %d to validate on, %d to test on", s.Train, s.Val, s.Test)
}

// Split divides the items of the frame as package split does. A leak that is not allowed is an error.
func (f *Frame) Split(ctx context.Context, opt SplitOptions) (*Split, error) {
	return f.SplitWith(ctx, opt, nil)
}

// SplitWith is [Frame.Split] with its progress in each; nil = silent.
func (f *Frame) SplitWith(ctx context.Context, opt SplitOptions, each func(Work)) (*Split, error) {
	var err error
	if opt.Groups, err = absolute(opt.Groups); err != nil {
		return nil, err
	}
	s := &Split{}
	args := struct {
		Frame   string       `json:"frame"`
		Options SplitOptions `json:"options"`
	}{f.Key, opt}
	return give(s, f.session.want(ctx, "split", args, s, working(each)))
}

// Save writes the split to a JSON file, as split.Split.Save does.
func (s *Split) Save(ctx context.Context, path string) error {
	return s.export(ctx, "split.json", path)
}

// Side returns the items of a side, [Train], [Val] or [Test], as a frame.
func (s *Split) Side(ctx context.Context, side string) (*Frame, error) {
	f := &Frame{}
	return give(f, s.session.want(ctx, "side", map[string]string{"split": s.Key, "side": side}, f, nil))
}

// give returns a handle, or nil if it was not filled.
func give[H handle](h H, err error) (H, error) {
	if h.value().Key == "" {
		var none H
		return none, err
	}
	return h, err
}

// working returns what receives the events of long work.
func working(each func(Work)) func(wire.Message) {
	return func(m wire.Message) { decodeEvent(m, each) }
}
