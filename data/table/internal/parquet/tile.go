package parquet

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// tile is some columns of a row group that are read together: up to reading.TileColumns
// neighbours of one feature each, or a list, or a column of text. Features are decoded in
// tiles because a column alone would write one value to every row of the frame, and so
// touch all of its memory once per column; neighbours write whole lines of the cache.
type tile struct {
	columns []int // of the file
	list    bool
	role    data.Role
}

// tiles divides the columns of the file that are not ignored, in their order. The tiles of
// a row group can be read at the same time: no two write to the same values.
func (p *source) tiles() []tile {
	var all []tile
	for j, c := range p.columns {
		role := p.plan.Roles[j]
		if role == data.RoleIgnore {
			continue
		}
		last := len(all) - 1
		if role == data.RoleFeature && !c.List && last >= 0 && all[last].role == role && !all[last].list &&
			len(all[last].columns) < reading.TileColumns {
			all[last].columns = append(all[last].columns, j)
			continue
		}
		all = append(all, tile{columns: []int{j}, list: c.List, role: role})
	}
	return all
}

// openTile is a tile of one row group, read from beginning to end by one goroutine at a
// time. leaves are its open columns; cols holds, for the length of a call, where the values
// of each are.
type openTile struct {
	tile
	p      *source
	leaves []*leaf
	cols   [][]float32
	left   int // rows of the group that were not read yet
}

// columnGap separates the columns of a tile, in values: without it they would start at
// multiples of a power of 2, map to the same lines of the cache, and drive each other out
// of it.
const columnGap = 16

// open opens the columns of a tile in a row group. Close the result also after an error: it
// holds the columns that were opened before it. s may be nil and set later.
func (p *source) open(t tile, group *file.RowGroupReader, s *scratch) (*openTile, error) {
	o := &openTile{tile: t, p: p, left: int(group.NumRows())}
	for _, j := range t.columns {
		l, err := p.leaf(group, j, s)
		if err != nil {
			return o, err
		}
		o.leaves = append(o.leaves, l)
	}
	return o, nil
}

// close closes all columns and returns the errors of all.
func (o *openTile) close() error {
	var all []error
	for _, l := range o.leaves {
		all = append(all, l.close())
	}
	return errors.Join(all...)
}

// read reads the next n rows to rows [row, row+n) of m or t. Fewer rows in the file are an
// error. What is not finite is counted or refused by m.
func (o *openTile) read(n, row int, m *reading.Matrix, t *reading.Texts) error {
	switch {
	case o.role != data.RoleFeature:
		return o.leaves[0].texts((*t.Of(o.role))[row:row+n], row, m)
	case o.list:
		return o.readList(n, row, m)
	}
	first := o.p.plan.First[o.columns[0]]
	// Kept for all calls of read; what they point to is scratch, which changes hands.
	if o.cols == nil {
		o.cols = make([][]float32, len(o.leaves))
	}
	for done := 0; done < n; {
		step := min(columnar.TileRows, n-done)
		// All leaves of a tile have the same scratch: that of the worker.
		values := columnar.Room(&o.leaves[0].scratch.f32, (step+columnGap)*len(o.leaves))
		// Columns are decoded one after the other, then all of them become rows.
		for k, l := range o.leaves {
			o.cols[k] = values[k*(step+columnGap):][:step]
			got, err := l.numbers(o.cols[k])
			if err != nil {
				return m.Located(err, row+done, l.name, 1)
			}
			if got < step {
				return l.short()
			}
			m.Lose(&l.lost, row+done, first+k, 1)
		}
		m.Transpose(o.cols, step, row+done, first)
		done += step
	}
	return nil
}

// readList reads lists, which must all have the width of the column, the number of features
// that the plan gave it. A row begins where the repetition level is 0: exactly there, at
// every w-th value, or a list has another length. After the last row of a group no value may
// be left, or its list is longer.
func (o *openTile) readList(n, row int, m *reading.Matrix) error {
	l := o.leaves[0]
	first, w := o.p.plan.First[o.columns[0]], o.p.columns[o.columns[0]].Width
	if w == 0 {
		return nil
	}
	// About as many values at a time as in a tile of single columns.
	step := max(1, columnar.TileRows*reading.TileColumns/w)
	// The level of a place in a list, whether it holds a value or null: below it, there is no
	// list, or an empty one. Only an optional value has a level of its own on top.
	place := l.descr.MaxDefinitionLevel()
	if l.descr.SchemaNode().RepetitionType() == parquet.Repetitions.Optional {
		place--
	}
	fault := func(row int) error {
		return &tableerr.Error{File: m.File, Row: m.Row + int64(row) + 1, Column: l.name,
			Problem: fmt.Sprintf("the list is missing or has another length than the first one (%d)", w),
			Fix: option.Do("features need lists of one length").
				Or("if the column holds none, leave it out with %s", "Ignore")}
	}
	for done := 0; done < n; {
		rows := min(step, n-done)
		values := columnar.Room(&l.scratch.f32, rows*w)
		got, err := l.numbers(values)
		if err != nil {
			return m.Located(err, row+done, l.name, w)
		}
		// A null inside a list is a missing value, which Look finds; a list that is null or
		// empty is none of the right length.
		for i := range values {
			if i < got && (l.scratch.rep[i] == 0) == (i%w == 0) && l.scratch.def[i] >= place {
				continue
			}
			if i < got && i%w == 0 && l.scratch.rep[i] != 0 {
				return fault(row + done + i/w - 1) // the list before goes on
			}
			return fault(row + done + i/w)
		}
		m.Lose(&l.lost, row+done, first, w)
		for i := range rows {
			to := m.X[(row+done+i)*m.Width+first:][:w]
			copy(to, values[i*w:])
			if !reading.AllFinite(to) {
				m.Look(row+done+i, 1, first, w)
			}
		}
		done += rows
	}
	if o.left -= n; o.left == 0 && l.reader.HasNext() {
		return fault(row + n - 1)
	}
	return l.reader.Err()
}
