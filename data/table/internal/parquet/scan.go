package parquet

import (
	"context"
	"errors"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// scan yields the rows of one row group after the other. A frame ends where its group ends.
// It keeps a reader open on every column of a row group, with a page each: memory for a
// page of all columns, but not for a row group.
func scan(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	p, err := open(in, opt)
	if err != nil {
		return err
	}
	step := reading.RowsPerBatch(opt, len(p.plan.Features))
	tell := reading.Teller(opt, int(p.rows))
	seen := int64(0)
	for g := range p.reader.NumRowGroups() {
		err := p.scanGroup(ctx, g, step, &seen, func(m *reading.Matrix, t reading.Texts, n int) error {
			f, err := p.plan.Part(m, t, seen, n)
			if err == nil {
				err = yield(f)
			}
			if err == nil {
				err = tell(int(seen) + n)
			}
			return err
		})
		if err != nil {
			return tableerr.Damaged(in.Name, err)
		}
	}
	return reading.NoRows(in.Name, seen)
}

// scanGroup calls each with at most step rows of group g at a time, in memory that each may
// keep, and adds them to *seen afterwards. The tiles of a part are decoded on all cores;
// the parts follow each other.
func (p *source) scanGroup(ctx context.Context, g, step int, seen *int64, each func(m *reading.Matrix,
	t reading.Texts, n int) error) (err error) {
	group := p.reader.RowGroup(g)
	part := p.account.Part() // of a frame
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
		// The last part of a group may have fewer rows; groups are not joined.
		n := min(step, left)
		if err := part.Rows(p.plan, int64(n)); err != nil {
			return err
		}
		m := reading.NewMatrix(p.in.Name, n, p.plan.Features, p.opt.AllowMissing)
		m.Row = *seen
		t := p.plan.MakeTexts(n)
		err := columnar.Run(ctx, p.in.Name, len(open), newScratch, func(s *scratch, k int) error {
			// A worker's memory serves any tile, since nothing in it outlives a call.
			for _, l := range open[k].leaves {
				l.scratch, l.account = s, part
			}
			return open[k].read(n, 0, m, &t)
		}, func() error { return nil })
		if err != nil {
			return err
		}
		if err := each(m, t, n); err != nil {
			return err
		}
		part.Close()
		*seen += int64(n)
		left -= n
	}
	return nil
}
