package data

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/go-siamese/lab/data/internal/listing"
)

// Validate returns nil for a sound frame, or one error that joins every problem found:
// slices whose lengths disagree, empty or repeated ids and column names, blocks that
// overlap, leave columns out or repeat a name, and values that are NaN or infinite, each
// named by item id and column. Of one kind of problem the first five are named and the
// rest counted. It looks at all N*F values.
func (f *Frame) Validate() error { return f.ValidateMissing(false) }

// ValidateMissing is [Frame.Validate] where values may be NaN if missing is true. Infinite values are problems
// in either case.
func (f *Frame) ValidateMissing(missing bool) error {
	if f == nil {
		return errors.New("data: the frame is nil")
	}
	problems := f.structure()
	if len(f.X) == f.N()*f.F() {
		problems = append(problems, f.notFinite(missing))
	}
	return errors.Join(problems...)
}

// ValidateStructure is [Frame.Validate] without looking at the values, which may be NaN or
// infinite.
func (f *Frame) ValidateStructure() error {
	if f == nil {
		return errors.New("data: the frame is nil")
	}
	return errors.Join(f.structure()...)
}

// structure checks everything but the values and returns what is wrong, an error each. f is not nil.
func (f *Frame) structure() []error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: frame: "+format, args...))
	}
	n, width := f.N(), f.F()
	if n == 0 {
		add("no items")
	}
	if width == 0 {
		add("no feature columns")
	}
	if len(f.X) != n*width {
		add("X has %d values, want %d (%d ids x %d columns)", len(f.X), n*width, n, width)
	}
	if f.Labels != nil && len(f.Labels) != n {
		add("%d labels for %d ids; use nil when no item has a label", len(f.Labels), n)
	}
	if f.Domains != nil && len(f.Domains) != n {
		add("%d domains for %d ids; use nil when there is only one domain", len(f.Domains), n)
	}
	if twice := listing.Repeated(f.IDs); len(twice) > 0 {
		add("ids must be unique, repeated: %s", listing.Quoted(twice))
	}
	if twice := listing.Repeated(f.Columns); len(twice) > 0 {
		add("column names must be unique, repeated: %s", listing.Quoted(twice))
	}
	if k := listing.Count(f.IDs, ""); k > 0 {
		add("%d items have an empty id", k)
	}
	if k := listing.Count(f.Columns, ""); k > 0 {
		add("%d columns have an empty name", k)
	}
	return append(problems, f.BlockProblems()...)
}

// BlockProblems returns what is wrong with the blocks, an error each, nil when nothing is: in order they must
// cover the columns [0, F) without gap or overlap, under unique names. It looks at Blocks and the number of
// Columns only.
func (f *Frame) BlockProblems() []error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: frame: "+format, args...))
	}
	names := make([]string, len(f.Blocks))
	at := 0
	for k, b := range f.Blocks {
		names[k] = b.Name
		switch {
		case b.Name == "":
			add("block %d (columns %d to %d) has an empty name", k, b.Start, b.End)
		case b.Start < 0 || b.End > f.F() || b.Start >= b.End:
			add("block %q covers columns [%d, %d), which is not a range within [0, %d)", b.Name, b.Start, b.End, f.F())
		}
		// A gap or an overlap is reported for the block behind it, and then forgotten: one fault, one problem.
		switch {
		case b.Start < at:
			add("block %q starts at column %d, before the block ahead of it ends (%d): "+
				"blocks overlap or are out of order", b.Name, b.Start, at)
		case b.Start > at:
			add("no block covers columns [%d, %d), before block %q", at, b.Start, b.Name)
		}
		at = max(at, b.End)
	}
	if at < f.F() {
		add("no block covers columns [%d, %d)", at, f.F())
	}
	if twice := listing.Repeated(names); len(twice) > 0 {
		add("block names must be unique, repeated: %s", listing.Quoted(twice))
	}
	return problems
}

// notFinite returns an error that names the values that are infinite or, unless they may be missing, NaN; nil = there
// are none. X has N*F values. It looks at bits, not at numbers, because it reads the whole frame.
func (f *Frame) notFinite(missing bool) error {
	var where []string
	bad, width := 0, f.F()
	for k, v := range f.X {
		// An exponent of all ones is NaN or an infinity.
		if math.Float32bits(v)&0x7f800000 != 0x7f800000 || missing && v != v {
			continue
		}
		if bad++; bad <= listing.MaxListed {
			where = append(where, fmt.Sprintf("%s in item %q column %q", strconv.FormatFloat(float64(v), 'g', -1, 32),
				f.IDs[k/width], f.Columns[k%width]))
		}
	}
	if bad == 0 {
		return nil
	}
	return fmt.Errorf("data: frame: values must be finite numbers: %s; drop or fill them before training",
		listing.Listed(where, bad))
}
