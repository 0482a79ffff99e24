package reading

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// Finish returns the frame of all items, after the checks that need the whole table: values
// that are not finite, no rows, ids that are empty or occur twice. The frame takes over X
// and the texts. Labels that are all empty become nil: they say nothing.
func (p *Plan) Finish(m *Matrix, t Texts) (*data.Frame, error) {
	if err := m.err(); err != nil {
		return nil, err
	}
	n := m.rows
	if err := NoRows(p.File, int64(n)); err != nil {
		return nil, err
	}
	if p.Has(data.RoleID) {
		if err := p.checkIDs(t.IDs); err != nil {
			return nil, err
		}
	} else {
		t.IDs = Numbered(p.before, n)
	}
	return p.frame(m, t), nil
}

// OwnIDs is what to do about ids that are empty or not unique.
var OwnIDs = option.Do("give every item an id of its own").
	Or(`give %s as "`+data.NoColumn+`" and the column to %s, to have the items numbered`, "ID", "Ignore")

// NoRows returns an error where seen, the rows of a whole file, is 0.
func NoRows(file string, seen int64) error {
	if seen > 0 {
		return nil
	}
	return &tableerr.Error{File: file, Err: tableerr.ErrNoRows, Fix: option.Do("write at least one item")}
}

// checkIDs refuses ids that are empty or occur twice, and names both rows. It takes a map
// of all ids for the time of the call.
func (p *Plan) checkIDs(ids []string) error {
	first := make(map[string]int, len(ids))
	for i, id := range ids {
		fault := &tableerr.Error{File: p.File, Row: int64(i) + 1, Column: p.NameOf(data.RoleID), Fix: OwnIDs}
		if id == "" {
			fault.Problem = "the id is empty"
			return fault
		}
		if other, ok := first[id]; ok {
			fault.Text, fault.Problem = id, fmt.Sprintf("is also the id of row %d", other+1)
			return fault
		}
		first[id] = i
	}
	return nil
}

// frame makes the frame, without any checks.
func (p *Plan) frame(m *Matrix, t Texts) *data.Frame {
	f := &data.Frame{X: m.X, Columns: p.Features, Blocks: p.Blocks, IDs: t.IDs, Numbered: p.CountsRows(t.IDs),
		Labels: t.Labels, Domains: t.Domains, Settings: p.Settings}
	if AllEmpty(f.Labels) {
		f.Labels = nil
	}
	return f
}

// CountsRows reports whether the ids of a whole table say nothing but the number of their row: the items were numbered
// ("1", "2", …), or the ids are the index that pandas ("0", "1", …) and R ("1", "2", …) write where a table has none of
// its own.
func (p *Plan) CountsRows(ids []string) bool {
	if !p.Has(data.RoleID) {
		return true
	}
	if name := p.NameOf(data.RoleID); name != "" && name != "__index_level_0__" && name != "Unnamed: 0" {
		return false
	}
	from := 0
	if len(ids) > 0 && strings.TrimSuffix(ids[0], ".0") == "1" {
		from = 1
	}
	for i, id := range ids {
		if strings.TrimSuffix(id, ".0") != strconv.Itoa(i+from) { // an index of pandas may be of floating point
			return false
		}
	}
	return true
}

// OrMissing adds the way of AllowMissing to a fix.
func OrMissing(fix option.Fix) option.Fix { return fix.Or("set %s to read it as NaN", "AllowMissing") }

// Part returns a frame of the n items in m and t, which follow seen others, after the
// checks that need no more than these: an id that occurs in two parts is not found. Labels
// stay even where all are empty, so that all parts of a table are alike. The frame takes
// over X and the texts.
func (p *Plan) Part(m *Matrix, t Texts, seen int64, n int) (*data.Frame, error) {
	if err := m.err(); err != nil {
		return nil, err
	}
	if p.Has(data.RoleID) {
		if err := p.checkIDs(t.IDs); err != nil {
			var bad *tableerr.Error
			if errors.As(err, &bad) {
				bad.Row += seen
			}
			return nil, err
		}
	} else {
		t.IDs = Numbered(p.before+seen, n)
	}
	return &data.Frame{X: m.X, Columns: p.Features, Blocks: p.Blocks, IDs: t.IDs, Numbered: !p.Has(data.RoleID),
		Labels: t.Labels, Domains: t.Domains, Settings: p.Settings}, nil
}
