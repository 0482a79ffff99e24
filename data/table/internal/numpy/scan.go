package numpy

import (
	"bufio"
	"context"
	"fmt"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// scanNPY reads the rows of an array in C order, as many at a time as
// [reading.RowsPerBatch] says, and needs memory for those alone. The array must begin where
// the header ends; what follows it is not looked at.
func scanNPY(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	r := bufio.NewReaderSize(in.Reader(), 1<<18)
	h, p, err := planNPY(in, r, opt)
	if err != nil {
		return err
	}
	if h.fortran && h.shape[1] > 1 {
		return &tableerr.Error{File: in.Name,
			Problem: "the array lies column by column (Fortran order), so that it cannot be read a row at a time",
			Fix:     option.Do("use Open, or save it with numpy.ascontiguousarray")}
	}
	rows, step := h.shape[0], reading.RowsPerBatch(opt, len(p.Features))
	for from := 0; from < rows; from += step {
		n := min(step, rows-from)
		part := h
		// A part of the rows is an array of its own to readMatrix.
		part.shape = []int{n, h.shape[1]}
		// A part is bounded like a whole table: nothing else bounds opt.BatchRows.
		if err := reading.Admit(opt, in.Name, in.Size, int64(n), p); err != nil {
			return err
		}
		m := reading.NewMatrix(in.Name, n, p.Features, opt.AllowMissing)
		// Errors count rows from the beginning of the file.
		m.Row = int64(from)
		if err := part.readMatrix(ctx, r, m, 0, func(int) error { return nil }); err != nil {
			return tableerr.Damaged(in.Name, fmt.Errorf("after row %d: %w", from, err))
		}
		m.Check()
		f, err := p.Part(m, reading.Texts{}, int64(from), n)
		if err == nil {
			err = yield(f)
		}
		if err == nil {
			err = reading.Teller(opt, rows)(from + n)
		}
		if err != nil {
			return err
		}
	}
	return reading.NoRows(in.Name, int64(rows))
}
