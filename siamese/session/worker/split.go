package worker

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/duplicates"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/quote"
	"github.com/go-siamese/lab/data/split"
	"github.com/go-siamese/lab/data/table"
	"github.com/go-siamese/lab/siamese/internal/jsonfile"
	"github.com/go-siamese/lab/siamese/session"
	"github.com/go-siamese/lab/siamese/session/internal/store"
)

// splitObject is a split in memory.
type splitObject struct {
	*split.Split
	frame   string // key of its frame
	leakage *split.Leakage
}

func (s *splitObject) bytes() int64 {
	return 8 * int64(len(s.Train)+len(s.Val)+len(s.Test)+2*len(s.Groups))
}
func (s *splitObject) close() {}

// Files of a split.
const (
	splitFile   = "split.json"
	leakageFile = "leakage.json"
)

// splitArgs draw a split.
type splitArgs struct {
	Frame   string               `json:"frame"`
	Options session.SplitOptions `json:"options"`
}

func (a *splitArgs) inputs() []string { return []string{a.Frame} }

func (a *splitArgs) files() []string {
	if a.Options.Groups == "" {
		return nil
	}
	return []string{a.Options.Groups}
}

func (a *splitArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := input[*frameObject](ctx, t, a.Frame)
	if err != nil {
		return nil, err
	}
	t.seed(a.Options.Seed)
	s, err := a.draw(ctx, t, f.Frame)
	if err != nil {
		return nil, err
	}
	leakage, err := s.Leakage(ctx, f.Frame, split.LeakageOptions{Similarity: a.Options.Near, Allow: a.Options.Allow,
		Progress: func(done, total int64) { t.work("near duplicates", done, total) }})
	if err != nil {
		return nil, err
	}
	if err := leakage.Err(); err != nil {
		return nil, err
	}
	held := s.HeldOut
	if len(held) == 0 {
		held = s.HeldOutDomains
	}
	return &made{name: "split of " + s.Origin.String(), text: leakage.String(),
		facts: session.Split{Frame: a.Frame, HeldOut: held, Leakage: leakage.Verdict(),
			Sides: session.Sides{Train: len(s.Train), Val: len(s.Val), Test: len(s.Test)}},
		object: &splitObject{s, a.Frame, leakage},
		write: func(folder string) error {
			if err := jsonfile.Write(filepath.Join(folder, leakageFile), leakage); err != nil {
				return err
			}
			return s.Save(filepath.Join(folder, splitFile), f.Frame)
		}}, nil
}

// draw draws the split.
func (a *splitArgs) draw(ctx context.Context, t *task, f *data.Frame) (*split.Split, error) {
	o := a.Options
	by := o.By
	if by == "" {
		by = session.ByItem
		if len(o.HeldOut) > 0 || o.HeldOutCount > 0 {
			by = session.ByClass
		}
	}
	if err := a.check(by); err != nil {
		return nil, err
	}
	groups, err := a.groups(ctx, f)
	if err != nil {
		return nil, err
	}
	var copies *duplicates.Duplicates
	if !o.KeepCopies {
		opt := duplicates.Options{Near: o.Near > 0, Threshold: o.Near,
			Progress: func(done, total int64) { t.work("near duplicates", done, total) }}
		if copies, err = duplicates.Find(ctx, f, opt); err != nil {
			return nil, option.Under("Near.", err)
		}
	}
	val, test := o.Val, o.Test
	if val == 0 {
		val = .1
	}
	if test == 0 {
		test = .1
	}
	switch by {
	case session.ByClass:
		return split.Classes(f, split.ClassOptions{HeldOut: o.HeldOut, HeldOutCount: o.HeldOutCount,
			TestItems: o.TestItems, Val: val, Seed: o.Seed, Groups: groups, Duplicates: copies})
	case session.ByDomain:
		return split.Domains(f, split.DomainOptions{HeldOut: o.HeldOut, HeldOutCount: o.HeldOutCount,
			TestItems: o.TestItems, Val: val, Seed: o.Seed, Stratify: f.Labels != nil, Groups: groups,
			Duplicates: copies})
	}
	return split.Items(f, split.ItemOptions{Val: val, Test: test, Seed: o.Seed, Stratify: f.Labels != nil,
		Groups: groups, Duplicates: copies})
}

