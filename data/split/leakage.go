package split

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
)

// Kinds of leak: what may occur on two sides of a split. All but the first two can be allowed by these names.
//
// A leak makes a test easier than the use that it stands for: an item, or nearly the same one, was trained on, so that
// remembering is enough. Whether items of one group, or near duplicates, are the same for this purpose depends on the
// data, hence [LeakageOptions].Allow.
const (
	LeakItems   = "items"            // an item itself
	LeakIDs     = "ids"              // two items of one id
	LeakGroups  = "groups"           // items of one group
	LeakClasses = "classes"          // a held-out class
	LeakDomains = "domains"          // a held-out domain
	LeakExact   = "exact-duplicates" // items with the same values
	LeakNear    = "near-duplicates"  // items with nearly the same values
)

// leakKinds are all kinds, in the order of reports.
var leakKinds = []string{LeakItems, LeakIDs, LeakGroups, LeakClasses, LeakDomains, LeakExact, LeakNear}

// LeakageOptions control what [Split.Leakage] looks for. The zero value looks for everything but near
// duplicates, and allows nothing. Options may disagree with the split on purpose: other groups than those it was drawn
// with show what they would have kept together.
type LeakageOptions struct {
	// Groups holds the group of every item of the frame, "" = a group of its own. Empty = those of the split.
	Groups []string
	// Similarity is the one at or above which two items are near duplicates (see [duplicates.Find]; for
	// instance [duplicates.Near]), in (0, 1]. 0 = do not look for them: comparing all pairs takes long, and no
	// similarity is right for all features.
	Similarity float64
	// Duplicates, when set, are those of the frame, found before; Similarity must then be 0 or
	// their Threshold. nil = look for them, among the items that are on a side.
	Duplicates *duplicates.Duplicates
	// Allow names kinds of leak that are intended, for instance [LeakNear]. They are still reported, but are no error.
	// An item on two sides cannot be allowed.
	Allow []string
	// Progress, when set, is that of [duplicates.Options]: called while pairs are compared.
	Progress func(done, total int64)
}

// validate returns every problem of the options for a frame, joined, each with an [option.Error].
func (o LeakageOptions) validate(f *data.Frame) error {
	var problems []error
	add := func(name, format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: leakage: %w", option.Errorf(name, format, args...)))
	}
	for _, kind := range o.Allow {
		switch {
		case kind == LeakItems || kind == LeakIDs:
			add("Allow", "%q cannot be allowed: an item that is trained on and tested on makes the test worthless; "+
				"split again", kind)
		case !slices.Contains(leakKinds, kind):
			add("Allow", "there is no leak %q%s", kind, listing.DidYouMean(kind, leakKinds[2:]))
		}
	}
	if !(o.Similarity >= 0 && o.Similarity <= 1) { // NaN too
		add("Similarity", "%g is not in (0, 1]; 0 = near duplicates are not looked for", o.Similarity)
	}
	if len(o.Groups) > 0 && len(o.Groups) != f.N() {
		add("Groups", "%d groups for %d items", len(o.Groups), f.N())
	}
	if d := o.Duplicates; d != nil {
		if o.Similarity != 0 && o.Similarity != d.Threshold {
			add("Similarity", "%g is not the %g that the duplicates were found with; leave one of the two out",
				o.Similarity, d.Threshold)
		}
		if err := fits(d, f); err != nil {
			add("Duplicates", "%w", err)
		}
	}
	return errors.Join(problems...)
}

// Leak is one kind of leak between two sides.
type Leak struct {
	Kind     string        `json:"kind"`
	Sides    [2]string     `json:"sides"`             // "train", "validation", "test"
	Count    int           `json:"count"`             // items, groups, classes or sets of duplicates on both sides
	Items    [2]int        `json:"items"`             // how many items of each side belong to them
	Examples []LeakExample `json:"examples"`          // at most five
	Allowed  bool          `json:"allowed,omitempty"` // by LeakageOptions.Allow
}

// LeakExample is a pair of items, one of each side, that should be on one side.
type LeakExample struct {
	Name       string    `json:"name,omitempty"` // of the group, class or domain; "" for other kinds
	IDs        [2]string `json:"ids"`
	Similarity float64   `json:"similarity,omitempty"` // of near duplicates; 0 = not known
}

// Leakage is a report on what two sides of a split have in common.
type Leakage struct {
	Split string `json:"split"` // [Split.String]
	// Looked names the kinds that were looked for, of those that the split can have: groups only where there are some,
	// classes and domains only where some are held out, near duplicates only with a similarity.
	Looked []string `json:"looked"`
	// Similarity is the one at or above which items were near duplicates; 0 = they were not looked for.
	Similarity float64 `json:"similarity,omitempty"`
	// Leaks are in the order of the kinds, then of the sides.
	Leaks []Leak `json:"leaks"`
}

