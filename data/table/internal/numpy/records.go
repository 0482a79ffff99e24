package numpy

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// A structured array has a record for every item, with fields of different types: it is a table,
// whose fields are the columns.

// field is a field of a structured type.
type field struct {
	name, code string
	header     // of one value; its shape is that of the field in an item
	offset     int
}

// setFields reads the types of the fields. Fields without a name are what aligned types have between
// the others.
func (h *header) setFields(fields []field) error {
	h.kind = 'V'
	for _, f := range fields {
		var pad int
		if _, err := fmt.Sscanf(f.code, "|V%d", &pad); f.name == "" && err == nil && pad > 0 && pad <= 1<<20 {
			h.size += pad
			continue
		}
		if err := f.setType(f.code); err != nil {
			return fmt.Errorf("field %q: %w", f.name, err)
		}
		if err := f.checkShape(); err != nil {
			return fmt.Errorf("field %q: %w", f.name, err)
		}
		f.offset = h.size
		const most = 1 << 30
		if f.values() > (most-h.size)/f.size {
			return fmt.Errorf("the array has records of more than %d bytes", most)
		}
		h.size += f.values() * f.size
		h.fields = append(h.fields, f)
	}
	if len(h.fields) == 0 {
		return fmt.Errorf("the array has records without a field")
	}
	return nil
}

// column describes a field as a column of a table.
func (f field) column() (c reading.Column, problem string) {
	h := f.header
	// As an array of the field alone would be, with the items before its own shape.
	h.shape = append([]int{1}, f.shape...)
	c, problem = h.column(f.name)
	if problem != "" {
		return c, fmt.Sprintf("the field has the shape %v in every item; save it with one dimension", f.shape)
	}
	return c, ""
}

// planRecords gives every field its role: what the options name first, then by its name, as in an
// archive.
func planRecords(in *reading.Input, h header, opt *reading.Options) (*reading.Plan, error) {
	fail := func(name, problem string, fix option.Fix) error {
		return &tableerr.Error{File: in.Name, Column: name, Problem: problem, Fix: fix}
	}
	o := *opt
	o.Ignore = slices.Clone(opt.Ignore)
	given := map[data.Role]*string{data.RoleID: &o.ID, data.RoleLabel: &o.Label, data.RoleDomain: &o.Domain}
	inferred := make(map[data.Role]string)
	var columns []reading.Column
	var notes []string
	for k, f := range h.fields {
		role := roleByName(f.name)
		named := slices.Contains(o.Ignore, f.name)
		for r, to := range given {
			named = named || *to == f.name && inferred[r] == ""
		}
		switch to := given[role]; {
		case named || role == data.RoleFeature:
		case role == data.RoleIgnore:
			o.Ignore = append(o.Ignore, f.name)
			notes = append(notes, fmt.Sprintf("%q is left out: groups are no features", f.name))
		case *to == "":
			*to, inferred[role] = f.name, f.name
		case inferred[role] != "":
			return nil, fail("", fmt.Sprintf("both %q and %q could be the %s", *to, f.name, reading.RoleName(role)),
				option.Do("say which in %s, and leave the other out with %s", reading.OptionOf(role), "Ignore"))
		default:
			o.Ignore = append(o.Ignore, f.name)
			notes = append(notes, fmt.Sprintf("%q is left out: another field is named as the %s", f.name,
				reading.RoleName(role)))
		}
		if len(f.shape) == 1 && f.shape[0] == 1 {
			h.fields[k].shape = []int{} // one value, as (1,) or as ()
		}
	}
	for _, f := range h.fields {
		c, problem := f.column()
		if problem != "" && !slices.Contains(o.Ignore, f.name) {
			return nil, fail(f.name, problem, option.Do("leave it out with %s", "Ignore"))
		}
		for role, to := range given {
			if *to == f.name && len(f.shape) > 0 {
				return nil,
					fail(f.name, fmt.Sprintf("the field is the %s and has the shape %v in every item; a %s is one "+
						"value", reading.RoleName(role), f.shape, reading.RoleName(role)),
						option.Do("save one value").Or("leave it out with %s", "Ignore"))
			}
		}
		columns = append(columns, c)
	}
	p, err := reading.NewPlan(in.Name, columns, &o, reading.Hints{})
	if err != nil {
		return nil, err
	}
	for k, note := range p.Notes {
		for role, name := range inferred {
			if strings.HasPrefix(note, reading.RoleName(role)+": column") {
				p.Notes[k] = fmt.Sprintf("%s: field %q, by its name", reading.RoleName(role), name)
			}
		}
	}
	p.Notes = append(p.Notes, notes...)
	return p, nil
}

// readRecords reads n records into all rows of m and t.
func (h header) readRecords(ctx context.Context, r io.Reader, p *reading.Plan, n int, m *reading.Matrix,
	t *reading.Texts, account *reading.Account, tell func(rows int) error) error {
	step := max(1, readChunk/h.size)
	buffer := make([]byte, min(step, n)*h.size)
	known := make(reading.Interner)
	var scratch []byte
	for row := 0; row < n; row += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(step, n-row)
		if _, err := io.ReadFull(r, buffer[:rows*h.size]); err != nil {
			return tableerr.Unexpected(err)
		}
		for j, f := range h.fields {
			role, w := p.Roles[j], f.values()
			if role == data.RoleIgnore {
				continue
			}
			for i := range rows {
				value := buffer[i*h.size+f.offset:][:w*f.size]
				if role == data.RoleFeature {
					if past := f.findPastRaw(value, w); past != nil {
						return past.Fault(m.File, m.Row+int64(row+i)+1, f.name)
					}
					var lost narrow.Run
					f.decode(m.X[(row+i)*m.Width+p.First[j]:][:w], value, 0, &lost)
					m.Lose(&lost, row+i, p.First[j], w)
					continue
				}
				var err error
				if scratch, err = f.appendText(scratch[:0], value); err != nil {
					return m.TextAt(err, row+i, f.name)
				}
				if (*t.Of(role))[row+i], err = account.Text(known, scratch); err != nil {
					return err
				}
			}
		}
		if err := tell(row + rows); err != nil {
			return err
		}
	}
	return nil
}
