package table

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
)

// input is an open file.
type input struct {
	name string
	size int64
	io.ReaderAt
}

func (in *input) reader() io.Reader { return io.NewSectionReader(in, 0, in.size) }

var npyFormat = format{
	name: "NPY", is: begins(npyMagic), open: openNPY, scan: scanNPY,
	write: map[string]writer{".npy": WriteNPY},
}

// openNPY reads a single array of features.
func openNPY(ctx context.Context, in *input, opt *Options) (*data.Frame, *Explanation, error) {
	counted := &countingReader{r: in.reader()}
	r := bufio.NewReaderSize(counted, 1<<16)
	h, p, err := planNPY(in, r, opt)
	if err != nil {
		return nil, nil, err
	}
	rows := h.shape[0]
	at := counted.n - int64(r.Buffered())
	if have, want := in.size-at, int64(h.values())*int64(h.size); have != want {
		problem := "the file is cut off"
		if have > want {
			problem = "the header lies, or something is appended"
		}
		return nil, nil, &Error{File: in.name, Problem: fmt.Sprintf("%s: %d bytes follow the header, and an array of shape %v of %s has %d", problem, have, h.shape, h.typ(), want), Fix: option.Do("write or copy it again")}
	}
	if err := admit(opt, in.name, in.size, int64(rows), p); err != nil {
		return nil, nil, err
	}
	m := newMatrix(in.name, rows, p.features, opt.AllowMissing)
	// Past the buffer: an array is read straight to its place.
	body := io.NewSectionReader(in, at, in.size-at)
	if err := h.readMatrix(ctx, body, m, 0, teller(opt, rows)); err != nil {
		return nil, nil, damaged(in.name, err)
	}
	m.check()
	f, err := p.finish(m, texts{})
	if err != nil {
		return nil, nil, err
	}
	return f, explain(p, "NPY", f, m.nan, m.inf), nil
}

// planNPY reads the header of an NPY file of features.
func planNPY(in *input, r io.Reader, opt *Options) (npyHeader, *plan, error) {
	h, err := readNPYHeader(r)
	if err != nil {
		return h, nil, &Error{File: in.name, Problem: err.Error()}
	}
	c, problem := h.column("features")
	switch {
	case problem == "" && len(h.shape) == 1:
		problem = "the array has one dimension: that is one feature, or labels; for features save it with the shape (N, 1), for labels use JoinLabels"
	case problem == "" && c.kind != numbers:
		problem = "the array holds text; features are numbers"
	case problem == "" && c.width == 0:
		problem = "the array has no columns"
	}
	if problem != "" {
		return h, nil, &Error{File: in.name, Problem: problem}
	}
	p, err := newPlan(in.name, []column{c}, opt, hints{})
	return h, p, err
}

// teller returns what a reader calls with the rows that are done.
func teller(o *Options, total int) func(rows int) error {
	return func(rows int) error {
		if o.Progress == nil {
			return nil
		}
		if err := o.Progress(int64(rows), int64(total)); err != nil {
			return &stopped{err}
		}
		return nil
	}
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