// Leakage looks for what two sides of the split should not have in common: items and ids, groups, held-out
// classes and domains, and exact duplicates, equal in all values; with a Similarity also near duplicates. It
// only reports; [Leakage.Err] decides what is an error.
//
// A set of near duplicates is on two sides when a chain of them leads from one to the other
// ([duplicates.Duplicates]); sets that are on two sides by nothing but exact duplicates count as these
// only. Examples of near duplicates are the most similar ones, of groups and exact duplicates
// the first ones, at most five of a kind and pair of sides.
//
// Unlike [Split.Check] it takes unsound splits too, to say what is wrong with them; but indices
// must be in range. Options out of range and a context that ends are errors. The cost is O(N·F), with a Similarity that
// of comparing all pairs, see [duplicates.Find].
func (s *Split) Leakage(ctx context.Context, f *data.Frame, opt LeakageOptions) (*Leakage, error) {
	if s == nil || f == nil {
		return nil, errors.New("data: leakage: the split or the frame is nil")
	}
	if err := errors.Join(leakable(f), opt.validate(f)); err != nil {
		return nil, err
	}
	// An index out of range names no item: nothing can be said about it but that the split is of another frame.
	for _, side := range s.sides() {
		for _, i := range side.items {
			if i < 0 || i >= f.N() {
				return nil, fmt.Errorf("data: leakage: %s: item %d is out of range [0, %d); "+
					"the split is of another frame", side.name, i, f.N())
			}
		}
	}
	if len(opt.Groups) == 0 {
		if opt.Groups = s.Groups; len(s.Groups) > 0 && len(s.Groups) != f.N() {
			return nil, fmt.Errorf("data: leakage: the split has groups for %d items, the frame has %d; "+
				"the split is of another frame", len(s.Groups), f.N())
		}
	}
	duplicates, err := opt.duplicates(ctx, s, f)
	if err != nil {
		return nil, err
	}
	// A kind is looked for only where the split can have it, and Looked says so: "none" and "not looked for" are
	// different findings.
	l := &Leakage{Split: s.String(), Similarity: duplicates.Threshold, Leaks: []Leak{}}
	find := leakFinder{f: f, sides: s.sides()}
	look := func(kind string, leaks []Leak) {
		l.Looked = append(l.Looked, kind)
		for _, leak := range leaks {
			leak.Kind, leak.Allowed = kind, slices.Contains(opt.Allow, kind)
			l.Leaks = append(l.Leaks, leak)
		}
	}
	look(LeakItems, find.items())
	look(LeakIDs, find.ids())
	if len(opt.Groups) > 0 {
		look(LeakGroups, find.named(opt.Groups, everySide))
	}
	if len(s.HeldOut)+len(s.ValHeldOut) > 0 && f.Labels != nil {
		look(LeakClasses, find.named(f.Labels, closedSides(s.HeldOut, s.ValHeldOut)))
	}
	if len(s.HeldOutDomains)+len(s.ValHeldOutDomains) > 0 && f.Domains != nil {
		look(LeakDomains, find.named(f.Domains, closedSides(s.HeldOutDomains, s.ValHeldOutDomains)))
	}
	look(LeakExact, find.exact(duplicates))
	if duplicates.Threshold > 0 {
		look(LeakNear, find.near(duplicates))
	}
	return l, nil
}

// leakable returns an error for a frame whose lists have other lengths than its items. It is
// [data.Frame.ValidateStructure] for frames whose ids may be repeated, because that is a leak to report.
func leakable(f *data.Frame) error {
	n := f.N()
	if len(f.X) != n*f.F() || f.Labels != nil && len(f.Labels) != n || f.Domains != nil && len(f.Domains) != n {
		return fmt.Errorf("data: leakage: %w", f.ValidateStructure())
	}
	return nil
}

// Err returns a [LeakError] for every leak that is not allowed, joined, or nil: call it before a split is used.
func (l *Leakage) Err() error {
	// One error for each kind and pair of sides, so that a front can print, count or list them.
	var problems []error
	for _, leak := range l.Leaks {
		if leak.Allowed {
			continue
		}
		problems = append(problems, &LeakError{leak})
	}
	return errors.Join(problems...)
}

// LeakError is a leak of a split that is not allowed. It is an [option.Speller]: what to do about it names options.
type LeakError struct{ Leak Leak }

// Error says what leaks and what to do.
func (e *LeakError) Error() string { return e.what() + e.fix().String() }

// Spell returns the same with a front's names for the options, see [option.Speller].
func (e *LeakError) Spell(name func(option string) string) string {
	return e.what() + e.fix().Spell(name)
}

// what says what leaks, without a remedy.
func (e *LeakError) what() string { return fmt.Sprintf("data: split leaks: %s; ", e.Leak) }

// fix returns what to do about the leak; all but an item or id on two sides can also be allowed.
func (e *LeakError) fix() option.Fix {
	var fix option.Fix
	switch e.Leak.Kind {
	case LeakItems, LeakIDs:
		return option.Do("split again").Or("give every item an id of its own")
	case LeakGroups:
		fix = option.Do("split with %s", "Groups")
	case LeakClasses:
		fix = option.Do("take the class off the other sides").Or("hold out another")
	case LeakDomains:
		fix = option.Do("take the domain off the other sides").Or("hold out another")
	case LeakExact:
		fix = option.Do("drop the surplus").Or("split with %s to keep them on one side", "Duplicates")
	case LeakNear:
		fix = option.Do("split with %s to keep them on one side", "Duplicates")
	}
	return fix.Or(fmt.Sprintf("list %q in %%s", e.Leak.Kind), "Allow")
}
