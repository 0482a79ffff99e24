package table

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// read returns the frame of all parts. While they are put together there are two copies of the
// values, so that the parts may take half of the limit.
func (d *folder) read(ctx context.Context) (*data.Frame, *Explanation, error) {
	limit := reading.Budget(&d.opt, d.size)
	var frames []*data.Frame
	var e *Explanation
	items, used, empty := 0, int64(0), 0
	for k, p := range d.parts {
		opt := reading.After(d.opt, int64(items))
		opt.Progress, opt.Missing = nil, nil // words for missing are those of the whole table
		if opt.MaxBytes = limit - 2*used; opt.MaxBytes <= 0 {
			return nil, nil, &Error{File: d.path, Problem: fmt.Sprintf("%d of its %d files take more than %d MiB", k,
				len(d.parts), limit>>20), Fix: option.Do("raise %s if the files are sound", "MaxBytes").Or("use Scan")}
		}
		var f *data.Frame
		var how *Explanation
		err := withPart(ctx, p.path, func(in *reading.Input) (err error) {
			f, how, err = decode(ctx, in, &opt)
			return err
		})
		if errors.Is(err, tableerr.ErrNoRows) {
			empty++
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if e == nil {
			e = how
		} else if how.ID != e.ID || how.Label != e.Label || how.Domain != e.Domain {
			return nil, nil, &Error{File: p.path, Problem: "its id, label or domain is not the column that it is in " +
				d.parts[0].path, Fix: option.Do("name them in %s, %s and %s", "ID", "Label", "Domain")}
		}
		if len(frames) > 0 {
			e.Missing, e.Infinite = e.Missing+how.Missing, e.Infinite+how.Infinite
			e.Lost.Add(how.Lost.After(int64(items)))
		}
		if f.Labels == nil && how.Label != "" {
			f.Labels = make([]string, f.N()) // all are empty in this part
		}
		frames = append(frames, f)
		if err := d.fill(f, p, frames[0]); err != nil {
			return nil, nil, err
		}
		items += f.N()
		used += frameBytes(f)
		if d.opt.Progress != nil {
			if err := d.opt.Progress(int64(k+1), int64(len(d.parts))); err != nil {
				return nil, nil, &tableerr.Stopped{Err: err}
			}
		}
	}
	if len(frames) == 0 {
		return nil, nil, reading.NoRows(d.path, 0)
	}
	if empty > 0 { // Spark writes one for each task that had nothing to do
		d.notes = append(d.notes, fmt.Sprintf("%d of %d files have no rows", empty, len(d.parts)))
	}
	f := joined(frames, items)
	// Of the whole table: a part may hold too little to see that a column numbers the rows.
	reading.Settle(f, e, &d.opt)
	if err := d.checkIDs(f.IDs, e); err != nil {
		return nil, nil, err
	}
	d.explain(e, f)
	return f, e, d.checkMissing(e.Label != "" || e.Domain != "")
}

// frameBytes is what a frame takes: values, and texts with their headers, as if none shared its memory.
func frameBytes(f *data.Frame) int64 {
	n := 4 * int64(len(f.X))
	for _, all := range [][]string{f.IDs, f.Labels, f.Domains} {
		for _, s := range all {
			n += 16 + int64(len(s))
		}
	}
	return n
}

// joined returns the items of all frames, in their order. The frames, which have the same columns, are let go one by
// one, so that what they hold is free as soon as it is copied.
func joined(frames []*data.Frame, items int) *data.Frame {
	all := &data.Frame{Columns: frames[0].Columns, Blocks: frames[0].Blocks, Numbered: frames[0].Numbered,
		Settings: frames[0].Settings}
	all.X = make([]float32, 0, items*all.F())
	for k, f := range frames {
		all.X = append(all.X, f.X...)
		all.IDs = append(all.IDs, f.IDs...)
		all.Labels = append(all.Labels, f.Labels...)
		all.Domains = append(all.Domains, f.Domains...)
		frames[k] = nil
	}
	if reading.AllEmpty(all.Labels) {
		all.Labels = nil
	}
	return all
}

// checkIDs refuses ids that occur in two parts. Within a part they are unique already.
func (d *folder) checkIDs(ids []string, e *Explanation) error {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return &Error{File: d.path, Column: e.ID, Problem: fmt.Sprintf("the id %q is in two of its files", id),
				Fix: reading.OwnIDs}
		}
		seen[id] = true
	}
	return nil
}

// checkMissing is [checkIdleMissing] for the whole table, which may have labels and domains by its folders.
func (d *folder) checkMissing(hasText bool) error {
	return checkIdleMissing(d.path, &reading.Format{Name: "Parquet or Arrow"}, &d.opt, hasText)
}

// explain makes the explanation of the first part one of all.
func (d *folder) explain(e *Explanation, f *data.Frame) {
	e.File, e.Format = d.path, fmt.Sprintf("%d files (%s)", len(d.parts), e.Format)
	e.Rows = f.N()
	for k, role := range d.roles {
		switch role {
		case data.RoleID:
			e.ID = d.keys[k]
		case data.RoleLabel:
			e.Label = d.keys[k]
		case data.RoleDomain:
			e.Domain = d.keys[k]
		default:
			e.Ignored = append(e.Ignored, d.keys[k])
			continue
		}
		// The parts were told that there is no such column.
		e.Notes = slices.DeleteFunc(e.Notes, func(note string) bool {
			return strings.HasPrefix(note, reading.RoleName(role)+": none")
		})
	}
	e.Notes = append(e.Notes, d.notes...)
}

// scan yields the frames of one part after the other.
func (d *folder) scan(ctx context.Context, yield reading.Yielder) error {
	var first *data.Frame
	settle := reading.Settler(&d.opt) // one of all parts, so that they keep the same columns
	items := int64(0)
	for _, p := range d.parts {
		opt := reading.After(d.opt, items)
		opt.Missing = nil
		take := func(f *data.Frame) error {
			if first == nil {
				first = &data.Frame{Columns: f.Columns, Blocks: f.Blocks, Settings: f.Settings}
			}
			// An error of the folder: nothing is wrong with the part alone.
			if err := d.fill(f, p, first); err != nil {
				return &tableerr.Stopped{Err: err}
			}
			if err := d.checkMissing(f.Labels != nil || f.Domains != nil); err != nil {
				return &tableerr.Stopped{Err: err}
			}
			settle(f)
			items += int64(f.N())
			return yield(f)
		}
		err := withPart(ctx, p.path, func(in *reading.Input) error {
			return scanInput(ctx, in, &opt, func(*data.Frame) {}, take)
		})
		var stop *tableerr.Stopped
		var fault *Error
		if errors.As(err, &stop) && errors.As(stop.Err, &fault) {
			return fault
		}
		if err != nil && !errors.Is(err, tableerr.ErrNoRows) {
			return err
		}
	}
	return reading.NoRows(d.path, items)
}
