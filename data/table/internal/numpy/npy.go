// Package numpy reads and writes arrays of NumPy: NPY files of one array, [NPY], and NPZ
// archives of several, [NPZ].
//
// An NPY file holds features only; in an archive, arrays become ids, labels and domains by
// their names (npz_plan.go). Values of every real type become float32. The header is a
// Python literal, which is parsed and never evaluated. Pickled objects, which can run code,
// and structured, complex and date arrays are refused.
package numpy

import (
	"context"
	"fmt"
	"io"

	"github.com/go-siamese/lab/data"
	"github.com/go-siamese/lab/data/option"
	"github.com/go-siamese/lab/data/table/internal/reading"
	"github.com/go-siamese/lab/data/table/internal/tableerr"
	"github.com/go-siamese/lab/data/table/internal/writing"
)

// NPY is a file of one array, as numpy.save writes it. It may be scanned when it is in C
// order.
var NPY = reading.Format{
	Name: "NPY", Is: reading.Begins(magic), Open: openNPY, Scan: scanNPY,
	Write:   map[string]reading.Writer{".npy": WriteNPY},
	WriteAs: map[string]func(io.Writer, *data.Frame, writing.Number) error{".npy": writeNPY},
}

// openNPY reads a single array of features, of shape [N, F]. The size of the file must be
// exactly that of the array: before anything is reserved for the values, and because what
// follows an array was written by a mistake.
func openNPY(ctx context.Context, in *reading.Input, opt *reading.Options) (*data.Frame, *reading.Explanation, error) {
	h, at, p, err := planNPY(in, opt)
	if err != nil {
		return nil, nil, err
	}
	rows := h.shape[0]
	// The size of the file bounds the bytes, not the float32 made of them: values of one
	// byte take four.
	account := reading.NewAccount(in, opt)
	if err := account.Rows(p, int64(rows)); err != nil {
		return nil, nil, err
	}
	m := reading.NewMatrix(in.Name, rows, p.Features, opt.AllowMissing)
	t := p.MakeTexts(rows)
	if err := h.readRows(ctx, io.NewSectionReader(in, at, in.Size-at), p, m, &t, account,
		reading.Teller(opt, rows)); err != nil {
		return nil, nil, tableerr.Damaged(in.Name, err)
	}
	// readMatrix does not look at values, because most of them never pass through its
	// hands.
	m.Check()
	f, err := p.Finish(m, t)
	if err != nil {
		return nil, nil, err
	}
	return f, reading.Explain(p, "NPY", f, m.NaN, m.Inf, m.Lost), nil
}

// readRows reads the array of an NPY file into m and, of a structured one, t: as many rows as its shape has, which is
// that of the file or, in a scan, of a part of it. r stands at the first of them.
func (h header) readRows(ctx context.Context, r io.Reader, p *reading.Plan, m *reading.Matrix, t *reading.Texts,
	account *reading.Account, tell func(rows int) error) error {
	if h.fields != nil {
		return h.readRecords(ctx, r, p, h.shape[0], m, t, account, tell)
	}
	return h.readMatrix(ctx, r, m, 0, account, tell)
}

// planNPY reads the header of an NPY file of features, and returns where the values begin. The
// file must end with them. The features are called features/0, features/1, …, since an array has no names. An
// array of one dimension is refused: it cannot be known whether it is a feature or the
// labels.
func planNPY(in *reading.Input, opt *reading.Options) (h header, at int64, p *reading.Plan, err error) {
	counted := &countingReader{r: in.Reader()}
	if h, err = readHeader(counted); err != nil {
		return h, 0, nil, &tableerr.Error{File: in.Name, Problem: err.Error()}
	}
	if h.fields != nil {
		if p, err = h.planStructured(in, opt); err == nil {
			err = h.checkEnd(in, counted.n)
		}
		if err != nil {
			return h, 0, nil, err
		}
		h.shape = h.shape[:1]
		return h, counted.n, p, nil
	}
	// All columns come from one array; its name is the prefix of theirs.
	c, problem := h.column("features")
	switch {
	case problem == "" && len(h.shape) == 1:
		problem = "the array has one dimension: that is one feature, or labels; " +
			"for features save it with the shape (N, 1), for labels use JoinLabels"
	case problem == "" && h.unit != 0:
		problem = "the array holds dates or durations; features are numbers"
	case problem == "" && c.Kind != reading.Numbers:
		problem = "the array holds text; features are numbers"
	case problem == "" && c.Width == 0:
		problem = "the array has no columns"
	}
	if problem != "" {
		return h, 0, nil, &tableerr.Error{File: in.Name, Problem: problem}
	}
	if p, err = reading.NewPlan(in.Name, []reading.Column{c}, opt, reading.Hints{}); err != nil {
		return h, 0, nil, err
	}
	if err := h.checkEnd(in, counted.n); err != nil {
		return h, 0, nil, err
	}
	return h, counted.n, p, nil
}

// checkEnd refuses a file that does not end with the values, which begin at that place. A shorter
// one was copied in part. A longer one may hold a second array (numpy.save called twice on one
// file), of which nothing says whether it is wanted.
func (h header) checkEnd(in *reading.Input, at int64) error {
	have, want := in.Size-at, int64(h.values())*int64(h.size)
	if have == want {
		return nil
	}
	problem := "the file is cut off"
	if have > want {
		problem = "the header lies, or something is appended"
	}
	return &tableerr.Error{File: in.Name,
		Problem: fmt.Sprintf("%s: %d bytes follow the header, and an array of shape %v of %s has %d", problem,
			have, h.shape, h.typ(), want), Fix: option.Do("write or copy it again")}
}

// planStructured plans by the fields of a structured array, which has one record for every item.
func (h header) planStructured(in *reading.Input, opt *reading.Options) (*reading.Plan, error) {
	if len(h.shape) != 1 && (len(h.shape) != 2 || h.shape[1] != 1) {
		return nil, &tableerr.Error{File: in.Name, Problem: fmt.Sprintf("the structured array has the shape %v",
			h.shape), Fix: option.Do("save it with one record for every item, for instance with reshape(-1)")}
	}
	return planRecords(in, h, opt)
}

// countingReader counts in n the bytes that were read from r.
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
