package table

import (
	"bufio"
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/option"
)

// scanNPY reads the rows of an array in C order.
func scanNPY(ctx context.Context, in *input, opt *Options, yield yielder) error {
	r := bufio.NewReaderSize(in.reader(), 1<<18)
	h, p, err := planNPY(in, r, opt)
	if err != nil {
		return err
	}
	if h.fortran && h.shape[1] > 1 {
		return &Error{File: in.name, Problem: "the array lies column by column (Fortran order), so that it cannot be read a row at a time", Fix: option.Do("use Open, or save it with numpy.ascontiguousarray")}
	}
	rows, step := h.shape[0], rowsPerBatch(opt, len(p.features))
	for from := 0; from < rows; from += step {
		n := min(step, rows-from)
		part := h
		part.shape = []int{n, h.shape[1]}
		if err := admit(opt, in.name, in.size, int64(n), p); err != nil {
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
			err = teller(opt, rows)(from + n)
		}
		if err != nil {
			return err
		}
	}
	return noRows(in.name, int64(rows))
}
