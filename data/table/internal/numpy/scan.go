package numpy

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// scanNPY reads the rows of an array in C order, as many at a time as
// [reading.RowsPerBatch] says, and needs memory for those alone.
func scanNPY(ctx context.Context, in *reading.Input, opt *reading.Options, yield reading.Yielder) error {
	h, at, p, err := planNPY(in, opt)
	if err != nil {
		return err
	}
	r := bufio.NewReaderSize(io.NewSectionReader(in, at, in.Size-at), 1<<18)
	whole := reading.NewAccount(in, opt)
	account := whole.Part() // of a frame
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
		if err := account.Rows(p, int64(n)); err != nil {
			return err
		}
		m := reading.NewMatrix(in.Name, n, p.Features, opt.AllowMissing)
		// Errors count rows from the beginning of the file.
		m.Row = int64(from)
		if err := part.readMatrix(ctx, r, m, 0, account, func(int) error { return nil }); err != nil {
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
		account.Close()
	}
	return reading.NoRows(in.Name, int64(rows))
}
