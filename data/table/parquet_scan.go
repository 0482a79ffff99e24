package table

import (
	"context"
	"errors"
)

// scanParquet keeps a reader open on every column of a row group.
func scanParquet(ctx context.Context, in *input, opt *Options, yield yielder) error {
	p, err := newParquet(in, opt)
	if err != nil {
		return err
	}
	step := rowsPerBatch(opt, len(p.plan.features))
	tell := teller(opt, int(p.rows))
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

// scanGroup calls each with at most step rows of a group at a time.
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
		err := runTasks(ctx, p.in.name, len(open), newScratch, func(s *scratch, k int) error {
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
