package data

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
)

// Split says which items of a frame are for training, for validation (choosing settings,
// thresholds, when to stop) and for the test. Sides are item indices in ascending order.
// Items on no side are left out.
type Split struct {
	Train, Val, Test []int
	// HeldOut are the classes whose items are in Test only; then Test holds nothing else.
	// nil = the classes of the test items are trained on.
	HeldOut []string
	// ValHeldOut are the classes whose items are in Val only; then Val holds nothing else.
	ValHeldOut []string
	// Seed is what the split was drawn with.
	Seed uint64
}

// String describes the split in one line.
func (s *Split) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d train, %d validation, %d test items (seed %d)", len(s.Train), len(s.Val), len(s.Test), s.Seed)
	if len(s.HeldOut) > 0 {
		fmt.Fprintf(&out, "; test classes held out: %s", quoted(s.HeldOut))
	}
	if len(s.ValHeldOut) > 0 {
		fmt.Fprintf(&out, "; validation classes held out: %s", quoted(s.ValHeldOut))
	}
	return out.String()
}

type side struct {
	name  string
	items []int
}

func (s *Split) sides() []side {
	return []side{{"train", s.Train}, {"validation", s.Val}, {"test", s.Test}}
}

// Check returns nil when the split is sound for the frame, or one error that joins every
// problem: indices out of range, an item twice on a side or on two sides (named by id), no
// item in Train or in Test (an empty Val is allowed), held-out classes that do not occur in
// the frame or occur on another side, and other classes on a side that is for held-out ones.
func (s *Split) Check(f *Frame) error {
	if s == nil || f == nil {
		return errors.New("data: split: the split or the frame is nil")
	}
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("data: split: "+format, args...))
	}
	if len(s.Train) == 0 {
		add("no training items")
	}
	if len(s.Test) == 0 {
		add("no test items")
	}
	owner := make([]int, f.N()) // 1 + the side of an item, 0 = none
	inRange := true
	for k, side := range s.sides() {
		var outside, twice []string
		var shared [3][]string // by the other side
		for _, i := range side.items {
			switch {
			case i < 0 || i >= f.N():
				outside = append(outside, fmt.Sprint(i))
			case owner[i] == k+1:
				twice = append(twice, f.IDs[i])
			case owner[i] != 0:
				shared[owner[i]-1] = append(shared[owner[i]-1], f.IDs[i])
			default:
				owner[i] = k + 1
			}
		}
		if len(outside) > 0 {
			inRange = false
			add("%s: items out of range [0, %d): %s", side.name, f.N(), listed(outside, len(outside)))
		}
		if len(twice) > 0 {
			add("%s: items more than once: %s", side.name, quoted(twice))
		}
		for j, ids := range shared {
			if len(ids) > 0 {
				add("items on both the %s and the %s side: %s", s.sides()[j].name, side.name, quoted(ids))
			}
		}
	}
	if inRange && len(s.HeldOut)+len(s.ValHeldOut) > 0 {
		problems = append(problems, s.checkHeldOut(f)...)
	}
	return errors.Join(problems...)
}

func (s *Split) checkHeldOut(f *Frame) []error {
	var problems []error
	if f.Labels == nil {
		return append(problems, errors.New("data: split: classes are held out, but the frame has no labels"))
	}
	names, _ := f.Classes()
	place := positions(names)
	reserved := make(map[string]string) // class -> the only side it may be on
	for _, r := range []struct {
		side    string
		classes []string
	}{{"test", s.HeldOut}, {"validation", s.ValHeldOut}} {
		for _, class := range r.classes {
			if _, ok := place[class]; !ok {
				problems = append(problems, fmt.Errorf("data: split: %s: no class %q to hold out%s", r.side, class, didYouMean(class, names)))
			}
			if other, ok := reserved[class]; ok {
				problems = append(problems, fmt.Errorf("data: split: class %q is held out twice (%s, %s)", class, other, r.side))
			}
			reserved[class] = r.side
		}
	}
	for _, side := range s.sides() {
		closed := side.name == "test" && len(s.HeldOut) > 0 || side.name == "validation" && len(s.ValHeldOut) > 0
		var wrong []string
		for _, i := range side.items {
			only, held := reserved[f.Labels[i]]
			if held && only != side.name || !held && closed {
				wrong = append(wrong, fmt.Sprintf("%q (class %q)", f.IDs[i], cmp.Or(f.Labels[i], "unknown")))
			}
		}
		if len(wrong) > 0 {
			problems = append(problems, fmt.Errorf("data: split: %s: items of classes that do not belong there: %s", side.name, listed(wrong, len(wrong))))
		}
	}
	return problems
}

// CheckGroups returns an error when a group has items on two sides, naming the groups.
// groups[i] is the group of item i, "" = a group of its own; its length is that of the frame
// the split was made for.
func (s *Split) CheckGroups(groups []string) error {
	seen := make(map[string]int)
	told := make(map[string]bool)
	var torn []string
	for k, side := range s.sides() {
		for _, i := range side.items {
			if i < 0 || i >= len(groups) {
				return fmt.Errorf("data: split: item %d has no group; %d are given", i, len(groups))
			}
			g := groups[i]
			if other, ok := seen[g]; g != "" && ok && other != k && !told[g] {
				told[g] = true
				torn = append(torn, g)
			}
			seen[g] = k
		}
	}
	if len(torn) > 0 {
		return fmt.Errorf("data: split: groups with items on more than one side: %s", quoted(torn))
	}
	return nil
}
