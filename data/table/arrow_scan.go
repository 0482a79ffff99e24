package table

import (
	"context"
	"errors"
	"io"
)

func scanArrowFile(ctx context.Context, in *input, opt *Options, yield yielder) error {
	s, err := arrowFile(in, opt)
	if err != nil {
		return err
	}
	return s.scan(ctx, in, opt, yield)
}

func scanArrowStream(ctx context.Context, in *input, opt *Options, yield yielder) error {
	s, err := arrowStream(in, opt)
	if err != nil {
		return err
	}
	return s.scan(ctx, in, opt, yield)
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
		step := rowsPerBatch(opt, len(b.plan.features))
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
				err = teller(opt, 0)(int(seen) + n)
			}
			if err != nil {
				return err
			}
			seen += int64(n)
		}
	}
}