// check returns an error for an option that would have no effect.
func (a *splitArgs) check(by string) error {
	o := a.Options
	held := len(o.HeldOut) > 0 || o.HeldOutCount > 0
	switch by {
	case session.ByItem:
		if held {
			return option.Errorf("HeldOut", "nothing is held out of a split by items: leave it out, or set By to %q or %q",
				session.ByClass, session.ByDomain)
		}
		if o.TestItems != 0 {
			return option.Errorf("TestItems", "it is for what is held out: use Test")
		}
	case session.ByClass, session.ByDomain:
		if !held {
			return option.Errorf("HeldOut", "it is empty: name the %s to test on, or set HeldOutCount", by)
		}
		if o.Test != 0 {
			return option.Errorf("Test", "the test items are those that are held out: leave it out, or use TestItems")
		}
	default:
		return option.Errorf("By", "%q is not known: use %s", by,
			option.Choices([]string{session.ByItem, session.ByClass, session.ByDomain}))
	}
	return nil
}

// groups returns the groups that the table of groups gives the items, nil where there is none.
func (a *splitArgs) groups(ctx context.Context, f *data.Frame) ([]string, error) {
	if a.Options.Groups == "" {
		return nil, nil
	}
	joined, _, err := table.JoinLabels(ctx, f, a.Options.Groups, table.JoinOptions{AllowOthers: true, NoEmpty: true,
		LabelNames: []string{"group", "groups", "group_id", "groupid"}})
	if err != nil {
		return nil, &option.Error{Option: "Groups", Err: err}
	}
	return joined.Labels, nil
}

// loadSplit reads a kept split.
func loadSplit(ctx context.Context, t *task, r *store.Record) (object, error) {
	f, err := input[*frameObject](ctx, t, r.Inputs[0])
	if err != nil {
		return nil, err
	}
	s, err := split.Load(t.w.store.Path(r.Key, splitFile), f.Frame)
	if err != nil {
		return nil, err
	}
	leakage := &split.Leakage{}
	return &splitObject{s, r.Inputs[0], leakage}, jsonfile.Read(t.w.store.Path(r.Key, leakageFile), leakage)
}

// side returns the items of a side of a split. They are copied once and stay in memory while there is room.
func (t *task) side(ctx context.Context, key, side string) (*frameObject, error) {
	name := "side " + side + " " + key
	hold := func(x object, done func()) *frameObject {
		t.mu.Lock()
		t.done = append(t.done, done)
		t.mu.Unlock()
		return x.(*frameObject) //nolint:forcetypeassert // only frames have such names
	}
	if x, done := t.w.objects.get(name); x != nil {
		return hold(x, done), nil
	}
	s, err := input[*splitObject](ctx, t, key)
	if err != nil {
		return nil, err
	}
	items, err := s.items(side)
	if err != nil {
		return nil, err
	}
	f, err := input[*frameObject](ctx, t, s.frame)
	if err != nil {
		return nil, err
	}
	return hold(t.w.objects.put(name, &frameObject{Frame: f.Select(items)})), nil
}

// items returns the numbers of the items of a side.
func (s *splitObject) items(side string) ([]int, error) {
	switch side {
	case session.Train:
		return s.Train, nil
	case session.Val:
		return s.Val, nil
	case session.Test:
		return s.Test, nil
	}
	return nil, option.Errorf("side", "%q is not known: use %s", side,
		option.Choices([]string{session.Train, session.Val, session.Test}))
}

// sideArgs make a frame of a side.
type sideArgs struct {
	Split string `json:"split"`
	Side  string `json:"side"`
}

func (a *sideArgs) inputs() []string { return []string{a.Split} }
func (a *sideArgs) files() []string  { return nil }

func (a *sideArgs) run(ctx context.Context, t *task) (*made, error) {
	f, err := t.side(ctx, a.Split, a.Side)
	if err != nil {
		return nil, err
	}
	name := a.Side + " items"
	return frameMade(name, fmt.Sprintf("%s of the split %.12s", name, a.Split), f.Frame), nil
}

// itemOf returns the number of the item with an id, or an error that names the nearest ids.
func itemOf(f *data.Frame, id string) (int, error) {
	for i, other := range f.IDs {
		if other == id {
			return i, nil
		}
	}
	text := fmt.Sprintf("there is no item %s", quote.Text(id))
	var near []string
	for _, other := range f.NearestIDs(id, 3) {
		near = append(near, quote.Text(other))
	}
	if len(near) > 0 {
		text += ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return 0, option.Errorf("Item", "%s", text)
}
