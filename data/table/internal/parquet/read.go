package parquet

import (
	"context"
	"errors"

	"github.com/go-siamese/lab/data/table/internal/columnar"
	"github.com/go-siamese/lab/data/table/internal/reading"
)

// readAll reads all row groups into m and t, which have room for all rows: every worker
// takes a tile of a row group at a time. Both are divided because files differ: some have
// one row group, others hundreds of few rows. Which worker takes what does not matter to
// the result. The first error stops all.
func (p *source) readAll(ctx context.Context, m *reading.Matrix, t *reading.Texts) error {
	type task struct {
		tile  tile
		group int
		row   int
	}
	var tasks []task
	tiles := p.tiles()
	row := 0
	// Tasks are in the order of the file: neighbours in time are neighbours on disk.
	for g := range p.reader.NumRowGroups() {
		for _, t := range tiles {
			tasks = append(tasks, task{t, g, row})
		}
		row += int(p.reader.RowGroup(g).NumRows())
	}
	// Counted under the lock of columnar.Run.
	done := 0
	tell := reading.Teller(p.opt, row)
	return columnar.Run(ctx, p.in.Name, len(tasks), newScratch, func(s *scratch, k int) error {
		group := p.reader.RowGroup(tasks[k].group)
		o, err := p.open(tasks[k].tile, group, s)
		if err == nil {
			err = o.readRows(ctx, int(group.NumRows()), tasks[k].row, m, t)
		}
		// o is never nil, and open returns its columns also with an error.
		return errors.Join(err, o.close())
	}, func() error {
		done++
		return tell(int(int64(row) * int64(done) / int64(len(tasks))))
	})
}

// readRows is read for a whole row group in steps, with a check of ctx before each: a
// column of a large group takes long.
func (o *openTile) readRows(ctx context.Context, n, row int, m *reading.Matrix, t *reading.Texts) error {
	for from := 0; from < n; from += 8 * columnar.TileRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.read(min(8*columnar.TileRows, n-from), row+from, m, t); err != nil {
			return err
		}
	}
	return nil
}
