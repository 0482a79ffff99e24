package arrowipc

import (
	"context"
	"errors"
	"io"

	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// scanFile yields the rows of a file, for [File].
func scanFile(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	s, err := openFile(in, opt)
	if err != nil {
		return err
	}
	return s.scan(ctx, yield)
}

// scanStream yields the rows of a stream, for [Stream].
func scanStream(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	s, err := openStream(in, opt)
	if err != nil {
		return err
	}
	return s.scan(ctx, yield)
}

// scan yields the rows of every batch, in parts where it has too many, and closes s. A part
// never has rows of two batches. Memory holds one batch and one part.
func (s *source) scan(ctx context.Context, yield reading.Yielder) error {
	defer s.close()
	var b *batchReader
	seen := int64(0)
	tell := reading.Teller(s.opt, int(s.rows))
	part := s.account.Part() // of a frame
	for {
		batch, err := s.next()
		if errors.Is(err, io.EOF) {
			return reading.NoRows(s.in.Name, seen)
		}
		if err != nil {
			return tableerr.Damaged(s.in.Name, err)
		}
		rows := int(batch.NumRows())
		// Says nothing of the width of lists.
		if rows == 0 {
			continue
		}
		if b == nil {
			if b, err = newBatchReader(s, batch); err != nil {
				return tableerr.Damaged(s.in.Name, err)
			}
		}
		// A batch may be the whole file, as pandas writes it: it is divided.
		step := reading.RowsPerBatch(s.opt, len(b.plan.Features))
		for from := 0; from < rows; from += step {
			n := min(step, rows-from)
			if err := part.Rows(b.plan, int64(n)); err != nil {
				return err
			}
			m := reading.NewMatrix(s.in.Name, n, b.plan.Features, s.opt.AllowMissing)
			m.Row = seen
			t := b.plan.MakeTexts(n)
			if err := b.fill(ctx, batch, from, n, 0, m, &t, part); err != nil {
				return tableerr.Damaged(s.in.Name, err)
			}
			f, err := b.plan.Part(m, t, seen, n)
			if err == nil {
				err = yield(f)
			}
			if err == nil {
				err = tell(int(seen) + n)
			}
			if err != nil {
				return err
			}
			part.Close()
			seen += int64(n)
		}
	}
}
