package arrowipc

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/blockmeta"
	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/narrow"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// batchReader copies rows of record batches into frames. One plan, made from the schema,
// serves all batches. It does not change, so that workers share it.
type batchReader struct {
	plan *reading.Plan
}

// scratch is the memory of a worker: values before they are transposed, and texts seen so
// far in the columns that it read. Its values are overwritten by each call.
type scratch struct {
	f32    []float32
	text   []byte
	labels reading.Interner
}

// newScratch returns empty memory for a worker.
func newScratch() *scratch {
	return &scratch{labels: make(reading.Interner), text: make([]byte, 0, 64)}
}

// newBatchReader plans by the schema and, for the width of lists of free length, the first
// batch with rows; first may be nil, where there is none, and then such lists have no
// features. Blocks come from the schema's metadata, if this module wrote the file.
func newBatchReader(s *source, first arrow.RecordBatch) (*batchReader, error) {
	// Lists of free length get their width from the first row; others must agree
	// (fillLists).
	columns := columnsOf(s.schema)
	for j, c := range columns {
		// Fixed-size lists have their width from the schema.
		if c.List && c.Width == 0 && first != nil && first.NumRows() > 0 {
			from, to, err := listRange(first.Column(j), 0)
			if err != nil {
				return nil, err
			}
			columns[j].Width = to - from
		}
	}
	var known columnar.Known
	if text, ok := s.schema.Metadata().GetValue(blockmeta.Key); ok {
		known.Stored = blockmeta.Parse(text)
	}
	if text, ok := s.schema.Metadata().GetValue(blockmeta.SettingsKey); ok {
		known.Settings = blockmeta.Settings(text)
	}
	known.Pandas, _ = s.schema.Metadata().GetValue(columnar.PandasKey)
	known.Empty = s.empty()
	p, err := columnar.Plan(s.in.Name, columns, s.opt, known)
	if err != nil {
		return nil, err
	}
	return &batchReader{plan: p}, nil
}

// listRange returns the range [from, to) of list i in the values of all lists, empty for
// null. Offsets are read from the file: a range outside the values is an error.
func listRange(a arrow.Array, i int) (from, to int, err error) {
	// Lists of 32 and of 64 bits, and of fixed size.
	lists, ok := a.(array.ListLike)
	if !ok || a.IsNull(i) {
		return 0, 0, nil
	}
	start, end := lists.ValueOffsets(i)
	if start < 0 || end < start || end > int64(lists.ListValues().Len()) {
		return 0, 0, errors.New("a list lies outside its values")
	}
	return int(start), int(end), nil
}

// fill copies rows [from, from+n) of a batch to rows [row, row+n) of m and t, which have
// room for them. Columns are divided among all cores: up to reading.TileColumns neighbours
// of one feature each make a task, so that whole lines of the cache are written, and every
// list or text is one. What texts hold is taken from account.
func (b *batchReader) fill(ctx context.Context, batch arrow.RecordBatch, from, n, row int, m *reading.Matrix,
	t *reading.Texts, account *reading.Account) error {
	for j, role := range b.plan.Roles {
		if role == data.RoleIgnore || from > 0 || n == 0 || batch.Column(j).DataType().ID() == arrow.NULL {
			continue
		}
		if err := validate(batch.Column(j)); err != nil {
			return fmt.Errorf("column %q: %w", b.plan.Columns[j].Name, err)
		}
	}
	var tasks [][]int // columns that are read together
	for j, c := range b.plan.Columns {
		role := b.plan.Roles[j]
		last := len(tasks) - 1
		switch {
		case role == data.RoleIgnore:
		// Columns may be ignored between neighbours: in the frame they still lie side by
		// side.
		case role == data.RoleFeature && !c.List && last >= 0 && len(tasks[last]) < reading.TileColumns &&
			b.single(tasks[last][0]):
			tasks[last] = append(tasks[last], j)
		default:
			tasks = append(tasks, []int{j})
		}
	}
	// Tasks write to different values of m and t, so they need no lock.
	return columnar.Run(ctx, b.plan.File, len(tasks), newScratch, func(s *scratch, k int) error {
		columns := tasks[k]
		switch first := columns[0]; {
		case b.plan.Roles[first] != data.RoleFeature:
			return b.fillTexts(s, batch.Column(first), from, row, (*t.Of(b.plan.Roles[first]))[row:row+n], first, m,
				account)
		case b.plan.Columns[first].List:
			return b.fillLists(batch.Column(first), first, from, n, row, m)
		}
		return b.fillNumbers(s, batch, columns, from, n, row, m)
	}, func() error { return nil })
}

