package table

import (
	"fmt"
	"strconv"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// texts are the columns of a table that are not features; nil = the table has none.
type texts struct{ ids, labels, domains []string }

func (t *texts) of(role data.Role) *[]string {
	switch role {
	case data.RoleID:
		return &t.ids
	case data.RoleLabel:
		return &t.labels
	}
	return &t.domains
}

// finish returns the frame, after the checks that need the whole table.
func (p *plan) finish(m *matrix, t texts) (*data.Frame, error) {
	if err := m.err(); err != nil {
		return nil, err
	}
	n := m.rows
	if err := noRows(p.file, int64(n)); err != nil {
		return nil, err
	}
	if p.Has(data.RoleID) {
		if err := p.checkIDs(t.ids); err != nil {
			return nil, err
		}
	} else {
		t.ids = numbered(0, n)
	}
	return p.frame(m, t), nil
}

// ownIDs is what to do about ids that do not tell items apart.
var ownIDs = option.Do("give every item an id of its own").
	Or(`give %s as "`+data.NoColumn+`" and the column to %s, to have the items numbered`, "ID", "Ignore")

// noRows is an error where a whole file had none.
func noRows(file string, seen int64) error {
	if seen > 0 {
		return nil
	}
	return &Error{File: file, Problem: "the table has no rows", Fix: option.Do("write an item at least")}
}

// checkIDs refuses ids that are empty or occur twice.
func (p *plan) checkIDs(ids []string) error {
	first := make(map[string]int, len(ids))
	for i, id := range ids {
		fault := &Error{File: p.file, Row: int64(i) + 1, Column: p.NameOf(data.RoleID), Fix: ownIDs}
		if id == "" {
			fault.Problem = "the id is empty"
			return fault
		}
		if other, ok := first[id]; ok {
			fault.Problem = fmt.Sprintf("%q is also the id of row %d", id, other+1)
			return fault
		}
		first[id] = i
	}
	return nil
}

func (p *plan) frame(m *matrix, t texts) *data.Frame {
	f := &data.Frame{X: m.x, Columns: p.features, Blocks: p.blocks, IDs: t.ids, Labels: t.labels, Domains: t.domains}
	if allEmpty(f.Labels) {
		f.Labels = nil
	}
	return f
}

func allEmpty(all []string) bool {
	for _, s := range all {
		if s != "" {
			return false
		}
	}
	return true
}

// numbered returns the ids of n items without ids, behind seen others: "1", "2", …
func numbered(seen int64, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.FormatInt(seen+int64(i)+1, 10)
	}
	return ids
}

// interner keeps one copy of every label; where they are too many to be labels it stops
// remembering rather than grow.
type interner map[string]string

func (in interner) get(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(in) < 1<<16 {
		in[s] = s
	}
	return s
}
