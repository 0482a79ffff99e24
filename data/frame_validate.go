package data

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxListed is how many offenders of one kind an error names before "and 17 more".
const maxListed = 5

// Validate returns nil for a sound frame, or one error that joins every problem found:
// slices whose lengths disagree, empty or repeated ids and column names, blocks that
// overlap, leave columns out or repeat a name, and values that are NaN or infinite, each
// named by item id and column. Of one kind of problem the first five are named and the
// rest counted. It looks at all N*F values.
func (f *Frame) Validate() error { return f.ValidateMissing(false) }

// ValidateMissing is [Frame.Validate] in which missing says whether values may be NaN.
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

// structure checks everything but the values.
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
	if twice := repeated(f.IDs); len(twice) > 0 {
		add("ids must be unique, repeated: %s", quoted(twice))
	}
	if twice := repeated(f.Columns); len(twice) > 0 {
		add("column names must be unique, repeated: %s", quoted(twice))
	}
	if k := count(f.IDs, ""); k > 0 {
		add("%d items have an empty id", k)
	}
	if k := count(f.Columns, ""); k > 0 {
		add("%d columns have an empty name", k)
	}
	return append(problems, f.blockProblems()...)
}

// blockProblems walks the blocks in order; together they must tile [0, F).
func (f *Frame) blockProblems() []error {
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
			add("block %q covers columns [%d, %d), which is no range within [0, %d)", b.Name, b.Start, b.End, f.F())
		}
		switch {
		case b.Start < at:
			add("block %q starts at column %d, before the block ahead of it ends (%d): blocks overlap or are out of order", b.Name, b.Start, at)
		case b.Start > at:
			add("no block covers columns [%d, %d), before block %q", at, b.Start, b.Name)
		}
		at = max(at, b.End)
	}
	if at < f.F() {
		add("no block covers columns [%d, %d)", at, f.F())
	}
	if twice := repeated(names); len(twice) > 0 {
		add("block names must be unique, repeated: %s", quoted(twice))
	}
	return problems
}

// notFinite names the values that are infinite or, unless they may be missing, NaN.
func (f *Frame) notFinite(missing bool) error {
	var where []string
	bad, width := 0, f.F()
	for k, v := range f.X {
		// An exponent of all ones is NaN or an infinity.
		if math.Float32bits(v)&0x7f800000 != 0x7f800000 || missing && v != v {
			continue
		}
		if bad++; bad <= maxListed {
			where = append(where, fmt.Sprintf("%s in item %q column %q", strconv.FormatFloat(float64(v), 'g', -1, 32), f.IDs[k/width], f.Columns[k%width]))
		}
	}
	if bad == 0 {
		return nil
	}
	return fmt.Errorf("data: frame: values must be finite numbers: %s; drop or fill them before training", listed(where, bad))
}

// repeated returns the values that occur more than once, each once, by first repetition.
func repeated(all []string) []string {
	seen := make(map[string]int, len(all))
	var twice []string
	for _, s := range all {
		if seen[s]++; seen[s] == 2 {
			twice = append(twice, s)
		}
	}
	return twice
}

func count(all []string, want string) int {
	k := 0
	for _, s := range all {
		if s == want {
			k++
		}
	}
	return k
}

// quoted lists names for an error, in quotes and capped.
func quoted(names []string) string {
	shown := make([]string, 0, maxListed)
	for _, s := range names[:min(len(names), maxListed)] {
		shown = append(shown, strconv.Quote(s))
	}
	return listed(shown, len(names))
}

// listed joins what is shown and says how many of total it leaves out.
func listed(shown []string, total int) string {
	text := strings.Join(shown[:min(len(shown), maxListed)], ", ")
	if total > maxListed {
		text += fmt.Sprintf(" and %d more", total-maxListed)
	}
	return text
}
