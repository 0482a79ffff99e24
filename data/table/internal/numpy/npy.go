// Package numpy reads and writes arrays of NumPy: NPY files and NPZ archives. Pickled objects are refused.
package numpy

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
)

// NPY is a file of one array, as numpy.save writes it.
var NPY = reading.Format{
	Name: "NPY", Is: reading.Begins(magic), Open: openNPY, Scan: scanNPY,
	Write: map[string]reading.Writer{".npy": WriteNPY},
}

// openNPY reads a single array of features.
func openNPY(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	counted := &countingReader{r: in.Reader()}
	r := bufio.NewReaderSize(counted, 1<<16)
	h, p, err := planNPY(in, r, opt)
	if err != nil {
		return nil, nil, err
	}
	rows := h.shape[0]
	at := counted.n - int64(r.Buffered())
	if have, want := in.Size-at, int64(h.values())*int64(h.size); have != want {
		problem := "the file is cut off"
		if have > want {
			problem = "the header lies, or something is appended"
		}
		return nil, nil, &tableerr.Error{File: in.Name,
			Problem: fmt.Sprintf("%s: %d bytes follow the header, and an array of shape %v of %s has %d", problem,
				have, h.shape, h.typ(), want), Fix: option.Do("write or copy it again")}
	}
	if err := reading.Admit(opt, in.Name, in.Size, int64(rows), p); err != nil {
		return nil, nil, err
	}
	m := reading.NewMatrix(in.Name, rows, p.Features, opt.AllowMissing)
	// Past the buffer: an array is read straight to its place.
	body := io.NewSectionReader(in, at, in.Size-at)
	if err := h.readMatrix(ctx, body, m, 0, reading.Teller(opt, rows)); err != nil {
		return nil, nil, tableerr.Damaged(in.Name, err)
	}
	m.Check()
	f, err := p.Finish(m, reading.Texts{})
	if err != nil {
		return nil, nil, err
	}
	return f, reading.Explain(p, "NPY", f, m.NaN, m.Inf), nil
}

// planNPY reads the header of an NPY file of features.
func planNPY(in *reading.Input, r io.Reader, opt *reading.Options) (header, *reading.Plan, error) {
	h, err := readHeader(r)
	if err != nil {
		return h, nil, &tableerr.Error{File: in.Name, Problem: err.Error()}
	}
	c, problem := h.column("features")
	switch {
	case problem == "" && len(h.shape) == 1:
		problem = "the array has one dimension: that is one feature, or labels; " +
			"for features save it with the shape (N, 1), for labels use JoinLabels"
	case problem == "" && c.Kind != reading.Numbers:
		problem = "the array holds text; features are numbers"
	case problem == "" && c.Width == 0:
		problem = "the array has no columns"
	}
	if problem != "" {
		return h, nil, &tableerr.Error{File: in.Name, Problem: problem}
	}
	p, err := reading.NewPlan(in.Name, []reading.Column{c}, opt, reading.Hints{})
	return h, p, err
}

type countingReader struct {
	r io.Reader
	n int64
}

// Read counts what it reads.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
