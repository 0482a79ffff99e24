package numpy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/internal/listing"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// plan gives every array its role. The options count first, then npzRoles, and all arrays of
// numbers that are left are features; with opt.X that one alone is. It notes every decision. a.rows becomes the number
// of rows of the arrays that take part.
func (a *archive) plan(ctx context.Context) (*reading.Plan, error) {
	// A copy: what is inferred here goes to it as if it had been given.
	opt := *a.opt
	inferred, err := a.infer(&opt)
	if err != nil {
		return nil, err
	}
	// An array that is not there is most likely a mistyped name: the error lists what is
	// there.
	hasX := slices.ContainsFunc(a.members, func(m member) bool { return m.key == opt.X })
	// The error lists what is there: most likely a name was mistyped.
	if opt.X != "" && !hasX {
		return nil, &tableerr.Error{File: a.in.Name, Err: option.Errorf("X", "no array %q; there are %s", opt.X,
			listing.Quoted(a.keys()))}
	}
	var columns []reading.Column
	n := a.items(&opt)
	for k, m := range a.members {
		for role, key := range map[data.Role]string{data.RoleID: opt.ID, data.RoleLabel: opt.Label,
			data.RoleDomain: opt.Domain} {
			if m.key != key || slices.Contains(opt.Ignore, m.key) {
				continue
			}
			if m, err = a.asRole(m, role, n); err != nil {
				return nil, err
			}
			a.members[k] = m
		}
		c, problem := m.header.column(m.key)
		// With opt.X, every other array without a role is left out instead of being one
		// more block.
		role := m.key == opt.ID || m.key == opt.Label || m.key == opt.Domain
		switch {
		case opt.X != "" && m.key != opt.X && !role && !slices.Contains(opt.Ignore, m.key):
			opt.Ignore = append(slices.Clone(opt.Ignore), m.key)
			a.notes = append(a.notes, fmt.Sprintf("%q is left out: another array is named as the features", m.key))
		case problem != "" && !slices.Contains(opt.Ignore, m.key):
			return nil, a.fail(m.key, problem, option.Do("leave it out with %s", "Ignore"))
		}
		columns = append(columns, c)
	}
	// What was left out while reading the headers is not there to be claimed again.
	opt.Ignore = slices.DeleteFunc(slices.Clone(opt.Ignore), func(key string) bool {
		return !slices.Contains(a.keys(),
			key)
	})
	hint, err := a.hints(ctx)
	if err != nil {
		return nil, err
	}
	p, err := reading.NewPlan(a.in.Name, columns, &opt, hint)
	if err != nil {
		return nil, err
	}
	// To the plan these were given. The reader of the notes did not give them.
	for k, note := range p.Notes {
		for option, key := range inferred {
			if strings.HasPrefix(note, option+": column") {
				p.Notes[k] = fmt.Sprintf("%s: array %q, by its name", option, key)
			}
		}
	}
	// Arrays that are left out may have any number of rows.
	a.rows = -1
	first := ""
	for j, m := range a.members {
		// The first array that takes part sets the number of rows.
		switch n := m.header.shape[0]; {
		case p.Roles[j] == data.RoleIgnore:
		case a.rows < 0:
			a.rows, first = n, m.key
		case n != a.rows:
			return nil, a.fail(m.key, fmt.Sprintf("the array has %d items, %q has %d", n, first, a.rows),
				option.Do("save arrays of the same items").Or("leave this one out with %s", "Ignore"))
		}
	}
	return p, nil
}

// keys returns the names of all arrays, in the order of the archive.
func (a *archive) keys() []string {
	var keys []string
	for _, m := range a.members {
		keys = append(keys, m.key)
	}
	return keys
}

// hints reads the names and blocks of the features, where the archive has them as
// [WriteNPZ] writes them: "columns" (or "feature_names") and "blocks", text of shape [F]
// each. In "blocks" every feature has the name of its block; neighbours of one name are one
// block. Blocks that cannot be are left out, names that do not fit are an error of the
// plan.
func (a *archive) hints(ctx context.Context) (hint reading.Hints, err error) {
	// "columns" is ours; "feature_names" is what scikit-learn calls them.
	for _, key := range []string{"columns", "feature_names"} {
		m, ok := a.named[key]
		if !ok || hint.Names != nil {
			continue
		}
		if hint.Names, err = a.texts(ctx, m); err != nil {
			return hint, err
		}
	}
	if m, ok := a.named["settings"]; ok {
		// An array of that name may be anything; ours is one text.
		if text, err := a.texts(ctx, m); err == nil && len(text) == 1 {
			hint.Settings = blockmeta.Settings(text[0])
		}
	}
	m, ok := a.named["blocks"]
	if !ok {
		return hint, nil
	}
	blocks, err := a.texts(ctx, m)
	if err != nil {
		return hint, err
	}
	// A name per feature, rather than a range per block, is what people can write from
	// NumPy.
	stored := &blockmeta.Blocks{}
	for _, name := range blocks {
		if last := len(stored.Blocks) - 1; last >= 0 && stored.Blocks[last].Name == name {
			stored.Blocks[last].Width++
			continue
		}
		stored.Blocks = append(stored.Blocks, blockmeta.Block{Name: name, Width: 1})
	}
	hint.Stored = stored.Sound()
	return hint, nil
}
