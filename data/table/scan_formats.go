package table

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
)

// scanParquet keeps a reader open on every column of a row group.
func scanParquet(ctx context.Context, in *input, opt *Options, yield yielder) error {
	p, err := newParquet(in, opt)
	if err != nil {
		return err
	}
	step := opt.batchRows(len(p.plan.features))
	tell := opt.teller(int(p.rows))
	seen := int64(0)
	for g := range p.reader.NumRowGroups() {
		err := p.scanGroup(ctx, g, step, &seen, func(m *matrix, t texts, n int) error {
			f, err := p.plan.part(m, t, seen, n)
			if err == nil {
				err = yield(f)
			}
			if err == nil {
				err = tell(int(seen) + n)
			}
			return err
		})
		if err != nil {
			return damaged(in.name, err)
		}
	}
	return noRows(in.name, seen)
}

func noRows(file string, seen int64) error {
	if seen > 0 {
		return nil
	}
	return &Error{File: file, Problem: "the table has no rows", Fix: "write an item at least"}
}

func (p *parquetFile) scanGroup(ctx context.Context, g, step int, seen *int64, each func(m *matrix, t texts, n int) error) (err error) {
	group := p.reader.RowGroup(g)
	var open []*openTile
	defer func() {
		for _, o := range open {
			err = errors.Join(err, o.close())
		}
	}()
	for _, t := range p.tiles() {
		o, err := p.open(t, group, nil)
		open = append(open, o)
		if err != nil {
			return err
		}
	}
	for left := int(group.NumRows()); left > 0; {
		n := min(step, left)
		m := newMatrix(p.in.name, n, p.plan.features, p.opt.AllowMissing)
		m.row = *seen
		t := p.plan.makeTexts(n)
		err := runTasks(ctx, p.in.name, len(open), func(s *scratch, k int) error {
			// A worker's memory serves any tile.
			for _, l := range open[k].leaves {
				l.scratch = s
			}
			return open[k].read(n, 0, m, &t)
		}, func() error { return nil })
		if err != nil {
			return err
		}
		if err := each(m, t, n); err != nil {
			return err
		}
		*seen += int64(n)
		left -= n
	}
	return nil
}

// scan yields the rows of every batch, in parts where it has too many.
func (s *arrowSource) scan(ctx context.Context, in *input, opt *Options, yield yielder) error {
	defer s.close()
	var b *arrowBatch
	seen := int64(0)
	for {
		batch, err := s.next()
		if errors.Is(err, io.EOF) {
			return noRows(in.name, seen)
		}
		if err != nil {
			return damaged(in.name, err)
		}
		rows := int(batch.NumRows())
		if rows == 0 {
			continue
		}
		if b == nil {
			if b, err = planArrow(in, opt, s.schema, batch); err != nil {
				return damaged(in.name, err)
			}
		}
		step := opt.batchRows(len(b.plan.features))
		for from := 0; from < rows; from += step {
			n := min(step, rows-from)
			m := newMatrix(in.name, n, b.plan.features, opt.AllowMissing)
			m.row = seen
			t := b.plan.makeTexts(n)
			if err := b.fill(ctx, batch, from, n, 0, m, &t); err != nil {
				return damaged(in.name, err)
			}
			f, err := b.plan.part(m, t, seen, n)
			if err == nil {
				err = yield(f)
			}
			if err == nil {
				err = opt.teller(0)(int(seen) + n)
			}
			if err != nil {
				return err
			}
			seen += int64(n)
		}
	}
}

// scanNPY reads the rows of an array in C order.
func scanNPY(ctx context.Context, in *input, opt *Options, yield yielder) error {
	r := bufio.NewReaderSize(in.reader(), 1<<18)
	h, p, err := planNPY(in, r, opt)
	if err != nil {
		return err
	}
	if h.fortran && h.shape[1] > 1 {
		return &Error{File: in.name, Problem: "the array lies column by column (Fortran order), so that it cannot be read a row at a time", Fix: "use Open, or save it with numpy.ascontiguousarray"}
	}
	rows, step := h.shape[0], opt.batchRows(len(p.features))
	for from := 0; from < rows; from += step {
		n := min(step, rows-from)
		part := h
		part.shape = []int{n, h.shape[1]}
		if err := opt.admit(in.name, in.size, int64(n), p); err != nil {
			return err
		}
		m := newMatrix(in.name, n, p.features, opt.AllowMissing)
		m.row = int64(from)
		if err := part.readMatrix(ctx, r, m, 0, func(int) error { return nil }); err != nil {
			return damaged(in.name, fmt.Errorf("after row %d: %w", from, err))
		}
		m.check()
		f, err := p.part(m, texts{}, int64(from), n)
		if err == nil {
			err = yield(f)
		}
		if err == nil {
			err = opt.teller(rows)(from + n)
		}
		if err != nil {
			return err
		}
	}
	return noRows(in.name, int64(rows))
}
