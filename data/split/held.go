package split

import (
	"cmp"
	"fmt"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/internal/selection"
)

// heldOut are the names of one column that one side alone may hold.
type heldOut struct {
	what, plural string // "class", "classes"
	side         string // the name of the side
	names        []string
}

// held returns the held-out names of a split, those of classes before those of domains and those of the test before
// those of validation. Lists may be empty.
func (s *Split) held() []heldOut {
	return []heldOut{
		{"class", "classes", "test", s.HeldOut},
		{"class", "classes", "validation", s.ValHeldOut},
		{"domain", "domains", "test", s.HeldOutDomains},
		{"domain", "domains", "validation", s.ValHeldOutDomains},
	}
}

// checkHeldOut returns what is wrong with the held-out classes and domains. All items must be in range.
func (s *Split) checkHeldOut(f *data.Frame) []error {
	held := s.held()
	return append(s.checkHeld(f, held[:2], f.Labels), s.checkHeld(f, held[2:], f.Domains)...)
}

// checkHeld returns what is wrong with the held-out names of one column [N]. held has two elements: what is reserved
// for the test and what for validation. Three things must hold: every name occurs in the column and is reserved once,
// its items are on its side only, and a side with reserved names holds no other items, not even those of unknown name
// ("").
func (s *Split) checkHeld(f *data.Frame, held []heldOut, column []string) []error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: split: "+format, args...))
	}
	what, plural := held[0].what, held[0].plural
	if len(held[0].names)+len(held[1].names) == 0 {
		return nil
	}
	if len(column) != f.N() { // nil, or the frame is unsound
		add("%s are held out, but the frame has %s", plural, none(column, what))
		return problems
	}
	// A name that no item has would make the split look like a harder test than it is.
	names, _ := selection.Indexed(column)
	place := selection.Positions(names)
	// An unknown name ("") is never reserved, so it may be on any side that is not closed.
	reserved := make(map[string]string) // name -> the only side it may be on
	closed := make(map[string]bool)     // sides for held-out names only
	for _, h := range held {
		closed[h.side] = len(h.names) > 0
		for _, name := range h.names {
			if _, ok := place[name]; !ok {
				add("%s: no %s %q to hold out%s", h.side, what, name, listing.DidYouMean(name, names))
			}
			if other, ok := reserved[name]; ok {
				add("%s %q is held out twice (%s, %s)", what, name, other, h.side)
			}
			reserved[name] = h.side
		}
	}
	// One error for each side: the items that it may not hold, and those that make it hold more than it may.
	for _, side := range s.sides() {
		var wrong []string
		for _, i := range side.items {
			only, held := reserved[column[i]]
			if held && only != side.name || !held && closed[side.name] {
				wrong = append(wrong, fmt.Sprintf("%q (%s %q)", f.IDs[i], what, cmp.Or(column[i], "unknown")))
			}
		}
		if len(wrong) > 0 {
			add("%s: items of %s that do not belong there: %s", side.name, plural, listing.Listed(wrong, len(wrong)))
		}
	}
	return problems
}

// none describes, for an error, what the frame has instead of a column of classes or domains: none at all, or one of
// another length. what is "class" or "domain".
func none(column []string, what string) string {
	name := map[string]string{"class": "labels", "domain": "domains"}[what]
	if column == nil {
		return "no " + name
	}
	return fmt.Sprintf("%d %s for its items", len(column), name)
}
