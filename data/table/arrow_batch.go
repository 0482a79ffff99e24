package table

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// arrowBatch copies rows of record batches into frames.
type arrowBatch struct {
	plan *plan
	opt  *Options
}

// batchScratch is the memory of a worker.
type batchScratch struct {
	f32    []float32
	labels interner
}

func newBatchScratch() *batchScratch { return &batchScratch{labels: make(interner)} }

// planArrow plans after the schema and, for the width of lists, the first batch with rows.
func planArrow(in *input, opt *Options, s *arrow.Schema, first arrow.RecordBatch) (*arrowBatch, error) {
	columns := arrowColumns(s)
	for j, c := range columns {
		if c.list && c.width == 0 && first != nil && first.NumRows() > 0 {
			from, to, err := listRange(first.Column(j), 0)
			if err != nil {
				return nil, err
			}
			columns[j].width = to - from
		}
	}
	var hint hints
	if text, ok := s.Metadata().GetValue(storedKey); ok {
		hint.stored = parseStored(text)
	}
	p, err := newPlan(in.name, columns, opt, hint)
	if err != nil {
		return nil, err
	}
	return &arrowBatch{plan: p, opt: opt}, nil
}

// listRange returns the range of list i in the values of all lists.
func listRange(a arrow.Array, i int) (from, to int, err error) {
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

// fill copies rows [from, from+n) of a batch to rows [row, row+n) of m and t, in parallel.
func (b *arrowBatch) fill(ctx context.Context, batch arrow.RecordBatch, from, n, row int, m *matrix, t *texts) error {
	var tasks [][]int // columns that are read together
	for j, c := range b.plan.columns {
		role := b.plan.Roles[j]
		last := len(tasks) - 1
		switch {
		case role == data.RoleIgnore:
		case role == data.RoleFeature && !c.list && last >= 0 && len(tasks[last]) < tileColumns && b.single(tasks[last][0]):
			tasks[last] = append(tasks[last], j)
		default:
			tasks = append(tasks, []int{j})
		}
	}
	return runTasks(ctx, b.plan.file, len(tasks), newBatchScratch, func(s *batchScratch, k int) error {
		columns := tasks[k]
		switch first := columns[0]; {
		case b.plan.Roles[first] != data.RoleFeature:
			return b.fillTexts(s, batch.Column(first), from, (*t.of(b.plan.Roles[first]))[row:row+n], b.plan.columns[first].name)
		case b.plan.columns[first].list:
			return b.fillLists(batch.Column(first), first, from, n, row, m)
		}
		return b.fillNumbers(s, batch, columns, from, n, row, m)
	}, func() error { return nil })
}

// single says whether a column is one feature.
func (b *arrowBatch) single(j int) bool {
	return b.plan.Roles[j] == data.RoleFeature && !b.plan.columns[j].list
}

func (b *arrowBatch) fillNumbers(s *batchScratch, batch arrow.RecordBatch, columns []int, from, n, row int, m *matrix) error {
	cols := make([][]float32, len(columns))
	for done := 0; done < n; {
		step := min(tileRows, n-done)
		values := scratchOf(&s.f32, step*len(columns))
		for k, j := range columns {
			a := batch.Column(j)
			if plain, ok := a.(*array.Float32); ok && a.NullN() == 0 && from+done+step <= a.Len() {
				cols[k] = plain.Values()[from+done : from+done+step]
				continue
			}
			cols[k] = values[k*step : (k+1)*step]
			if err := arrowNumbers(cols[k], a, from+done); err != nil {
				return m.located(fmt.Errorf("column %q: %w", b.plan.columns[j].name, err), row+done, b.plan.columns[j].name, 1)
			}
		}
		m.transpose(cols, step, row+done, b.plan.first[columns[0]])
		done += step
	}
	return nil
}

func (b *arrowBatch) fillLists(a arrow.Array, j, from, n, row int, m *matrix) error {
	c := b.plan.columns[j]
	first, w := b.plan.first[j], c.width
	lists, ok := a.(array.ListLike)
	if !ok {
		return fmt.Errorf("column %q holds no lists", c.name)
	}
	for i := range n {
		start, end, err := listRange(a, from+i)
		if err != nil {
			return fmt.Errorf("column %q: %w", c.name, err)
		}
		if end-start != w || a.IsNull(from+i) {
			return &Error{File: m.file, Row: m.row + int64(row+i) + 1, Column: c.name,
				Problem: fmt.Sprintf("the list is missing or has %d values, the first one has %d", end-start, w),
				Fix: option.Do("features need lists of one length").
					Or("if the column holds none, leave it out with %s", "Ignore")}
		}
		to := m.x[(row+i)*m.width+first:][:w]
		if err := arrowNumbers(to, lists.ListValues(), start); err != nil {
			return m.located(fmt.Errorf("column %q: %w", c.name, err), row+i, c.name, w)
		}
		if !allFinite(to) {
			m.look(row+i, 1, first, w)
		}
	}
	return nil
}

func (b *arrowBatch) fillTexts(s *batchScratch, a arrow.Array, from int, dst []string, name string) error {
	if from+len(dst) > a.Len() {
		return fmt.Errorf("column %q has %d values of %d", name, a.Len(), from+len(dst))
	}
	for i := range dst {
		text, err := arrowText(a, from+i)
		if err == nil && !utf8.ValidString(text) {
			err = fmt.Errorf("the text %q is not UTF-8", shorten(text))
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", name, err)
		}
		// A copy: the text lies in the memory of the batch.
		if known, ok := s.labels[text]; ok {
			dst[i] = known
			continue
		}
		dst[i] = strings.Clone(text)
		if len(s.labels) < 1<<16 {
			s.labels[dst[i]] = dst[i]
		}
	}
	return nil
}