// single reports whether a column is one feature, and not a list, a text or ignored.
func (b *batchReader) single(j int) bool {
	return b.plan.Roles[j] == data.RoleFeature && !b.plan.Columns[j].List
}

// fillNumbers copies columns of one feature each, which are neighbours in the frame, a tile
// of columnar.TileRows rows at a time. Float32 without nulls is read in place; other types
// are converted to s first. Values that are not finite are counted or refused by m.
func (b *batchReader) fillNumbers(s *scratch, batch arrow.RecordBatch, columns []int, from, n, row int,
	m *reading.Matrix) error {
	cols := make([][]float32, len(columns))
	for done := 0; done < n; {
		step := min(columnar.TileRows, n-done)
		// For all columns, though those read in place leave their part unused.
		values := columnar.Room(&s.f32, step*len(columns))
		for k, j := range columns {
			a := batch.Column(j)
			// The usual column: a slice of the batch's memory, without a copy.
			if plain, ok := a.(*array.Float32); ok && a.NullN() == 0 && from+done+step <= a.Len() {
				cols[k] = plain.Values()[from+done : from+done+step]
				continue
			}
			cols[k] = values[k*step : (k+1)*step]
			var lost narrow.Run
			if err := arrowNumbers(cols[k], a, from+done, &lost); err != nil {
				return m.Located(fmt.Errorf("column %q: %w", b.plan.Columns[j].Name, err), row+done,
					b.plan.Columns[j].Name, 1)
			}
			m.Lose(&lost, row+done, b.plan.First[j], 1)
		}
		m.Transpose(cols, step, row+done, b.plan.First[columns[0]])
		done += step
	}
	return nil
}

// fillLists copies column j, whose lists must all have the width that the plan gave it. A
// null list is an error: it holds no values that could be missing. The values of a row lie
// side by side in the frame, as in the file, so there is nothing to transpose.
func (b *batchReader) fillLists(a arrow.Array, j, from, n, row int, m *reading.Matrix) error {
	c := b.plan.Columns[j]
	first, w := b.plan.First[j], c.Width
	lists, ok := a.(array.ListLike)
	if !ok {
		return fmt.Errorf("column %q holds no lists", c.Name)
	}
	for i := range n {
		start, end, err := listRange(a, from+i)
		if err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
		// Where the width is 0, only IsNull tells a null list from an empty one.
		if end-start != w || a.IsNull(from+i) {
			return &tableerr.Error{File: m.File, Row: m.Row + int64(row+i) + 1, Column: c.Name,
				Problem: fmt.Sprintf("the list is missing or has %d values, the first one has %d", end-start, w),
				Fix: option.Do("features need lists of one length").
					Or("if the column holds none, leave it out with %s", "Ignore")}
		}
		to := m.X[(row+i)*m.Width+first:][:w]
		var lost narrow.Run
		if err := arrowNumbers(to, lists.ListValues(), start, &lost); err != nil {
			return m.Located(fmt.Errorf("column %q: %w", c.Name, err), row+i, c.Name, w)
		}
		m.Lose(&lost, row+i, first, w)
		if !reading.AllFinite(to) {
			m.Look(row+i, 1, first, w)
		}
	}
	return nil
}
