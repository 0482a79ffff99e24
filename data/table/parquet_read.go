package table

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/go-siamese/lab/data/parallel"
)

// readAll reads all row groups: every worker takes a tile of a row group at a time.
func (p *parquetFile) readAll(ctx context.Context, m *matrix, t *texts) error {
	type task struct {
		tile  tile
		group int
		row   int
	}
	var tasks []task
	tiles := p.tiles()
	row := 0
	for g := range p.reader.NumRowGroups() {
		for _, t := range tiles {
			tasks = append(tasks, task{t, g, row})
		}
		row += int(p.reader.RowGroup(g).NumRows())
	}
	done := 0
	tell := teller(p.opt, row)
	return runTasks(ctx, p.in.name, len(tasks), newScratch, func(s *scratch, k int) error {
		group := p.reader.RowGroup(tasks[k].group)
		o, err := p.open(tasks[k].tile, group, s)
		if err == nil {
			err = o.readRows(ctx, int(group.NumRows()), tasks[k].row, m, t)
		}
		return errors.Join(err, o.close())
	}, func() error {
		done++
		return tell(int(int64(row) * int64(done) / int64(len(tasks))))
	})
}

// readRows is read in steps between which ctx is looked at.
func (o *openTile) readRows(ctx context.Context, n, row int, m *matrix, t *texts) error {
	for from := 0; from < n; from += 8 * tileRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := o.read(min(8*tileRows, n-from), row+from, m, t); err != nil {
			return err
		}
	}
	return nil
}

// runTasks runs tasks 0 to n-1 on all cores and returns the first error. Every worker has a memory of its own, made by
// fresh. after is called, one at a time, after every task that succeeds. A panic becomes an error of the file.
func runTasks[S any](ctx context.Context, file string, n int, fresh func() *S, run func(s *S, k int) error,
	after func() error) error {
	var mu sync.Mutex
	own := make([]*S, runtime.GOMAXPROCS(0)) // by worker
	return parallel.Each(ctx, n, len(own), func(w, k int) (err error) {
		defer guard(file, &err)
		if own[w] == nil {
			own[w] = fresh()
		}
		if err := run(own[w], k); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		return after()
	})
}
